"""./dev conformance json-schema: what its runner counts, and that the mandatory cases all pass."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from conftest import BINARY, PATIENCE

RUNNER = Path(BINARY).parent / "conformance/linkspan_json_schema_conformance"
SUITE = Path(os.environ.get("LINKSPAN_TEST_DATA", Path(__file__).parent.parent.parent / "shared/data")) / "json-schema"


def run(*arguments):
    if not RUNNER.exists():
        pytest.skip(f"{RUNNER.name} is not built (./dev build does)")
    done = subprocess.run([RUNNER, *map(str, arguments)], capture_output=True, text=True, timeout=60 * PATIENCE)
    return done.returncode, done.stdout.splitlines()


def write(path, document):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))


@pytest.fixture
def suite(tmp_path):
    integer = {"description": "a remote integer", "schema": {"$ref": "http://localhost:1234/folder/integer.json"},
               "tests": [{"description": "1", "data": 1, "valid": True}, {"description": "a", "data": "a", "valid": False}]}
    exclusive = {"description": "exclusive", "schema": {"minimum": 1, "exclusiveMinimum": True},
                 "tests": [{"description": "1", "data": 1, "valid": False}]}
    date = {"description": "date", "schema": {"format": "date"},
            "tests": [{"description": "no date", "data": "x", "valid": False}]}
    write(tmp_path / "remotes/folder/integer.json", {"type": "integer"})
    write(tmp_path / "tests/draft7/ref.json", [integer])
    write(tmp_path / "tests/draft4/minimum.json", [exclusive])
    write(tmp_path / "tests/draft7/optional/format/date.json", [date])
    write(tmp_path / "tests/draft3/old.json", [date])
    return tmp_path


def test_folders_tell_the_draft_and_unsupported_ones_are_skipped(suite):
    assert run(suite / "tests") == (0, ["4 passed, 0 failed, 1 skipped"])


def test_the_draft_can_be_forced_and_failures_are_named(suite):
    code, lines = run(suite / "tests/draft4", "--draft", "7")
    assert code == 1
    assert lines[-1] == "0 passed, 1 failed, 0 skipped"
    assert "exclusive: 1" in lines[0] and "exclusiveMinimum: must be a number, is true" in lines[1]
    assert run("--draft", "3", suite)[0] == 2
    assert run(suite / "nowhere")[0] == 2


@pytest.mark.parametrize("draft", ["draft4", "draft2020-12"])
def test_all_mandatory_cases_pass(draft):
    if not SUITE.is_dir():
        pytest.skip(f"no {SUITE} (LINKSPAN_TEST_DATA names another folder)")
    code, lines = run(SUITE / "tests" / draft)
    assert code == 0, lines
    assert lines[-1].endswith(" passed, 0 failed, 0 skipped") and not lines[-1].startswith("0 ")
