#!/usr/bin/python3
"""`./dev bench flows`: what durable runs cost: how many a second, how long one takes, what waiting ones and a start take.

The binary runs as its users run it: webhooks over HTTP, SQLite with a full sync before each acknowledgement, calls to
the demo systems on the same machine. A run counts when its end is on disk. Linkspan, the systems and the load share all
cores.

Exit status: 0 measured; 1 no honest figure could be had; 2 the command line is wrong or Linkspan is not built.
"""

import argparse
import pathlib
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True

# pylint: disable=wrong-import-position
from figures import BenchError, json_text, machine, markdown_figures, rounded, shown, verdict
from flowbench import measure
from flowbench.peers import measure_peers
from flowbench.rows import ROWS, Results
from proxybench.system import Processes


class Bench:
    """What every part of the benchmark needs to know."""

    def __init__(self, arguments, directory, processes):
        self.linkspan = arguments.linkspan.resolve()
        self.systems = arguments.linkspan.resolve().with_name("linkspan-systems")
        self.specs = pathlib.Path(__file__).resolve().parent.parent / "examples/shop/specs"
        self.directory = pathlib.Path(directory)
        self.processes = processes
        self.cache = self.linkspan.with_name("bench-peers")  # what npm installs; kept for the next time
        self.seconds = 2 if arguments.quick else arguments.seconds
        self.waiting = 5_000 if arguments.quick else 100_000
        self.finished = 50_000 if arguments.quick else 1_000_000

    @staticmethod
    def progress(text):
        print(text, file=sys.stderr, flush=True)


def parse_arguments(argv):
    parser = argparse.ArgumentParser(prog="dev bench flows", description=__doc__.splitlines()[0])
    parser.add_argument("--linkspan", type=pathlib.Path, required=True, help="the binary to measure")
    parser.add_argument("--tools", type=pathlib.Path, help="not needed; taken for likeness with the others")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--markdown", action="store_true", help="print the table as it stands in docs/performance.md")
    parser.add_argument("--quick", action="store_true", help="short and small: shows that it works, not how fast it is")
    parser.add_argument("--alone", action="store_true", help="without Node-RED, n8n and Restate: nothing is installed")
    parser.add_argument("--seconds", type=int, default=10, help="length of each load (10)")
    arguments = parser.parse_args(argv)
    if not arguments.linkspan.is_file() or not arguments.linkspan.with_name("linkspan-systems").is_file():
        parser.error("linkspan or linkspan-systems is not built")
    return arguments


def run(arguments):
    results = Results()
    if shutil.which("wrk") is None:
        results.notes.append("wrk is not installed: nothing was measured")
        return results
    with tempfile.TemporaryDirectory() as directory, Processes() as processes:
        bench = Bench(arguments, directory, processes)
        for part in (*measure.PARTS, *(() if arguments.alone else (measure_peers,))):
            part(bench, results)
    if arguments.alone:
        results.notes.append("Node-RED, n8n and Restate were not asked for")
    return results


def text_report(results):
    lines = [f"{'':<66} {'measured':>9} {'bound':>8}"]
    for row, value in zip(ROWS, rounded(ROWS, results.figures).values()):
        lines.append(f"{row.what:<66} {shown(row, value):>9} {row.limit:>8} {verdict(row, value)}")
    return "\n".join([*lines, "", machine(), *results.notes])


def markdown_report(results):
    return "\n".join([*markdown_figures(ROWS, results.figures), "", machine() + ".", *(note + "." for note in results.notes)])


def main():
    arguments = parse_arguments(sys.argv[1:])
    try:
        results = run(arguments)
    except BenchError as error:
        print(f"bench flows: {error}", file=sys.stderr)
        return 1
    if arguments.json:
        print(json_text(ROWS, results.figures))
    else:
        print(markdown_report(results) if arguments.markdown else text_report(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
