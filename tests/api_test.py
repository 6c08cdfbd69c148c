"""linkspan api, as a person at a terminal meets it."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from conftest import BINARY, PATIENCE

GOLDENS = Path(__file__).parent / "data" / "api"
DESCRIPTIONS = Path(os.environ.get("LINKSPAN_TEST_DATA", Path(__file__).parent.parent.parent / "shared/data")) / "openapi"


def api(*arguments):
    done = subprocess.run([BINARY, "api", *arguments], cwd=GOLDENS, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60 * PATIENCE)
    return done.returncode, done.stdout, done.stderr


def check_golden(name, text):
    path = GOLDENS / name
    if os.environ.get("LINKSPAN_UPDATE_GOLDENS"):
        path.write_text(text)
    assert text == path.read_text(), f"{path} (LINKSPAN_UPDATE_GOLDENS=1 rewrites it)"


def test_show_lists_the_operations():
    code, out, err = api("show", "shop.yaml")
    assert (code, err) == (0, "")
    check_golden("show_shop.txt", out)


@pytest.mark.parametrize("operation", ["createOrder", "GET /orders/{id}"])
def test_show_tells_all_about_an_operation(operation):
    code, out, err = api("show", "shop.yaml", operation)
    assert (code, err) == (0, "")
    check_golden(f"show_shop_{operation.split()[0]}.txt", out)


def test_show_as_json_is_for_programs():
    shown = json.loads(api("show", "shop.yaml", "--json")[1])
    assert [o["id"] for o in shown["operations"]] == ["listOrders", "createOrder", "getOrder", "put_orders_id"]
    operation = json.loads(api("show", "shop.yaml", "getOrder", "--json")[1])
    assert operation["parameters"][0]["in"] == "path" and operation["pointer"] == "/paths/~1orders~1{id}/get"


def test_an_operation_that_is_not_there_leads_to_the_nearest():
    code, out, err = api("show", "shop.yaml", "creatOrder")
    assert (code, out) == (1, "")
    assert err == 'linkspan: there is no operation "creatOrder"; did you mean "createOrder"?\n'


def test_what_is_not_understood_is_told_and_the_rest_shown(tmp_path):
    (tmp_path / "a.yaml").write_text(
        "openapi: 3.1.0\ninfo: { title: A, version: '1' }\npaths:\n  /a: { get: { tag: x, operationId: a } }\n")
    code, out, err = api("show", str(tmp_path / "a.yaml"))
    assert code == 0 and "GET  /a  a" in out
    assert err == (f'{tmp_path}/a.yaml:4:16: warning: unknown field "tag" in Operation of OpenAPI 3.1; '
                   'did you mean "tags"? (/paths/~1a/get/tag)\n')


def test_references_stay_in_the_folder_unless_a_wider_one_is_named(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "common.yaml").write_text("P: { name: p, in: query, schema: { type: string } }\n")
    (tmp_path / "in/a.yaml").write_text(
        "openapi: 3.1.0\ninfo: { title: A, version: '1' }\npaths:\n"
        "  /a: { get: { parameters: [{ $ref: '../common.yaml#/P' }] } }\n")
    code, out, err = api("show", str(tmp_path / "in/a.yaml"))
    assert code == 0 and "outside of the folder" in err
    assert api("show", str(tmp_path / "in/a.yaml"), "--root", str(tmp_path))[2] == ""


def test_a_file_that_is_not_there_or_no_description(tmp_path):
    code, out, err = api("show", str(tmp_path / "none.yaml"))
    assert (code, out) == (1, "") and "none.yaml" in err
    (tmp_path / "x.yaml").write_text("a: 1\n")
    code, out, err = api("show", str(tmp_path / "x.yaml"))
    assert (code, out) == (1, "") and "no API description" in err


@pytest.mark.parametrize("name", ["adyen_checkout_v71.json", "twilio_api_v2010.json", "twilio_messaging_v1.yaml"])
def test_real_descriptions_load_whole(name):
    if not DESCRIPTIONS.is_dir():
        pytest.skip(f"no {DESCRIPTIONS} (LINKSPAN_TEST_DATA names another folder)")
    code, out, err = api("show", str(DESCRIPTIONS / name))
    assert (code, err) == (0, "")
    assert len(out.splitlines()) > 20


# --- lint, diff, example.


def test_lint_names_the_rule_and_the_place():
    code, out, err = api("lint", "shop.yaml")
    assert (code, err) == (0, "")
    check_golden("lint_shop.txt", out)
    assert api("lint", "shop.yaml", "--strict")[0] == 1


def test_lint_as_json_and_with_errors():
    code, out, err = api("lint", "faulty.yaml", "--json")
    assert (code, err) == (1, "")
    rules = {problem["rule"]: problem for problem in json.loads(out)}
    assert rules["invalid-ref"]["line"] == 7 and rules["invalid-ref"]["severity"] == "error"
    check_golden("lint_faulty.txt", api("lint", "faulty.yaml")[1])


def test_lint_lists_its_rules():
    code, out, err = api("lint", "--rules")
    assert (code, err) == (0, "") and out.startswith("array-items  error  ")
    code, out, err = api("lint")
    assert (code, out) == (2, "") and "needs a FILE" in err


def test_diff_exits_with_1_when_something_breaks():
    code, out, err = api("diff", "shop.yaml", "shop_2.yaml")
    assert (code, err) == (1, "")
    check_golden("diff_shop.txt", out)
    breaking = json.loads(api("diff", "shop.yaml", "shop_2.yaml", "--breaking", "--json")[1])
    assert breaking and all(change["breaking"] for change in breaking)
    assert api("diff", "shop.yaml", "shop.yaml") == (0, "", "")
    assert api("diff", "shop.yaml", "none.yaml")[0] == 3


def test_example_is_a_whole_request_and_its_responses():
    code, out, err = api("example", "shop.yaml", "createOrder")
    assert (code, err) == (0, "")
    check_golden("example_shop_createOrder.txt", out)
    shown = json.loads(api("example", "shop.yaml", "createOrder", "--json")[1])
    assert shown["request"]["method"] == "POST" and shown["request"]["body"]["lines"][0]["qty"] >= 1
    assert api("example", "shop.yaml", "getOrder", "--seed", "7") == api("example", "shop.yaml", "getOrder", "--seed", "7")


def test_examples_are_checked():
    assert api("example", "shop.yaml", "--all", "--check") == (0, "4 of 4 operations have valid examples\n", "")
    code, out, err = api("example", "shop.yaml")
    assert (code, out) == (2, "") and "needs an OPERATION" in err


@pytest.mark.parametrize("name,operations", [("adyen_checkout_v71.json", 28), ("twilio_api_v2010.json", 197),
                                             ("twilio_messaging_v1.yaml", 58)])
def test_every_operation_of_real_descriptions_has_examples_that_are_valid(name, operations):
    if not DESCRIPTIONS.is_dir():
        pytest.skip(f"no {DESCRIPTIONS} (LINKSPAN_TEST_DATA names another folder)")
    expected = f"{operations} of {operations} operations have valid examples\n"
    assert api("example", str(DESCRIPTIONS / name), "--all", "--check") == (0, expected, "")
