"""What the benchmarks have in common: figures with their bounds, how they are printed, and the machine."""

import dataclasses
import json
import os
import platform
import re


class BenchError(Exception):
    """The benchmark cannot give an honest figure: a program failed to start, to do its duty, or to answer."""


@dataclasses.dataclass(frozen=True)
class Row:
    """A key of the JSON object."""
    key: str
    what: str
    limit: float
    digits: int
    at_least: bool = False  # the limit is the least that is wanted


MARKDOWN_FIGURES = ("| figure | measured | at most |", "|---|---:|---:|")
MARKDOWN_BOUNDS = ("| figure | measured | bound |", "|---|---:|---:|")


def rounded(rows, figures):
    """Every key of the table; null where it was not measured."""
    return {row.key: round(figures[row.key], row.digits) if row.key in figures else None for row in rows}


def json_text(rows, figures):
    return json.dumps(rounded(rows, figures), indent=2)


def shown(row, value):
    return "-" if value is None else f"{value:.{row.digits}f}"


def verdict(row, value):
    if value is None:
        return "not measured"
    if row.at_least:
        return "ok" if value >= row.limit else "under"
    return "ok" if value <= row.limit else "over"


def markdown_figure(row, value):
    bound = f"at least {row.limit}" if row.at_least else row.limit
    return f"| {row.what} | {shown(row, value)} | {bound} |"


def markdown_figures(rows, figures):
    """The lines of the table."""
    head = MARKDOWN_BOUNDS if any(row.at_least for row in rows) else MARKDOWN_FIGURES
    return [*head, *(markdown_figure(row, value) for row, value in zip(rows, rounded(rows, figures).values()))]


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = re.search(r"^model name\s*: (.+)$", file.read(), re.MULTILINE)
    return (f"{model.group(1) if model else platform.machine()}, {os.cpu_count()} cores, "
            f"Linux {'.'.join(platform.release().split('.')[:2])}")
