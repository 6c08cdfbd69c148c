"""One measured run of load against one proxy: by linkspan_loadgen (`saturated`) or by wrk."""

import dataclasses
import json
import math
import pathlib
import socket
import statistics
import time

from figures import BenchError

from .proxies import key_of, route_path
from .system import CpuTime, Quiet, cpu_time, memory_mib

CONNECTIONS = 64
WARMUP_SECONDS = 0.3
GRACE_SECONDS = 30
QUIET = 0.08  # foreign work, in cores, below which a round counts as undisturbed: kernel threads and rounding stay below

WRK_SCRIPT = """local requests, at = {}, 0
function init()
  for key in io.lines("@KEYS@") do
    requests[#requests + 1] = wrk.format("GET", "@PATH@", {["X-Api-Key"] = key, ["Accept"] = "application/json"})
  end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format('\\nRESULT {"requests": %d, "errors": %d, "seconds": %f, "p50_us": %f, "p99_us": %f}\\n',
    summary.requests, e.connect + e.read + e.write + e.status + e.timeout, summary.duration / 1e6,
    latency:percentile(50), latency:percentile(99)))
end
"""


@dataclasses.dataclass(frozen=True)
class Run:
    """What one run showed of one proxy."""
    cpu_us: float        # CPU microseconds per request, all of the proxy's processes
    cpu: CpuTime
    requests: int        # all, outside the measured window too
    per_second: float
    p50_us: float
    p99_us: float
    busy: float          # share of its core that the proxy used
    memory_mib: float
    foreign: float       # work of others on the two cores meanwhile, in cores


def median_of(runs, field):
    return statistics.median(getattr(run, field) for run in runs)


def user_share(runs):
    """User part of the CPU time: from all runs together, as it is sampled by the timer tick."""
    user = sum(run.cpu.user_ticks for run in runs)
    return user / max(1, user + sum(run.cpu.system_ticks for run in runs))


class Lists:
    """Files of API keys and paths for the load generators, made once for each size."""

    def __init__(self, directory):
        self._directory = pathlib.Path(directory)

    def _file(self, name, lines):
        path = self._directory / name
        if not path.exists():
            path.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")
        return path

    def keys(self, count):
        return self._file(f"keys-{count}", map(key_of, range(count)))

    def paths(self, count):
        return self._file(f"paths-{count}", (route_path(i, 42) for i in range(count)))

    def wrk_script(self, keys):
        script = WRK_SCRIPT.replace("@KEYS@", str(self.keys(keys))).replace("@PATH@", route_path(0, 42))
        return self._file(f"wrk-{keys}.lua", script.splitlines())


def saturated(bench, proxy, seconds):
    """The light generator is client and upstream; whatever is measured falls in its window, after its warm-up."""
    setup = proxy.setup
    pids = proxy.pids()
    argv = [bench.loadgen, "--target", proxy.port, "--upstream", setup.upstream_port, "--connections", CONNECTIONS,
            "--warmup", WARMUP_SECONDS, "--duration", seconds, "--body", setup.body_bytes,
            "--keys", bench.lists.keys(setup.keys), "--paths", bench.lists.paths(setup.routes)]
    argv += ["--tls"] if setup.certificate else []
    for pid in pids:
        argv += ["--watch", pid]
    quiet = Quiet(bench, proxy)
    seen = json.loads(bench.processes.run(argv, bench.load_core, seconds + GRACE_SECONDS))
    if seen["errors"]:
        raise BenchError(f"{proxy.name}: {seen['errors']} of {seen['requests']} answers were wrong: {seen['first_error']}")
    cpu = CpuTime(seen["watched_run_ns"], seen["watched_user_ticks"], seen["watched_system_ticks"])
    return make_run(proxy, cpu, seen, quiet)


def under_wrk(bench, proxy, seconds):
    """wrk is the client, nginx the upstream. CPU time is that of the whole run, connecting included."""
    pids = proxy.pids()
    seconds = math.ceil(seconds)
    argv = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", bench.lists.wrk_script(proxy.setup.keys),
            f"http://127.0.0.1:{proxy.port}"]
    quiet = Quiet(bench, proxy)
    before = cpu_time(pids)
    output = bench.processes.run(argv, bench.load_core, seconds + GRACE_SECONDS)
    cpu = cpu_time(pids) - before
    seen = json.loads(output.rpartition("RESULT ")[2])
    if seen["errors"] or not seen["requests"]:
        raise BenchError(f"{proxy.name}: {seen['errors']} errors in {seen['requests']} requests under wrk")
    return make_run(proxy, cpu, seen, quiet)


def make_run(proxy, cpu, seen, quiet):
    return Run(cpu_us=cpu.run_ns / 1e3 / seen["requests"], cpu=cpu, requests=seen.get("all_requests", seen["requests"]),
               per_second=seen["requests"] / seen["seconds"], p50_us=seen["p50_us"], p99_us=seen["p99_us"],
               busy=cpu.run_ns / 1e9 / seen["seconds"], memory_mib=memory_mib(proxy.pids()), foreign=quiet.foreign_share())


def checked(bench, load, proxy, seconds):
    """A run that also proves that the proxy counted and logged every request."""
    counted = proxy.requests_counted()
    proxy.empty_log()
    run = load(bench, proxy, seconds)
    if proxy.requests_counted() - counted < run.requests:
        raise BenchError(f"{proxy.name}: its metrics missed requests under load")
    proxy.check_logged(run.requests)
    proxy.empty_log()
    return run


def interleave(bench, load, proxies, title, finer=1):
    """Runs the load on each proxy in turn, for all rounds; one list of runs for each proxy, in the same order. `finer`
    makes that many rounds of one, each as much shorter (but of a second at least): for what differs by a few percent.

    A round during which others used the two cores is repeated, as far as twice the rounds allow; those kept are the
    least disturbed. Whether a round is kept does not depend on what it measured."""
    for proxy in proxies:
        load(bench, proxy, 1)
    wanted = bench.rounds * finer
    seconds = max(1, bench.seconds / finer)
    rounds = []
    while len(rounds) < 2 * wanted and sum(disturbance(one) < QUIET for one in rounds) < wanted:
        rounds.append([checked(bench, load, proxy, seconds) for proxy in proxies])
        bench.progress(f"{title}: round {len(rounds)}: " + ", ".join(
            f"{proxy.name} {run.cpu_us:.1f} us" for proxy, run in zip(proxies, rounds[-1])) + (
                "" if disturbance(rounds[-1]) < QUIET else f" (disturbed: {disturbance(rounds[-1]):.0%} of a core)"))
    kept = sorted(rounds, key=disturbance)[:wanted]
    return [list(own) for own in zip(*kept)]


def disturbance(one_round):
    return max(run.foreign for run in one_round)


def ratio(ours, theirs):
    """Median of the rounds' ratios of CPU per request."""
    return statistics.median(a.cpu_us / b.cpu_us for a, b in zip(ours, theirs))


def idle_growth_mib(proxy, connections):
    """Growth of resident memory by idle keep-alive connections that each made one request before."""
    request = (f"GET {route_path(0, 42)} HTTP/1.1\r\nHost: bench.example\r\n"
               f"X-Api-Key: {key_of(0)}\r\n\r\n").encode()
    opened = []
    try:
        with socket.create_connection(("127.0.0.1", proxy.port), 10) as first:
            for _ in range(200):
                exchange(proxy, first, request)
        time.sleep(0.5)
        before = memory_mib(proxy.pids(), "Rss")
        for _ in range(connections):
            opened.append(socket.create_connection(("127.0.0.1", proxy.port), 10))
            exchange(proxy, opened[-1], request)
        time.sleep(1)
        return memory_mib(proxy.pids(), "Rss") - before
    finally:
        for connection in opened:  # reset, so that no port stays behind in TIME_WAIT
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            connection.close()


def exchange(proxy, connection, request):
    connection.sendall(request)
    answer = connection.recv(65536)
    while answer.count(b"x") < proxy.setup.body_bytes or not answer.endswith(b"x"):
        piece = connection.recv(65536)
        if not piece:
            raise BenchError(f"{proxy.name}: closed a connection that should stay open")
        answer += piece
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise BenchError(f"{proxy.name}: {answer[:40]!r} for a good request")
