"""The second set: whole processes over an array of 10 MB, Linkspan beside every other jq that is installed."""

import json
import os
import random
import shutil
import statistics
import subprocess

from figures import BenchError

from .rows import PROGRAMS, Large

OTHERS = ("jq", "jaq", "gojq")
BYTES = 10_000_000
WORDS = "alpha bravo charlie delta echo foxtrot golf hotel india juliet".split()


def order(number, choose):
    words = lambda least, most: " ".join(choose.choices(WORDS, k=choose.randint(least, most)))
    return {
        "id": number,
        "customer": {"name": words(2, 2).title(),
                     "email": f"{choose.choice(WORDS)}{number % 977}@example.{choose.choice(['com', 'org', 'net'])}",
                     "country": choose.choice(["DE", "US", "FR", "GB", "JP"])},
        "items": [{"sku": f"{choose.choice('ABCDEF')}-{choose.randrange(10000):04d}", "qty": choose.randint(1, 5),
                   "price": choose.randrange(100, 50000) / 100} for _ in range(choose.randint(1, 4))],
        "status": choose.choice(["new", "paid", "sent", "done"]),
        "note": words(0, 11),
        "created": f"2026-{choose.randint(1, 12):02d}-{choose.randint(1, 28):02d}T{choose.randrange(24):02d}:00:00Z",
    }


def write_orders(path):
    """The same orders every time."""
    choose = random.Random(7)
    texts, size = [], 0
    while size < BYTES:
        texts.append(json.dumps(order(len(texts), choose), separators=(",", ":")))
        size += len(texts[-1]) + 1
    path.write_text("[" + ",".join(texts) + "]\n", encoding="utf-8")


def run(command, path, output):
    """CPU seconds of a whole process; its output is left in a file."""
    with open(output, "wb") as out:
        with subprocess.Popen([*command, path], stdout=out, stderr=subprocess.PIPE) as process:
            complaint = process.stderr.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise BenchError(f"{command[0]}: {complaint.decode(errors='replace').strip()[:300]}")
    return usage.ru_utime + usage.ru_stime


def values(output):
    return [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]


def measure_large(bench, results):
    """Fills in what was found; notes it where there is nothing to compare with."""
    others = [tool for tool in OTHERS if shutil.which(tool)]
    if not others:
        results.notes.append("none of jq, jaq and gojq is installed: nothing to compare the large set with")
        return
    tools = {"linkspan": [bench.linkspan, "jq"]} | {tool: [tool] for tool in others}
    path = bench.directory / "orders.json"
    write_orders(path)
    for name, program in PROGRAMS.items():
        bench.progress(f"large set: {name}")
        seconds = {tool: [] for tool in tools}
        for _ in range(bench.rounds):
            for tool, command in tools.items():
                output = bench.directory / f"{tool}.out"
                seconds[tool].append(run([*command, "-c", program], path, output))
        expected = values(bench.directory / "linkspan.out")
        wrong = [tool for tool in others if values(bench.directory / f"{tool}.out") != expected]
        if wrong:
            raise BenchError(f"linkspan and {', '.join(wrong)} answer differently: {program}")
        medians = {tool: statistics.median(rounds) for tool, rounds in seconds.items()}
        ratios = [ours / min(seconds[tool][i] for tool in others) for i, ours in enumerate(seconds["linkspan"])]
        results.large.append(Large(name, medians, statistics.median(ratios)))
    results.figures["jq_large_worst_ratio"] = max(each.ratio for each in results.large)
