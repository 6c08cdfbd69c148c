"""Other programs that run flows, measured beside Linkspan: the same orders, the same demo systems, the same load, in turn.

npm installs them, once, in the exact versions of peer_flows/, without running their install scripts. One that cannot be
had has no figure and a note that says why; nothing here fails the benchmark.
"""

import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import time

from figures import BenchError
from proxybench.system import free_port, wait_for_port

from .measure import PATIENCE_SECONDS, Instance, drive

FLOWS = pathlib.Path(__file__).with_name("peer_flows")
INSTALL_SECONDS = 240
ROUNDS = 3
ANSWER_SECONDS = 30
ORDER = {"customer": {"id": "c-1001", "email": "ada@example.com"}, "lines": [{"sku": "voucher", "qty": 1, "price": 1000}],
         "total": 1000, "currency": "EUR", "cardToken": "tok-1"}


def ask(port, method, path, body=None):
    """Status and value of a JSON answer; None for a value that is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    with contextlib.closing(connection):
        text = None if body is None else json.dumps(body)
        connection.request(method, path, text, {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = response.read()
        try:
            return response.status, json.loads(answer)
        except ValueError:
            return response.status, None


def install(bench, name):
    """The directory that holds the packages of peer_flows/`name`. A BenchError says why they cannot be had."""
    lock = (FLOWS / name / "package-lock.json").read_bytes()
    directory = bench.cache / f"{name}-{hashlib.sha256(lock).hexdigest()[:12]}"
    complete = directory / "installed"
    if not complete.exists():
        if shutil.which("npm") is None:
            raise BenchError("npm is not installed")
        bench.progress(f"installing {name}")
        shutil.rmtree(directory, ignore_errors=True)
        shutil.copytree(FLOWS / name, directory)
        try:
            bench.processes.run(
                ["npm", "ci", "--prefix", directory, "--cache", bench.cache / "npm", "--ignore-scripts", "--no-audit",
                 "--no-fund", "--no-update-notifier"], "0-1", INSTALL_SECONDS)
        except BenchError as error:
            shutil.rmtree(directory)
            code = re.search(r"npm error code (\w+)", str(error))
            raise BenchError(f"npm could not install it ({code.group(1) if code else str(error)[-200:]})") from error
        complete.touch()
    shutil.copytree(FLOWS / name, directory, dirs_exist_ok=True)  # its flow may have changed since
    return directory


class Peer:
    """One of them, running with the systems of a Linkspan."""
    folder = ""       # in peer_flows/
    name = ""
    figure = ""       # the ratio's key
    path = ""         # where it takes an order
    likewise = ""     # where Linkspan does
    least_node = (0,)
    differs = ""      # said with the figure

    def __init__(self, bench, instance):
        self._bench = bench
        self._systems = {name: int(port) for name, port in instance.ports.items()}
        self._packages = install(bench, self.folder)
        self.directory = bench.directory / self.folder
        self.directory.mkdir()
        self._environment = {
            **os.environ, "HOME": str(self.directory), "NODE_ENV": "production",
            **{f"{name.upper()}_URL": f"http://127.0.0.1:{port}" for name, port in self._systems.items()}}
        self._running = []
        try:
            self.port = self._start()
            self._prove()
        except BaseException:
            self.end()
            raise

    def _start(self):
        """Starts it and returns the port that takes orders."""
        raise NotImplementedError

    def _run(self, name, argv, port, **environment):
        log = self.directory / f"{name}.log"
        with open(log, "wb") as output:
            process = self._bench.processes.start(
                argv, "0-1", output, cwd=self._packages, env={**self._environment, **environment})
        self._running.append(process)
        wait_for_port(port, process, name, log)

    def _prove(self):
        """A BenchError unless an order is answered by what the systems then have."""
        order = f"proof-{self.folder}"
        deadline = time.monotonic() + PATIENCE_SECONDS
        status, answer = 0, None
        while status != 200:  # it may listen before it knows its flow
            if time.monotonic() > deadline:
                raise BenchError(f"it answered an order with {status}")
            time.sleep(0.1)
            with contextlib.suppress(OSError, http.client.HTTPException):
                status, answer = ask(self.port, "POST", self.path, {"id": order, **ORDER})
        if not isinstance(answer, dict) or answer.get("order") != order:
            raise BenchError("it did not answer with the order's number")
        self._prove_calls(order, answer)

    def _prove_calls(self, _order, answer):
        if ask(self._systems["mail"], "GET", f"/messages/{answer.get('message')}")[0] != 200:
            raise BenchError("it did not send the order's mail")

    def per_second(self, seconds):
        seen = drive(self._bench, self.directory, self.port, self.path, seconds, timeout_s=ANSWER_SECONDS)
        return seen["requests"] / seen["seconds"]

    def end(self):
        for process in reversed(self._running):
            self._bench.processes.stop(process)


class NodeRed(Peer):
    """Its editor is off; connections to the mail system are kept open."""
    folder, name, figure = "node-red", "Node-RED 4.1", "ratio_node_red"
    path = likewise = "/one"
    least_node = (18, 5)
    differs = "keeps its runs in memory alone and loses those that it accepted when it is killed; it uses one core"

    def _start(self):
        port = free_port()
        self._run("node-red", ["node", "node_modules/node-red/red.js", "-u", self.directory, "-s",
                               self._packages / "settings.js", self._packages / "flow.json"], port, PORT=str(port))
        return port


class Restate(Peer):
    """The server as it is shipped, and a service that makes the calls over connections that it keeps open."""
    folder, name, figure = "restate", "Restate 1.7", "ratio_restate"
    path, likewise = "/orders/three", "/three-answered"
    least_node = (20, 0)
    differs = "is durable, as Linkspan is; both were asked for the run's output, not for its acceptance"

    def _start(self):
        ingress, admin, fabric, service = (free_port() for _ in range(4))
        self._run("service", ["node", "service.mjs"], service, PORT=str(service), RESTATE_LOGGING="ERROR")
        self._run("restate-server", ["node", "node_modules/@restatedev/restate-server/lib/index.js", "--no-logo"], admin,
                  RESTATE_BASE_DIR=str(self.directory / "data"), RESTATE_NODE_NAME="bench", RESTATE_LISTEN_MODE="tcp",
                  RESTATE_BIND_IP="127.0.0.1", RESTATE_BIND_PORT=str(fabric), RESTATE_DISABLE_TELEMETRY="true",
                  RESTATE_ADVERTISED_ADDRESS=f"http://127.0.0.1:{fabric}", RESTATE_LOG_FILTER="warn",
                  RESTATE_INGRESS__BIND_ADDRESS=f"127.0.0.1:{ingress}", RESTATE_ADMIN__BIND_ADDRESS=f"127.0.0.1:{admin}")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if ask(admin, "POST", "/deployments", {"uri": f"http://127.0.0.1:{service}"})[0] in (200, 201):
                    return ingress
            if time.monotonic() > deadline:
                raise BenchError("it did not take the service")
            time.sleep(0.2)

    def _prove_calls(self, order, answer):
        super()._prove_calls(order, answer)
        if len(ask(self._systems["payments"], "GET", f"/charges?reference={order}")[1]["data"]) != 1:
            raise BenchError("it did not charge the order's card once")


KINDS = (NodeRed, Restate)
N8N = ("n8n was not measured: npm cannot install it from a registry alone (one of its packages comes from elsewhere, "
       "and its database driver is made by an install script)")


def node_version():
    """() where there is no node."""
    if shutil.which("node") is None:
        return ()
    told = subprocess.run(["node", "--version"], capture_output=True, text=True, timeout=ANSWER_SECONDS, check=False).stdout
    return tuple(int(part) for part in re.findall(r"\d+", told))


def started(kind, bench, instance, version):
    if not version:
        raise BenchError("node is not installed")
    if version < kind.least_node:
        raise BenchError(f"node is {version[0]}.{version[1]}, older than it takes")
    return kind(bench, instance)


def linkspan_per_second(bench, instance, path, seconds):
    seen = drive(bench, instance.directory, instance.port, path, seconds, timeout_s=ANSWER_SECONDS)
    instance.wait_until_ended()
    return seen["requests"] / seen["seconds"]


def rounds(bench, instance, peer):
    """Rates of Linkspan and the peer, a pair for each round; who is first changes."""
    sides = [lambda seconds: linkspan_per_second(bench, instance, peer.likewise, seconds), peer.per_second]
    for side in sides:
        side(2)  # compiled code, pools and caches
    pairs = []
    for at in range(ROUNDS):
        order = (0, 1) if at % 2 == 0 else (1, 0)
        seen = {side: sides[side](bench.seconds) for side in order}
        pairs.append((seen[0], seen[1]))
    return pairs


def measure_peers(bench, results):
    instance = Instance(bench, "peers")
    instance.start()
    version = node_version()
    for kind in KINDS:
        bench.progress(f"beside {kind.name}")
        peer = None
        try:
            peer = started(kind, bench, instance, version)
            pairs = rounds(bench, instance, peer)
        except (BenchError, OSError, subprocess.SubprocessError, ValueError) as error:
            reason = str(error).strip().splitlines() or [type(error).__name__]
            results.notes.append(f"{kind.name} was not measured: {reason[-1][:300]}")
            continue
        finally:
            if peer:
                peer.end()
        results.figures[kind.figure] = statistics.median(ours / theirs for ours, theirs in pairs)
        ours, theirs = (statistics.median(side) for side in zip(*pairs))
        results.notes.append(f"Beside {kind.name}, which {kind.differs}: {ours:,.0f} answered runs a second to {theirs:,.0f}")
    results.notes.append(N8N)
    instance.end()
