"""linkspan test, as a person at a terminal and a CI server meet it."""

import os
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from conftest import BINARY, PATIENCE

DATA = Path(__file__).parent / "data" / "flow_tests"


def run(*arguments, directory=DATA):
    done = subprocess.run([BINARY, "test", *arguments], cwd=directory, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60 * PATIENCE)
    return done.returncode, done.stdout, done.stderr


def check_golden(name, text):
    path = DATA / name
    if os.environ.get("LINKSPAN_UPDATE_GOLDENS"):
        path.write_text(text)
    assert text == path.read_text(), f"{path} (LINKSPAN_UPDATE_GOLDENS=1 rewrites it)"


def test_tests_that_pass_are_a_line_each_and_leave_nothing_behind():
    before = sorted(DATA.rglob("*"))
    code, out, err = run("passing.yaml")
    assert (code, err) == (0, "")
    check_golden("passing.txt", out)
    assert sorted(DATA.rglob("*")) == before  # no store, above all


def test_tests_that_fail_say_what_was_expected_what_was_and_what_happened():
    code, out, err = run("failing.yaml")
    assert (code, err) == (1, "")
    check_golden("failing.txt", out)


def test_the_filter_chooses_by_flow_and_name():
    code, out, err = run("failing.yaml", "--filter", "approval / it waits")
    assert (code, out, err) == (0, "ok approval / it waits for somebody\n1 passed, 0 failed\n", "")
    code, out, err = run("failing.yaml", "--filter", "nothing like it")
    assert (code, out) == (2, "")
    assert err == 'linkspan: no test has "nothing like it" in its flow and name\n'


def test_several_configs_are_tested_in_one_go():
    code, out, _ = run("passing.yaml", "failing.yaml")
    assert code == 1 and out.endswith("\n4 passed, 5 failed\n")


@pytest.mark.parametrize("name, failures", [("passing.yaml", 0), ("failing.yaml", 5)])
def test_junit_is_what_ci_servers_read(tmp_path, name, failures):
    code, _, _ = run(name, "--junit", str(tmp_path / "tests.xml"))
    assert code == (1 if failures else 0)
    root = ElementTree.parse(tmp_path / "tests.xml").getroot()
    assert root.tag == "testsuites" and int(root.get("failures")) == failures
    cases = root.findall("testsuite/testcase")
    assert len(cases) == int(root.get("tests")) == sum(int(s.get("tests")) for s in root.findall("testsuite"))
    failed = [case for case in cases if case.find("failure") is not None]
    assert len(failed) == failures
    for case in failed:
        assert case.find("failure").get("message") and "failing.yaml:" in case.find("failure").text
    assert all(float(case.get("time")) >= 0 and case.get("classname") for case in cases)


def test_junit_that_cannot_be_written_is_an_error(tmp_path):
    code, out, err = run("passing.yaml", "--junit", str(tmp_path / "no" / "tests.xml"))
    assert (code, out) == (3, "") and "cannot write" in err


def test_tap_has_a_line_for_each_test():
    code, out, _ = run("failing.yaml", "--tap")
    lines = out.splitlines()
    assert code == 1 and lines[:2] == ["TAP version 14", "1..6"]
    assert [line.split(" - ")[0] for line in lines if line.startswith(("ok", "not ok"))] == [
        "not ok 1", "not ok 2", "not ok 3", "not ok 4", "not ok 5", "ok 6"]
    assert lines.count("  ---") == lines.count("  ...") == 5


def test_a_config_that_is_bad_is_told_with_its_place(tmp_path):
    text = (DATA / "passing.yaml").read_text()
    (tmp_path / "shop.openapi.yaml").write_text((DATA / "shop.openapi.yaml").read_text())
    (tmp_path / "orders").mkdir()
    (tmp_path / "orders" / "paid.json").write_text((DATA / "orders" / "paid.json").read_text())
    (tmp_path / "linkspan.yaml").write_text(text.replace("call: shop.createReservation", "call: shop.createReservaton"))
    code, out, err = run(directory=tmp_path)
    assert (code, out) == (2, "")
    assert err.startswith("linkspan.yaml:11:15: ") and 'did you mean "createReservation"?' in err
    (tmp_path / "linkspan.yaml").write_text(text.replace("kill: everywhere", "kill: somewhere", 1))
    assert run(directory=tmp_path)[0] == 2
