"""What is printed: the JSON object, and the tables of docs/performance.md."""

from figures import machine, markdown_figures, rounded, shown, verdict

from .rows import ROWS

MARKDOWN_LARGE = ("| over 10 MB of orders, CPU seconds of the process | Linkspan | best of the others | ratio |",
                  "|---|---:|---:|---:|")


def markdown_large(large):
    others = {tool: seconds for tool, seconds in large.seconds.items() if tool != "linkspan"}
    best = min(others, key=others.get)
    return f"| {large.name} | {large.seconds['linkspan']:.3f} | {others[best]:.3f} ({best}) | {large.ratio:.3f} |"


def sentence(text):
    return text[0].upper() + text[1:] + "."


def markdown_report(results, bench):
    """As it stands in docs/performance.md between its markers."""
    lines = markdown_figures(ROWS, results.figures)
    if results.large:
        lines += ["", *MARKDOWN_LARGE, *map(markdown_large, results.large)]
    return "\n".join([*lines, "", f"{sentence(conditions(bench))} {machine()}.", *map(sentence, results.notes)])


def text_report(results, bench):
    lines = [f"{'':<66} {'measured':>9} {'at most':>8}"]
    for row, value in zip(ROWS, rounded(ROWS, results.figures).values()):
        lines.append(f"{row.what:<66} {shown(row, value):>9} {row.limit:>8} {verdict(row, value)}")
    for large in results.large:
        seconds = ", ".join(f"{tool} {each:.3f} s" for tool, each in large.seconds.items())
        lines.append(f"  {large.name:<18} {large.ratio:.3f} ({seconds})")
    return "\n".join([*lines, "", sentence(conditions(bench)), machine(), *map(sentence, results.notes)])


def conditions(bench):
    return f"medians of interleaved rounds ({bench.rounds} for the large set), CPU time"
