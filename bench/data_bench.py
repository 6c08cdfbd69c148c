#!/usr/bin/python3
"""`./dev bench data`: what mapping, validating and loading descriptions cost, beside the libraries people know.

Each figure comes from an executable of bench/data/ that measures ours and theirs in turn, or from whole processes
(bench/databench/large.py). What is not built or not installed is left out, and said; its figures are null.

Exit status: 0 measured; 1 no honest figure could be had; 2 the command line is wrong or Linkspan is not built.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

# pylint: disable=wrong-import-position
from databench import report
from databench.large import measure_large
from databench.rows import ROWS, Results
from figures import BenchError, json_text

DESCRIPTION = "openapi/twilio_api_v2010.json"


class Bench:
    """What every part of the benchmark needs to know."""

    def __init__(self, arguments, directory):
        self.linkspan = str(arguments.linkspan.resolve())
        self.tools = arguments.tools
        self.data = arguments.data
        self.rounds = arguments.rounds or (1 if arguments.quick else 5)
        self.directory = pathlib.Path(directory)

    @staticmethod
    def progress(text):
        print(text, file=sys.stderr, flush=True)

    def ask(self, name, *arguments):
        """The JSON object that an executable prints; nothing where it is not built."""
        tool = self.tools / name
        if not tool.is_file():
            return None
        self.progress(name)
        done = subprocess.run([tool.resolve(), *arguments], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise BenchError(f"{name}: {done.stderr.strip()[:300]}")
        return json.loads(done.stdout)


def measure_jq(bench, results):
    found = bench.ask("linkspan_jq_bench")
    if found is None:
        results.notes.append("not measured: linkspan_jq_bench is not built")
        return
    for key in ("jq_us", "jq_ratio_libjq", "jq_compile_us"):
        if found[key] is not None:
            results.figures[key] = found[key]
    if found["jq_ratio_libjq"] is None:
        results.notes.append("libjq-dev was not there when linkspan_jq_bench was built: nothing to compare a mapping with")
    else:
        results.notes.append(f"for libjq it was {found['libjq_us']:.1f} us, and "
                             f"{found['libjq_compile_us'] / 1000:.1f} ms to compile")


def measure_schema(bench, results):
    found = bench.ask("linkspan_schema_bench")
    if found is None:
        results.notes.append("not measured: linkspan_schema_bench is not built")
        return
    results.figures["schema_ratio_rapidjson"] = found["ours_us"] / found["rapidjson_us"]


def measure_openapi(bench, results):
    description = bench.data / DESCRIPTION
    if not description.is_file():
        results.notes.append(f"there is no {DESCRIPTION} in the test data")
        return
    found = bench.ask("linkspan_openapi_bench", description.resolve())
    if found is None:
        results.notes.append("not measured: linkspan_openapi_bench is not built")
        return
    for key in ("openapi_load_ms", "openapi_load_mib"):
        results.figures[key] = found[key]


def parse_arguments(argv):
    parser = argparse.ArgumentParser(prog="dev bench data", description=__doc__.splitlines()[0])
    parser.add_argument("--linkspan", type=pathlib.Path, required=True, help="the binary to measure")
    parser.add_argument("--tools", type=pathlib.Path, required=True, help="where the executables of bench/data were built")
    parser.add_argument("--data", type=pathlib.Path, required=True, help="the folder of the test data")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--markdown", action="store_true", help="print the tables as they stand in docs/performance.md")
    parser.add_argument("--quick", action="store_true", help="one round of the large set: shows that it works")
    parser.add_argument("--rounds", type=int, help="interleaved rounds of the large set (5)")
    arguments = parser.parse_args(argv)
    if not arguments.linkspan.is_file():
        parser.error("linkspan is not built")
    return arguments


def run(arguments):
    results = Results()
    with tempfile.TemporaryDirectory(prefix="linkspan-bench-") as directory:
        bench = Bench(arguments, directory)
        for measure in (measure_jq, measure_schema, measure_openapi, measure_large):
            measure(bench, results)
        if arguments.json:
            print(json_text(ROWS, results.figures))
            for note in results.notes:
                print(note, file=sys.stderr)
        elif arguments.markdown:
            print(report.markdown_report(results, bench))
        else:
            print(report.text_report(results, bench))
    return 0


def main():
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
