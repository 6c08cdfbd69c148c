#!/usr/bin/python3
"""`./dev bench proxy`: what Linkspan costs per proxied request, beside nginx and HAProxy with the same duties.

The proxy (one worker) has one core to itself, load and upstream share another. Proxies run in turn, round by round;
ratios are taken within a round, and figures are medians of the rounds. Before anything is measured, each proxy must
show that it does each duty; the benchmark refuses to report otherwise.

Exit status: 0 measured, or skipped because this machine cannot (all figures are then null); 1 no honest figure
could be had; 2 the command line is wrong or Linkspan is not built.
"""

import argparse
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

# pylint: disable=wrong-import-position
from figures import BenchError, json_text
from proxybench import duties, load, proxies, report, rows, system
from proxybench.errors import Skip

TOOLS = ("nginx", "haproxy", "wrk", "openssl", "taskset", "setpriv")


class Bench:
    """What every part of the benchmark needs to know."""

    def __init__(self, arguments, directory, processes):
        self.proxy_core, self.load_core = system.cores()
        os.sched_setaffinity(0, {self.load_core})
        self.descriptor_limit = system.raise_descriptor_limit()
        self.directory = pathlib.Path(directory)
        self.processes = processes
        self.linkspan = arguments.linkspan
        self.loadgen = find_loadgen(arguments.tools)
        self.rounds = arguments.rounds or (2 if arguments.quick else 5)
        self.seconds = arguments.seconds or (1 if arguments.quick else 3)
        self.lists = load.Lists(directory)
        self.upstream = proxies.NginxUpstream(self)

    @staticmethod
    def progress(text):
        print(text, file=sys.stderr, flush=True)

    def make_certificate(self):
        """A self-signed P-256 certificate and its key, as paths."""
        certificate, key = self.directory / "site.crt", self.directory / "site.key"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
             "-subj", "/CN=bench.example", "-keyout", key, "-out", certificate], check=True, capture_output=True)
        return certificate, key


def find_loadgen(tools):
    for candidate in (tools / "linkspan_loadgen", tools / "bench" / "linkspan_loadgen"):
        if candidate.is_file():
            return candidate.resolve()
    return None


def parse_arguments(argv):
    parser = argparse.ArgumentParser(prog="dev bench proxy", description=__doc__.splitlines()[0])
    parser.add_argument("--linkspan", type=pathlib.Path, required=True, help="the binary to measure")
    parser.add_argument("--tools", type=pathlib.Path, required=True, help="where linkspan_loadgen was built")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--markdown", action="store_true", help="print the tables as they stand in the README")
    parser.add_argument("--quick", action="store_true", help="two short rounds: shows that it works, not how fast it is")
    parser.add_argument("--only", nargs="+", metavar="KEY", choices=[row.key for row in rows.ROWS],
                        help="measure these figures only; the others are null")
    parser.add_argument("--rounds", type=int, help="interleaved rounds (5)")
    parser.add_argument("--seconds", type=float, help="length of each run (3)")
    arguments = parser.parse_args(argv)
    if not arguments.linkspan.is_file() or find_loadgen(arguments.tools) is None:
        parser.error("linkspan or linkspan_loadgen is not built")
    arguments.linkspan = arguments.linkspan.resolve()
    return arguments


def check_machine():
    if system.cores() is None:
        raise Skip("one core for the proxy and one for the load are needed; this machine has one")
    # Debian keeps daemons out of the search path of ordinary users.
    os.environ["PATH"] = os.environ.get("PATH", "") + os.pathsep + "/usr/sbin"
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        raise Skip(f"not installed: {', '.join(missing)}")


def measure(bench, only):
    results = rows.Results()
    chosen = [measurement for measurement, keys in rows.MEASUREMENTS if not only or keys & set(only)]
    for kind in (proxies.Linkspan, proxies.Nginx, proxies.HAProxy):
        bench.progress(f"duties of {kind.name}")
        duties.check_duties(bench, kind)
    for measurement in chosen:
        measurement(bench, results)
    return results


def run(arguments):
    try:
        check_machine()
    except Skip as skip:
        print(f"skipped: {skip}", file=sys.stderr)
        if arguments.json:
            print(json_text(rows.ROWS, {}))
        return 0
    with tempfile.TemporaryDirectory(prefix="linkspan-bench-") as directory, system.Processes() as processes:
        bench = Bench(arguments, directory, processes)
        results = measure(bench, arguments.only)
        if arguments.json:
            print(json_text(rows.ROWS, results.figures))
        elif arguments.markdown:
            print(report.markdown_report(results, bench))
        else:
            print(report.text_report(results, bench))
    return 0


def main():
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.default_int_handler)
    try:
        return run(parse_arguments(sys.argv[1:]))
    except BenchError as error:
        print(f"no figures: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
