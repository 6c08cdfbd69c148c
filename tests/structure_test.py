"""The house keeps its order: who may include whom, and what no file may hold."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s+"([a-z_0-9]+)/', re.MULTILINE)


def rooms():
    """The include DAG as src/CMakeLists.txt declares it: room -> rooms it may include."""
    text = (ROOT / "src/CMakeLists.txt").read_text()
    found = {}
    for name, arguments in re.findall(r"^linkspan_room\((\w+)([^)]*)\)", text, re.MULTILINE):
        words = arguments.split()
        allowed = []
        if "ROOMS" in words:
            for word in words[words.index("ROOMS") + 1 :]:
                if word.isupper():
                    break
                allowed.append(word)
        found[name] = set(allowed)
    return found


def sources(room):
    return [p for p in (ROOT / "src" / room).rglob("*") if p.suffix in (".h", ".cc")]


def tracked_files():
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    if listing.returncode != 0:  # a tarball: there is no git to ask
        return [p for p in ROOT.rglob("*") if p.is_file() and "build" not in p.relative_to(ROOT).parts]
    return [ROOT / line for line in listing.stdout.splitlines() if (ROOT / line).is_file()]


def test_every_room_is_declared():
    assert {p.name for p in (ROOT / "src").iterdir() if p.is_dir()} == set(rooms())


def test_rooms_include_only_rooms_below_them():
    allowed = rooms()
    wrong = []
    for room, may_use in allowed.items():
        for path in sources(room):
            for used in INCLUDE.findall(path.read_text()):
                if used in allowed and used != room and used not in may_use:
                    wrong.append(f"{path.relative_to(ROOT)} includes {used}/")
    assert wrong == []


def test_the_declared_dag_has_no_cycle():
    allowed = rooms()
    seen = []
    for room, may_use in allowed.items():  # declared bottom-up: each uses only what stands above it in the file
        assert may_use <= set(seen), f"{room} uses a room that is declared after it"
        seen.append(room)


def test_headers_are_included_once():
    missing = [str(p.relative_to(ROOT)) for r in rooms() for p in sources(r) if p.suffix == ".h"
               and "#pragma once" not in p.read_text()]
    assert missing == []


# Tests of what several files of a folder do together.
BEHAVIOUR_TESTS = {
    "src/config/golden_test.cc", "src/data/jq/limits_test.cc", "src/data/xml/doc_examples_test.cc",
    "src/flow/engine_outcome_test.cc", "src/flow/lost_word_test.cc", "src/flow/simulation_test.cc",
    "src/gateway/server/tls_server_test.cc", "src/store/crash_test.cc",
    "src/upstream/server_tls_test.cc", "src/upstream/workers_test.cc",
}


def test_every_unit_test_stands_beside_the_code_that_it_is_named_after():
    alone = {str(p.relative_to(ROOT)) for r in rooms() for p in sources(r) if p.name.endswith("_test.cc")
             and not any(p.with_name(p.name.removesuffix("_test.cc") + end).exists() for end in (".h", ".cc"))}
    assert alone == BEHAVIOUR_TESTS


def test_every_policy_has_a_header_a_source_and_a_test():
    for folder in (ROOT / "src/gateway/policies").iterdir():
        if folder.is_dir():
            name = folder.name
            assert {p.name for p in folder.iterdir()} >= {f"{name}.h", f"{name}.cc", f"{name}_test.cc"}


def test_includes_name_their_room():
    wrong = [str(p.relative_to(ROOT)) for r in rooms() for p in sources(r)
             if re.search(r'^\s*#\s*include\s+"(\.|[^/"]+")', p.read_text(), re.MULTILINE)]
    assert wrong == []


def test_the_readme_has_the_tables_that_the_benchmark_prints():
    sys.path.insert(0, str(ROOT / "bench"))
    import figures as table
    from proxybench import report, rows

    text = (ROOT / "README.md").read_text()
    measured = text[text.index("<!-- measured: begin -->") : text.index("<!-- measured: end -->")]
    details, figures = (block.splitlines() for block in re.findall(r"(?:^\|.*\n)+", measured, re.MULTILINE))
    assert tuple(details[:2]) == report.MARKDOWN_DETAILS and tuple(figures[:2]) == table.MARKDOWN_FIGURES
    assert {line.split(" | ")[0].removeprefix("| ") for line in details[2:]} == set(report.LOADS.values())
    values = [float(line.split(" | ")[1]) for line in figures[2:]]
    assert figures[2:] == [table.markdown_figure(row, value) for row, value in zip(rows.ROWS, values, strict=True)]


def test_the_performance_page_has_the_tables_that_the_benchmark_prints():
    sys.path.insert(0, str(ROOT / "bench"))
    import figures as table
    from databench import report, rows

    text = (ROOT / "docs/performance.md").read_text()
    measured = text[text.index("<!-- data: begin -->") : text.index("<!-- data: end -->")]
    figures, large = (block.splitlines() for block in re.findall(r"(?:^\|.*\n)+", measured, re.MULTILINE))
    assert tuple(figures[:2]) == table.MARKDOWN_FIGURES and tuple(large[:2]) == report.MARKDOWN_LARGE
    values = [line.split(" | ")[1] for line in figures[2:]]
    assert figures[2:] == [table.markdown_figure(row, None if value == "-" else float(value))
                           for row, value in zip(rows.ROWS, values, strict=True)]
    assert [line.split(" | ")[0].removeprefix("| ") for line in large[2:]] == list(rows.PROGRAMS)


def test_no_file_names_a_machine():
    pattern = re.compile(rb"/(?:home|root)/[a-z]")
    wrong = [str(p.relative_to(ROOT)) for p in tracked_files() if pattern.search(p.read_bytes())]
    assert wrong == []
