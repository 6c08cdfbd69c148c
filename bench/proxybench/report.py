"""What is printed: the JSON object, the tables, and the machine that they were measured on."""

import re
import subprocess

from figures import machine, markdown_figures, rounded, shown, verdict

from .load import QUIET, disturbance, median_of, user_share
from .rows import ROWS


def first_line(argv):
    done = subprocess.run([str(part) for part in argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    return done.stdout.strip().splitlines()[0] if done.stdout.strip() else "unknown"


def versions(linkspan):
    found = {
        "Linkspan": first_line([linkspan, "version"]),
        "nginx": first_line(["nginx", "-v"]),
        "HAProxy": first_line(["haproxy", "-v"]),
        "wrk": first_line(["wrk", "-v"]),
        "OpenSSL": first_line(["openssl", "version"]),
    }
    short = {name: re.search(r"\d+\.\d[\w.+~-]*", line) for name, line in found.items()}
    return ", ".join(f"{name} {match.group(0) if match else '?'}" for name, match in short.items())


def text_report(results, bench):
    lines = [f"{'':<62} {'measured':>9} {'at most':>8}"]
    for row, value in zip(ROWS, rounded(ROWS, results.figures).values()):
        lines.append(f"{row.what:<62} {shown(row, value):>9} {row.limit:>8} {verdict(row, value)}")
    if results.details:
        lines += ["", f"{'medians':<10} {'proxy':<16} {'us/req':>7} {'user':>6} {'system':>7} {'req/s':>8} {'p50 us':>7} "
                      f"{'p99 us':>7} {'MiB':>6} {'core':>5}"]
    for detail in results.details:
        cpu_us = median_of(detail.runs, "cpu_us")
        user_us = cpu_us * user_share(detail.runs)
        lines.append(
            f"{detail.mode:<10} {detail.proxy:<16} {cpu_us:>7.2f} {user_us:>6.2f} {cpu_us - user_us:>7.2f} "
            f"{median_of(detail.runs, 'per_second'):>8.0f} {median_of(detail.runs, 'p50_us'):>7.0f} "
            f"{median_of(detail.runs, 'p99_us'):>7.0f} {median_of(detail.runs, 'memory_mib'):>6.1f} "
            f"{median_of(detail.runs, 'busy'):>5.0%}")
    lines += ["", *notes(results), conditions(bench), machine(), versions(bench.linkspan)]
    return "\n".join(lines)


def notes(results):
    worst = max((disturbance(detail.runs) for detail in results.details), default=0)
    warning = [f"disturbed: others took up to {worst:.0%} of a core meanwhile; measure again on a quiet machine"]
    return results.notes + (warning if worst >= QUIET else [])


def conditions(bench):
    return (f"{bench.rounds} interleaved rounds of {bench.seconds:g} s, medians; one worker on one core, load and upstream "
            "on another; 1,000 API keys, rate limit, request id, metrics and access log on all")


# How the README calls the loads and the proxies of its first table.
LOADS = {"saturated": "256-byte answers, core full", "wrk": "256-byte answers, wrk", "tls": "TLS 1.3, core full",
         "body64k": "64 KiB answers, core full"}
NAMES = {"linkspan": "Linkspan", "nginx": "nginx", "haproxy": "HAProxy"}
MARKDOWN_DETAILS = ("| load | proxy | CPU us per request (user + system) | requests/s | p50 us | p99 us | memory MiB |",
                    "|---|---|---:|---:|---:|---:|---:|")


def markdown_detail(detail):
    cpu_us = median_of(detail.runs, "cpu_us")
    user_us = cpu_us * user_share(detail.runs)
    return (f"| {LOADS[detail.mode]} | {NAMES[detail.proxy]} | {cpu_us:.1f} ({user_us:.1f} + {cpu_us - user_us:.1f}) | "
            f"{median_of(detail.runs, 'per_second'):,.0f} | {median_of(detail.runs, 'p50_us'):,.0f} | "
            f"{median_of(detail.runs, 'p99_us'):,.0f} | {median_of(detail.runs, 'memory_mib'):.1f} |")


def markdown_report(results, bench):
    """The tables of the README, as they stand there between its two markers."""
    lines = [*MARKDOWN_DETAILS, *(markdown_detail(detail) for detail in results.details if detail.mode in LOADS), "",
             *markdown_figures(ROWS, results.figures),
             ""]
    remarks = [remark[0].upper() + remark[1:] + "." for remark in notes(results)]
    lines += [f"{conditions(bench)}. {machine()}; {versions(bench.linkspan)}.", *remarks]
    return "\n".join(lines)
