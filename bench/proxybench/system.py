"""The machine: cores, free ports, processes that are always ended, their CPU time and memory."""

import contextlib
import dataclasses
import os
import re
import resource
import signal
import socket
import subprocess
import time

from figures import BenchError


STOP_SECONDS = 10


def cores():
    """The core for the proxy and the core for load and upstream, or None on a machine with a single core."""
    usable = sorted(os.sched_getaffinity(0))
    return (usable[0], usable[1]) if len(usable) > 1 else None


def raise_descriptor_limit():
    """Soft limit to the hard one, for this process and those that it starts. Returns the limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def free_port(_given=set()):  # pylint: disable=dangerous-default-value
    """A port on 127.0.0.1 that nobody uses and that this process has not given out before."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if port not in _given:
            _given.add(port)
            return port


class Processes:
    """The processes of one benchmark; a context manager that ends each of them, whatever happens."""

    def __init__(self):
        self._running = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self._running):
            self._end(process)
        self._running.clear()

    def start(self, argv, core, output, **popen):
        """Starts `argv` on one core, in a session of its own; `output` takes stdout and stderr. Dies with us."""
        wrapped = ["setpriv", "--pdeathsig", "TERM", "taskset", "-c", str(core), *map(str, argv)]
        process = subprocess.Popen(  # pylint: disable=consider-using-with
            wrapped, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            **popen)
        self._running.append(process)
        return process

    def stop(self, process):
        if process in self._running:
            self._running.remove(process)
            self._end(process)

    def run(self, argv, core, timeout_s):
        """Runs a command to its end and returns its stdout; its failure is a BenchError with its stderr."""
        wrapped = ["setpriv", "--pdeathsig", "TERM", "taskset", "-c", str(core), *map(str, argv)]
        with subprocess.Popen(wrapped, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, start_new_session=True) as process:
            self._running.append(process)
            try:
                stdout, stderr = process.communicate(timeout=timeout_s)
            except subprocess.TimeoutExpired as expired:
                raise BenchError(f"{argv[0]}: no end after {timeout_s} s") from expired
            finally:
                self.stop(process)
        if process.returncode != 0:
            raise BenchError(f"{argv[0]}: {stderr.strip() or stdout.strip()}")
        return stdout

    @staticmethod
    def _end(process):
        if process.poll() is None:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):  # what its own session still holds, such as workers
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for_port(port, process, name, log, seconds=60):
    """Returns when the port accepts connections; a BenchError with the end of `log` if the process ends before."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.02)
    with open(log, encoding="utf-8", errors="replace") as file:
        tail = file.read()[-2000:].strip()
    raise BenchError(f"{name} did not start to listen: {tail or 'it said nothing'}")


def family(pid):
    """The process and its descendants."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError):
                with open(f"/proc/{entry}/stat", encoding="ascii", errors="replace") as file:
                    parents[int(entry)] = int(file.read().rpartition(")")[2].split()[1])
    members = [pid]
    for member in members:
        members += [child for child, parent in parents.items() if parent == member]
    return members


@dataclasses.dataclass
class CpuTime:
    """CPU time of some processes. run_ns is the scheduler's own count; the ticks are sampled, for proportions only."""
    run_ns: int = 0
    user_ticks: int = 0
    system_ticks: int = 0

    def __sub__(self, other):
        return CpuTime(self.run_ns - other.run_ns, self.user_ticks - other.user_ticks,
                       self.system_ticks - other.system_ticks)


def cpu_time(pids):
    total = CpuTime()
    for pid in pids:
        for task in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError):
                with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
                    total.run_ns += int(file.read().split()[0])
                with open(f"/proc/{pid}/task/{task}/stat", encoding="ascii", errors="replace") as file:
                    fields = file.read().rpartition(")")[2].split()
                    total.user_ticks += int(fields[11])
                    total.system_ticks += int(fields[12])
    return total


class Quiet:
    """Watches two cores for work that is not the benchmark's: other processes, and what the hypervisor takes."""

    def __init__(self, bench, proxy):
        self._cores = (bench.proxy_core, bench.load_core)
        self._pids = proxy.pids() + bench.upstream.pids
        self._began = time.monotonic()
        self._before = self._foreign_seconds()

    def foreign_share(self):
        """Foreign work since the start, in cores: 0.5 is half of one of the two."""
        return max(0.0, self._foreign_seconds() - self._before) / (time.monotonic() - self._began)

    def _foreign_seconds(self):
        own = cpu_time(self._pids).run_ns / 1e9
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
            usage = resource.getrusage(who)
            own += usage.ru_utime + usage.ru_stime
        busy_ticks = 0
        with open("/proc/stat", encoding="ascii") as file:
            for line in file:
                name, *fields = line.split()
                if name in (f"cpu{core}" for core in self._cores):
                    user, nice, system, _, _, irq, softirq, steal = map(int, fields[:8])
                    busy_ticks += user + nice + system + irq + softirq + steal
        return busy_ticks / os.sysconf("SC_CLK_TCK") - own


def memory_mib(pids, field="Pss"):
    """Resident memory in MiB. Pss counts a page that several processes share once in all; Rss in each of them."""
    total_kib = 0
    for pid in pids:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            total_kib += int(re.search(rf"^{field}:\s+(\d+)", file.read(), re.MULTILINE).group(1))
    return total_kib / 1024
