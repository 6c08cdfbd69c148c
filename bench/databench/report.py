"""What is printed: the JSON object, and the tables of docs/performance.md."""

import json
import os
import platform
import re

from .rows import ROWS

MARKDOWN_FIGURES = ("| figure | measured | at most |", "|---|---:|---:|")
MARKDOWN_LARGE = ("| over 10 MB of orders, CPU seconds of the process | Linkspan | best of the others | ratio |",
                  "|---|---:|---:|---:|")


def rounded(results):
    """Every key; null where it was not measured."""
    figures = results.figures
    return {row.key: round(figures[row.key], row.digits) if row.key in figures else None for row in ROWS}


def json_text(results):
    return json.dumps(rounded(results), indent=2)


def shown(row, value):
    return "-" if value is None else f"{value:.{row.digits}f}"


def markdown_figure(row, value):
    return f"| {row.what} | {shown(row, value)} | {row.limit} |"


def markdown_large(large):
    others = {tool: seconds for tool, seconds in large.seconds.items() if tool != "linkspan"}
    best = min(others, key=others.get)
    return f"| {large.name} | {large.seconds['linkspan']:.3f} | {others[best]:.3f} ({best}) | {large.ratio:.3f} |"


def sentence(text):
    return text[0].upper() + text[1:] + "."


def markdown_report(results, bench):
    """As it stands in docs/performance.md between its markers."""
    lines = [*MARKDOWN_FIGURES, *(markdown_figure(row, value) for row, value in zip(ROWS, rounded(results).values()))]
    if results.large:
        lines += ["", *MARKDOWN_LARGE, *map(markdown_large, results.large)]
    return "\n".join([*lines, "", f"{sentence(conditions(bench))} {machine()}.", *map(sentence, results.notes)])


def text_report(results, bench):
    lines = [f"{'':<66} {'measured':>9} {'at most':>8}"]
    for row, value in zip(ROWS, rounded(results).values()):
        verdict = "not measured" if value is None else "ok" if value <= row.limit else "over"
        lines.append(f"{row.what:<66} {shown(row, value):>9} {row.limit:>8} {verdict}")
    for large in results.large:
        seconds = ", ".join(f"{tool} {each:.3f} s" for tool, each in large.seconds.items())
        lines.append(f"  {large.name:<18} {large.ratio:.3f} ({seconds})")
    return "\n".join([*lines, "", sentence(conditions(bench)), machine(), *map(sentence, results.notes)])


def conditions(bench):
    return f"medians of interleaved rounds ({bench.rounds} for the large set), CPU time"


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = re.search(r"^model name\s*: (.+)$", file.read(), re.MULTILINE)
    return (f"{model.group(1) if model else platform.machine()}, {os.cpu_count()} cores, "
            f"Linux {'.'.join(platform.release().split('.')[:2])}")
