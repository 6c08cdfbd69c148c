"""The real binary with real peers. Every test starts what it needs on free ports of 127.0.0.1 and ends it by its pid."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("LINKSPAN_BUILD_DIR", ROOT / "build"))
BINARY = BUILD / "linkspan"
# Sanitised builds are several times slower; deadlines of tests (never assertions) stretch with them.
PATIENCE = 1 if os.environ.get("LINKSPAN_PRESET", "release") == "release" else 5
SANITIZERS = ("ASAN", "LSAN", "TSAN", "UBSAN")


def wait_until(condition, what, seconds=10.0):
    """Polls until `condition()` is truthy and returns its value; fails the test after a generous time."""
    deadline = time.monotonic() + seconds * PATIENCE
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.01)


def json_lines(text):
    """The records of a log that may be in the middle of a line."""
    return [json.loads(line) for line in text.split("\n")[:-1] if line.startswith("{")]


class Process:
    """A child process whose output goes to files, ended by pid at the end of the test."""

    def __init__(self, argv, directory, name, env=None, **kwargs):
        self.out_path = directory / f"{name}.out"
        self.err_path = directory / f"{name}.err"
        with open(self.out_path, "wb") as out, open(self.err_path, "wb") as err:
            self.child = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=directory, env=env, **kwargs
            )

    @property
    def pid(self):
        return self.child.pid

    def err(self):
        return self.err_path.read_text(errors="replace")

    def out(self):
        return self.out_path.read_text(errors="replace")

    def signal(self, number):
        self.child.send_signal(number)

    def wait(self, seconds=20):
        return self.child.wait(seconds * PATIENCE)

    def kill(self):
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait()


class Reply:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        return json.loads(self.body)

    def header(self, name):
        return self.headers.get(name)


def request(port, method="GET", path="/", headers=None, body=None, timeout=20):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout * PATIENCE)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        response = connection.getresponse()
        return Reply(response.status, response.headers, response.read())
    finally:
        connection.close()


def raw_exchange(port, *pieces, pause=0.0, timeout=20, half_close=False):
    """Sends the pieces one by one and returns all that comes back until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout * PATIENCE) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for piece in pieces:
                client.sendall(piece)
                if pause:
                    time.sleep(pause)
            if half_close:
                client.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass
        received = b""
        while True:
            try:
                data = client.recv(65536)
            except ConnectionResetError:
                break
            if not data:
                break
            received += data
        return received


class Linkspan(Process):
    """`linkspan run` on a config given as text; ports are chosen by the system and read from its log."""

    def __init__(self, directory, config, env=None, name="linkspan", wait=True):
        self.directory = directory
        self.config_path = directory / "linkspan.yaml"
        self.config_path.write_text(config)
        full_env = dict(os.environ, **(env or {}))
        super().__init__([BINARY, "run", "-c", self.config_path.name], directory, name, env=full_env)
        if wait:
            self.wait_ready()

    def log(self):
        """The general log's records."""
        return json_lines(self.err())

    def log_messages(self, message):
        return [r for r in self.log() if r["message"] == message]

    def access_log(self):
        return json_lines(self.out())

    def wait_access(self, count, seconds=10):
        return wait_until(lambda: (lines := self.access_log()) and len(lines) >= count and lines,
                          f"{count} access-log lines", seconds)

    def wait_ready(self):
        def ready():
            assert self.child.poll() is None, f"linkspan ended with {self.child.returncode}:\n{self.err()}"
            return self.log_messages("ready")

        wait_until(ready, "linkspan to be ready", 20)

    def ports(self):
        return [int(r["address"].rsplit(":", 1)[1]) for r in self.log_messages("listening")]

    @property
    def port(self):
        return self.ports()[0]

    @property
    def admin_port(self):
        return int(self.log_messages("admin listening")[0]["address"].rsplit(":", 1)[1])

    def get(self, path, **kwargs):
        return request(self.port, "GET", path, **kwargs)

    def request(self, method, path, **kwargs):
        return request(self.port, method, path, **kwargs)

    def admin(self, path, **kwargs):
        return request(self.admin_port, "GET", path, **kwargs)

    def metric(self, series):
        """The value of one series, written as in the exposition: name{label="value"}."""
        for line in self.admin("/metrics").body.decode().splitlines():
            if line.startswith(series + " "):
                return float(line.rsplit(" ", 1)[1])
        return None

    def wait_metric(self, series, value):
        """Requests are counted once their answers are sent, so a client may come before that."""
        wait_until(lambda: self.metric(series) == value, f"{series} to be {value}")

    def rss_kib(self, field="VmRSS"):
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1])
        raise AssertionError(f"no {field}")

    def forget_peak_rss(self):
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def peak_rss_kib(self):
        return self.rss_kib("VmHWM")

    def rewrite(self, config):
        """Replaces the config file as editors do."""
        fresh = self.config_path.with_suffix(".new")
        fresh.write_text(config)
        fresh.rename(self.config_path)

    def stop(self):
        """The end that a test leaves to the clean-up: orderly, and without a sanitizer's exit status."""
        self.signal(signal.SIGTERM)
        assert self.wait(30) == 0, self.err()

    def generation(self):
        return self.metric("linkspan_config_generation")


class Recorded:
    """A socket that keeps all that it receives."""

    def __init__(self, connection):
        self.connection = connection
        self.received = b""

    def recv(self, size):
        data = self.connection.recv(size)
        self.received += data
        return data

    def __getattr__(self, name):
        return getattr(self.connection, name)


class ScriptedServer:
    """A TCP server whose behaviour is a Python function: script(connection, request_head, number of the request).

    The default reads whole requests (Content-Length bodies) and calls script for each; what it returns (bytes) is sent.
    It may also do as it likes with the connection and return None to end it.
    """

    def __init__(self, script):
        self.script = script
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.listener.getsockname()[1]
        self.requests = []  # heads, as received
        self.bodies = []
        self.recorded = []  # the connections, with every byte that came, understood or not
        self.connections = 0
        self.lock = threading.Lock()
        self.open = set()
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
                self.open.add(connection)
                connection = Recorded(connection)
                self.recorded.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        buffered = b""
        try:
            while True:
                while b"\r\n\r\n" not in buffered:
                    data = connection.recv(65536)
                    if not data:
                        return
                    buffered += data
                head, buffered = buffered.split(b"\r\n\r\n", 1)
                body, buffered = self._read_body(connection, head, buffered)
                if body is None:
                    return
                with self.lock:
                    self.requests.append(head)
                    self.bodies.append(body)
                    number = len(self.requests)
                answer = self.script(connection, head, number)
                if answer is None:
                    return
                connection.sendall(answer)
        except OSError:
            pass
        finally:
            with self.lock:
                self.open.discard(connection.connection)
            connection.close()

    @staticmethod
    def _read_body(connection, head, buffered):
        """The body as it came (chunks and all), and what follows it; None when the connection ended before."""
        if header_of(head, "Transfer-Encoding"):
            end = re.compile(rb"(?:^|\r\n)0+(?:;[^\r\n]*)?\r\n(?:[^\r\n]+\r\n)*\r\n")
            while not (found := end.search(buffered)):
                data = connection.recv(65536)
                if not data:
                    return None, b""
                buffered += data
            return buffered[: found.end()], buffered[found.end() :]
        length = int((header_of(head, "Content-Length") or ["0"])[0])
        while len(buffered) < length:
            data = connection.recv(65536)
            if not data:
                return None, b""
            buffered += data
        return buffered[:length], buffered[length:]

    def received(self):
        """All bytes of all connections so far."""
        with self.lock:
            return b"".join(connection.received for connection in self.recorded)

    def close(self):
        self.listener.close()
        with self.lock:
            for connection in self.open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass


def answer(body=b"hello", status="200 OK", headers=()):
    lines = [f"HTTP/1.1 {status}".encode(), b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def always(body=b"hello", **kwargs):
    reply = answer(body, **kwargs)
    return lambda connection, head, number: reply


def header_of(head, name):
    """The values of a field in a raw request head."""
    values = []
    for line in head.split(b"\r\n")[1:]:
        field, value = line.split(b":", 1)
        if field.lower() == name.lower().encode():
            values.append(value.strip().decode())
    return values


def check_reports(directory):
    """Fails with what sanitizers have written since the last time."""
    reports = []
    for path in sorted(directory.iterdir()):
        reports.append(path.read_text(errors="replace"))
        path.unlink()
    assert not reports, "\n".join(reports)


@pytest.fixture(scope="session", autouse=True)
def sanitizer_reports(tmp_path_factory):
    """Where every sanitised program that a test starts writes its reports, however it ends and whoever reads its output."""
    directory = tmp_path_factory.mktemp("sanitizer")
    for name in SANITIZERS:
        given = os.environ.get(f"{name}_OPTIONS")
        os.environ[f"{name}_OPTIONS"] = (f"{given}:" if given else "") + f"log_path={directory}/{name.lower()}"
    yield directory
    check_reports(directory)  # of what outlives single tests


@pytest.fixture(autouse=True)
def no_sanitizer_report(sanitizer_reports):
    yield
    check_reports(sanitizer_reports)


@pytest.fixture
def processes():
    started = []
    yield started
    for process in started:
        process.kill()


@pytest.fixture
def linkspan(tmp_path, processes):
    """start(config, env=...) -> Linkspan"""

    def start(config, directory=tmp_path, **kwargs):
        process = Linkspan(directory, config, **kwargs)
        processes.append(process)
        return process

    yield start
    for process in processes:
        if isinstance(process, Linkspan):
            if process.child.poll() is None:
                process.stop()
            # Beside AddressSanitizer the other one knows standard error only.
            assert "runtime error: " not in process.err(), process.err()


@pytest.fixture
def server():
    """make(script) -> ScriptedServer"""
    made = []

    def make(script=None):
        made.append(ScriptedServer(script or always()))
        return made[-1]

    yield make
    for each in made:
        each.close()


_closed = []  # bound as long as the tests run, so that the system gives these ports to nobody else


def closed_port():
    """A port on which nobody listens."""
    _closed.append(socket.socket())
    _closed[-1].bind(("127.0.0.1", 0))
    return _closed[-1].getsockname()[1]


def refuses(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=20 * PATIENCE).close()
    except ConnectionRefusedError:
        return True
    return False


def free_port():
    """A port on which nobody listens yet. The TIME-WAIT of a connection keeps the system from giving it to others who ask
    for any port, but not somebody who names it from listening on it."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as client:
        listener.accept()[0].close()  # the side that closes first is the one that waits
        assert client.recv(1) == b""
        return listener.getsockname()[1]


# One open endpoint in front of the given servers; `api` and `more` are further YAML.
def simple_config(*ports, api="", endpoint="", more=""):
    servers = ", ".join(f"http://127.0.0.1:{port}" for port in ports)
    return f"""
listen: http://127.0.0.1:0
admin: http://127.0.0.1:0
workers: 1
apis:
  backend:
    servers: [{servers}]
{api}
endpoints:
  all:
    path: /{{rest...}}
    proxy: {{ api: backend }}
{endpoint}
{more}
"""
