"""linkspan jq, beside what jq 1.8 prints for the same words."""

import os
import subprocess

import pytest

from conftest import BINARY, PATIENCE

ORDER = '{"id":7,"items":[{"sku":"a","price":2.5,"qty":2},{"sku":"é","price":1,"qty":3}],"note":null}'


def jq(*arguments, text="", directory=None):
    done = subprocess.run([BINARY, "jq", *arguments], input=text.encode(), capture_output=True, cwd=directory,
                          timeout=30 * PATIENCE)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.mark.parametrize(
    ("arguments", "text", "expected"),
    [
        (["."], '{"b":1,"a":[1,{}]} [ ]', '{\n  "b": 1,\n  "a": [\n    1,\n    {}\n  ]\n}\n[]\n'),
        (["-c", "."], "1 [2]\n\"x\"", '1\n[2]\n"x"\n'),
        (["-c", ".items | map(.price * .qty) | add"], ORDER, "8\n"),
        (["-r", ".items[].sku"], ORDER, "a\né\n"),
        (["-j", ".items[] | .sku, .qty"], ORDER, "a2é3"),
        (["-a", ".items[1].sku"], ORDER, '"\\u00e9"\n'),
        (["-S", "-c", "."], '{"b":{"d":1,"c":2},"a":3}', '{"a":3,"b":{"c":2,"d":1}}\n'),
        (["--tab", "."], "[1]", "[\n\t1\n]\n"),
        (["--indent", "1", "."], "[1]", "[\n 1\n]\n"),
        (["--indent", "0", "."], "[1]", "[1]\n"),
        (["-n", "1 + 1"], "not read", "2\n"),
        (["-s", "-c", "."], "1 2 [3]", "[1,2,[3]]\n"),
        (["-s", "-c", "."], "", "[]\n"),
        (["-R", "."], "a\nb", '"a"\n"b"\n'),
        (["-Rs", "."], "a\nb\n", '"a\\nb\\n"\n'),
        (["-nc", "$ARGS.positional", "--args", "a", "[b,c]", "-1"], "", '["a","[b,c]","-1"]\n'),
        (["-nc", "--jsonargs", "$ARGS.positional", "1", "[2,3]", '{"a":null}'], "", '[1,[2,3],{"a":null}]\n'),
        (["-nc", "--arg", "a", "[x]", "--argjson", "b", "[1,2]", "[$a, $b, $ARGS.named]"], "",
         '["[x]",[1,2],{"a":"[x]","b":[1,2]}]\n'),
        (["-n", "100000000000000000001, 1.10"], "", "100000000000000000001\n1.1\n"),
        (["."], "100000000000000000000000000000001", "100000000000000000000000000000001\n"),
        (["-n", "[limit(3; repeat(1))] | length"], "", "3\n"),
        (["[.[] | tojson]", "-c"], "[1,[2],\"3\"]", '["1","[2]","\\"3\\""]\n'),
        (["."], "", ""),
    ],
)
def test_prints_what_jq_prints(arguments, text, expected):
    assert jq(*arguments, text=text) == (0, expected, "")


def test_reads_files_one_after_the_other(tmp_path):
    (tmp_path / "a.json").write_text("1 2")
    (tmp_path / "b.json").write_text("[3]")
    (tmp_path / "p.jq").write_text("# doubles\n. + .\n")
    assert jq("-c", ".", "a.json", "b.json", directory=tmp_path) == (0, "1\n2\n[3]\n", "")
    assert jq("-sc", ".", "a.json", "b.json", directory=tmp_path) == (0, "[1,2,[3]]\n", "")
    assert jq("-c", "-f", "p.jq", "a.json", "b.json", directory=tmp_path) == (0, "2\n4\n[3,3]\n", "")
    assert jq("-nc", "--slurpfile", "a", "a.json", "--rawfile", "b", "b.json", "$a, $b", directory=tmp_path) == (
        0, '[1,2]\n"[3]"\n', "")


def test_what_cannot_be_read_is_exit_code_2(tmp_path):
    (tmp_path / "good.json").write_text("1")
    assert jq(".", "none.json", "good.json", directory=tmp_path) == (2, "1\n", "linkspan: cannot read none.json\n")
    assert jq(".", ".", directory=tmp_path) == (2, "", "linkspan: cannot read .\n")
    code, out, err = jq("-c", ".", text='{"a":1} {"a":1,"a":2}')
    assert (code, out) == (2, '{"a":1}\n')
    assert err.startswith("linkspan: standard input: json-invalid: byte ")
    assert jq("-n", "--argjson", "a", "{", "$a")[0] == 2
    assert jq("--indent", "99", ".")[0] == 2
    assert jq()[0] == 2


def test_what_is_no_program_is_exit_code_3_and_shows_the_place():
    code, out, err = jq(".items[] | {id: .id, total}}")
    assert (code, out) == (3, "")
    assert err.splitlines()[0].startswith("linkspan: jq-invalid: ")
    assert err.splitlines()[1:] == ["    .items[] | {id: .id, total}}", "                               ^"]
    code, _, err = jq("-n", "$nobody")
    assert code == 3 and "$nobody is not defined" in err
    for outside in ("input", "env", "$ENV", "halt", 'import "a" as a; 1', "input_filename"):
        assert jq("-n", outside)[0] == 3, outside


def test_an_input_on_which_the_program_fails_is_exit_code_5_and_the_others_are_done():
    code, out, err = jq("-c", ".a", text='{"a":1} [2] {"a":3}')
    assert (code, out) == (5, "1\n3\n")
    assert err.splitlines() == [
        'linkspan: standard input: jq-failed: Cannot index array with string ("a") at line 1, column 1:',
        "    .a", "    ^^"]


@pytest.mark.parametrize(("program", "code"), [("1", 0), ("false", 1), ("null", 1), ("1, null", 1), ("null, 1", 0),
                                               ("empty", 4), ("error", 5)])
def test_exit_status_follows_the_last_output_if_asked(program, code):
    assert jq("-e", "-n", program)[0] == code


def test_debug_goes_to_standard_error():
    assert jq("-n", "1 | debug | . + 1") == (0, "2\n", '["DEBUG:",1]\n')


def test_deep_input_and_endless_recursion_end_in_errors():
    code, _, err = jq(".", text="[" * 100_000)
    assert code == 2 and "json-too-large" in err
    code, _, err = jq("-n", "def f: 1 + f; f")
    assert code == 5 and "jq-limit-exceeded: the run went past max_depth" in err


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
def test_an_output_that_cannot_be_written_is_said():
    with open("/dev/full", "w") as full:
        done = subprocess.run([BINARY, "jq", "-n", "1"], stdout=full, stderr=subprocess.PIPE, text=True,
                              timeout=30 * PATIENCE)
    assert done.returncode == 3 and "cannot write" in done.stderr
