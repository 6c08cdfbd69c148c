"""The commands, as a person at a terminal meets them: output, exit codes, help."""

import json
import os
import re
import socket
import subprocess
from pathlib import Path

import pytest

from conftest import BINARY, PATIENCE, ROOT, request

GOLDENS = Path(__file__).parent / "data" / "cli"
COMMANDS = ["run", "check", "config", "config show", "schema", "explain", "jq", "keys", "keys new", "api", "api show", "api lint",
            "api diff", "api example",
            "test", "runs", "runs list", "runs show", "runs watch", "runs retry", "runs resume", "runs skip", "runs undo", "runs cancel", "runs approve",
            "runs rehearse",
            "run-flow", "store", "store backup", "store check", "store vacuum",
            "help", "version"]

SHOP = """
listen: http://127.0.0.1:0
credentials:
  psp: { bearer: "${env:PSP_TOKEN}" }
apis:
  stock: { servers: [http://127.0.0.1:7001], credential: psp }
  crm: { servers: [http://127.0.0.1:7002] }
auth:
  key: { api_key: { header: X-Api-Key } }
consumers:
  storefront: { keys: [{ id: k1, sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 }] }
endpoints:
  stock: { path: "/stock/{id}", methods: GET, auth: key, proxy: { api: stock } }
  hello: { path: /hello, respond: { status: 200, body: hi } }
"""
ENVIRONMENT = {"PSP_TOKEN": "very-secret-token"}


def cli(*arguments, directory=None, env=None, stdout=subprocess.PIPE):
    return subprocess.run(
        [BINARY, *arguments], cwd=directory, env=dict(os.environ, **(env or {})), stdin=subprocess.DEVNULL,
        stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=30 * PATIENCE,
    )


@pytest.fixture
def shop(tmp_path):
    (tmp_path / "linkspan.yaml").write_text(SHOP)
    return lambda *arguments, **kwargs: cli(*arguments, directory=tmp_path, env=ENVIRONMENT, **kwargs)


def check_golden(name, text):
    path = GOLDENS / name
    if os.environ.get("LINKSPAN_UPDATE_GOLDENS"):
        path.write_text(text)
    assert text == path.read_text(), f"{path} (LINKSPAN_UPDATE_GOLDENS=1 rewrites it)"


# --- Help, version, and a command line that is wrong.


def test_help_names_all_commands_and_exit_codes():
    done = cli("--help")
    assert (done.returncode, done.stderr) == (0, "")
    check_golden("help.txt", done.stdout)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command):
    done = cli(*command.split(), "--help")
    assert (done.returncode, done.stderr) == (0, "")
    check_golden(f"help_{command.replace(' ', '_')}.txt", done.stdout)
    assert cli("help", *command.split()).stdout == done.stdout


def test_nothing_said_prints_the_help_as_an_error():
    done = cli()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == cli("--help").stdout


@pytest.mark.parametrize(
    "arguments,said",
    [
        (["rnu"], 'unknown command "rnu"; did you mean "run"?'),
        (["chekc", "-c", "x.yaml"], 'unknown command "chekc"; did you mean "check"?'),
        (["frobnicate"], 'unknown command "frobnicate"'),
        (["keys", "nwe"], 'unknown command "nwe"; did you mean "new"?'),
        (["config"], "subcommand is required"),
        (["run", "--prot", "1"], "--prot"),
        (["run", "-c"], "-c"),
        (["explain", "GET"], "PATH is required"),
        (["version", "now"], "now"),
    ],
)
def test_a_wrong_command_line_is_told_in_a_line(arguments, said):
    done = cli(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    first, second = done.stderr.splitlines()
    assert first.startswith("linkspan: ") and said in first
    assert second == 'See "linkspan --help".'


def test_version_tells_all_that_matters_in_a_bug_report():
    done = cli("version")
    assert done.returncode == 0
    assert re.fullmatch(
        r"linkspan \d+\.\d+\.\d+\ncompiler (gcc|clang) \d+\S*.*\nOpenSSL 3\S+ .*\nc-ares \d+\S+\nlibyaml \d+\S+\n", done.stdout
    ), done.stdout
    assert cli("--version").stdout == done.stdout.splitlines()[0] + "\n"


def test_output_that_cannot_be_written_is_a_failure():
    with open("/dev/full", "wb") as full:
        done = cli("schema", stdout=full)
    assert done.returncode == 3
    assert done.stderr == "linkspan: cannot write to standard output\n"


# --- help ERROR.


def slugs_of_the_page():
    return re.findall(r"^## (\S+)$", (ROOT / "docs/errors.md").read_text(), re.MULTILINE)


def test_help_alone_lists_every_error():
    done = cli("help")
    assert done.returncode == 0
    listed = [line.split()[0] for line in done.stdout.splitlines() if line.startswith("  ")]
    assert listed == slugs_of_the_page()
    assert re.search(r"^  upstream-reset +502  \S", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("slug", slugs_of_the_page())
def test_every_error_is_explained(slug):
    done = cli("help", slug)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"{slug}: ") and lines[1].startswith("Source: ") and lines[2] == ""
    assert any(line.startswith("What to do: ") for line in lines)
    assert not any(line.startswith("#") for line in lines), "no Markdown headings"


def test_errors_are_found_as_problem_documents_name_them():
    assert cli("help", "urn:linkspan:error:rate-limited").stdout == cli("help", "rate-limited").stdout


def test_an_unknown_error_leads_to_the_nearest():
    done = cli("help", "upstream-rest")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == 'linkspan: no command and no error is called "upstream-rest"; did you mean "upstream-reset"?\n'
    assert '"linkspan help" lists the errors' in cli("help", "xyzzy").stderr


# --- check, config show, schema.


def test_a_good_config_is_counted(shop):
    done = shop("check")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "linkspan.yaml: ok (2 apis, 2 endpoints, 1 consumer, 1 listener)\n"


@pytest.mark.parametrize("example", ["shop", "flows"])
def test_the_examples_are_good(example):
    done = cli("check", "-c", f"examples/{example}/linkspan.yaml", directory=ROOT)
    assert done.returncode == 0, done.stderr


def test_every_problem_is_told_with_its_place(tmp_path):
    (tmp_path / "linkspan.yaml").write_text(
        "listen: http://127.0.0.1:0\n"
        "apis:\n"
        "  stock: { servers: [http://127.0.0.1:7001], retrys: 3 }\n"
        "endpoints:\n"
        "  stock: { path: /stock, proxy: { api: stokc } }\n"
        "  more: { path: /more, proxy: { api: stock }, rate: fast }\n"
    )
    for command in (["check"], ["run"], ["config", "show"], ["explain", "GET", "/"]):
        done = cli(*command, directory=tmp_path)
        assert (done.returncode, done.stdout) == (1, ""), command
        lines = done.stderr.splitlines()
        assert [line.split(": ")[0] for line in lines] == [f"linkspan.yaml:{place}" for place in ("3:46", "5:40", "6:53")]
        assert 'unknown key "retrys"' in lines[0] and 'did you mean "retry"?' in lines[0]
        assert '"stokc"' in lines[1] and 'did you mean "stock"?' in lines[1]


def test_a_config_that_is_not_there(tmp_path):
    done = cli("check", directory=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("linkspan.yaml: ") and "-c FILE" in done.stderr
    done = cli("check", "-c", "other.yaml", directory=tmp_path)
    assert done.returncode == 1 and done.stderr.startswith("other.yaml: ")


ROUTES_IN_CONFLICT = """
listen: http://127.0.0.1:0
apis: { a: { servers: [http://127.0.0.1:7001] } }
endpoints:
  one: { path: "/x/{id}", proxy: { api: a } }
  two: { path: "/x/{name}", proxy: { api: a } }
"""


@pytest.mark.parametrize(
    "config,place,said",
    [
        (ROUTES_IN_CONFLICT, "linkspan.yaml:6:", "one"),
        ("listen:\n  - http://127.0.0.1:8080\n  - http://127.0.0.1:8080\n", "linkspan.yaml:3:5: ", "linkspan.yaml:2:5"),
        ("listen: { url: https://127.0.0.1:0, certificate: bad.pem, key: bad.pem }\n", "linkspan.yaml:1:", "bad.pem"),
        ("listen: http://127.0.0.1:0\napis:\n  a: { servers: [https://127.0.0.1:1], tls: { ca: bad.pem } }\n",
         "linkspan.yaml:", "bad.pem"),
    ],
    ids=["routes", "address given twice", "certificate", "upstream authority"],
)
def test_check_refuses_all_that_run_would_refuse(tmp_path, config, place, said):
    (tmp_path / "linkspan.yaml").write_text(config)
    (tmp_path / "bad.pem").write_text("not a certificate")
    done = cli("check", directory=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(place) and said in done.stderr, done.stderr
    assert cli("run", directory=tmp_path).returncode in (1, 3)


def test_check_opens_no_port_and_no_file(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (tmp_path / "linkspan.yaml").write_text(f"listen: http://127.0.0.1:{port}\nlog: {{ output: linkspan.log }}\n")
        assert cli("check", directory=tmp_path).returncode == 0
    assert not (tmp_path / "linkspan.log").exists()


def test_check_tells_of_logs_that_cannot_be_written(tmp_path):
    (tmp_path / "linkspan.yaml").write_text(
        "listen: http://127.0.0.1:0\nlog: { output: missing/linkspan.log, access: { output: . } }\n")
    done = cli("check", directory=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    general, = done.stderr.splitlines()[:1]
    assert general == 'linkspan.yaml: log.output: "missing/linkspan.log" cannot be written: its directory: No such file or directory'
    assert not (tmp_path / "missing").exists()


def test_the_effective_config_has_defaults_and_no_secrets(shop):
    done = shop("config", "show")
    assert (done.returncode, done.stderr) == (0, "")
    assert "very-secret-token" not in done.stdout and "***" in done.stdout
    assert "first_byte: 30s" in done.stdout and "drain_timeout: 30s" in done.stdout


def test_the_effective_config_is_a_config(tmp_path):
    (tmp_path / "linkspan.yaml").write_text("listen: http://127.0.0.1:0\napis: { a: { servers: http://127.0.0.1:7001 } }\n")
    shown = cli("config", "show", directory=tmp_path).stdout
    (tmp_path / "shown.yaml").write_text(shown)
    assert cli("config", "show", "-c", "shown.yaml", directory=tmp_path).stdout == shown


def test_the_schema_is_one():
    done = cli("schema")
    assert done.returncode == 0
    schema = json.loads(done.stdout)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert {"listen", "admin", "apis", "endpoints"} <= set(schema["properties"])


# --- explain.


def test_a_request_is_explained_without_sending_it(shop):
    done = shop("explain", "GET", "/stock/7?color=red", "-H", "X-Api-Key: test", "-H", "Accept: text/html", "--client", "203.0.113.9")
    assert (done.returncode, done.stderr) == (0, "")
    check_golden("explain.txt", done.stdout)


def test_an_explanation_can_be_read_by_programs(shop):
    done = shop("explain", "GET", "/stock/7", "-H", "X-Api-Key: test", "--json")
    assert done.returncode == 0
    told = json.loads(done.stdout)
    assert told["endpoint"] and "very-secret-token" not in done.stdout


def test_refusals_have_an_exit_code(shop):
    refused = shop("explain", "GET", "/stock/7")
    assert refused.returncode == 1 and "credentials-missing" in refused.stdout
    missing = shop("explain", "GET", "/stok/7")
    assert missing.returncode == 1 and "endpoint-not-found" in missing.stdout
    assert shop("explain", "GET", "/hello").returncode == 0


@pytest.mark.parametrize(
    "arguments", [["-H", "no colon"], ["--client", "nobody"]]
)
def test_what_cannot_be_explained(shop, arguments):
    done = shop("explain", "GET", "/hello", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("linkspan: ")


@pytest.mark.parametrize(
    "arguments,error",
    [
        (["GET", "/hello", "-H", "Bad Name: x"], "header-invalid"),
        (["GET", "/he llo"], "request-line-invalid"),
        (["GET", "/a%zz"], "target-invalid"),
        (["GE(T", "/hello"], "method-invalid"),
        (["GET", "/hello\n"], "bad-request"),
    ],
)
def test_a_request_that_is_no_http_is_explained_by_its_answer(shop, arguments, error):
    done = shop("explain", *arguments)
    assert (done.returncode, done.stderr) == (1, "")
    assert "answered by Linkspan: 400" in done.stdout and f"  error     {error}\n" in done.stdout, done.stdout


# --- keys new.


def test_a_new_key_opens_the_door(tmp_path):
    def new_key(*arguments):
        done = cli("keys", "new", *arguments)
        assert (done.returncode, done.stderr) == (0, "")
        return re.search(r"\blsk_[0-9A-Za-z]{43}\b", done.stdout).group(), done.stdout

    key, printed = new_key("--consumer", "storefront", "--id", "k7")
    assert re.search(r"^      - \{ id: k7, sha256: [0-9a-f]{64} \}$", printed, re.MULTILINE)
    assert new_key()[0] != key
    assert re.search(r"^  \{ id: k1, sha256: [0-9a-f]{64} \}$", new_key()[1], re.MULTILINE)
    (tmp_path / "linkspan.yaml").write_text(
        "listen: http://127.0.0.1:0\n"
        "auth: { key: { api_key: { header: X-Api-Key } } }\n"
        "endpoints: { hello: { path: /hello, auth: key, respond: { status: 204 } } }\n" + printed[printed.index("consumers:") :]
    )
    explain = lambda value: cli("explain", "GET", "/hello", "-H", f"X-Api-Key: {value}", directory=tmp_path)
    assert explain(key).returncode == 0
    assert 'k7' in explain(key).stdout and key not in explain(key).stdout
    assert explain(key[:-1]).returncode == 1


def test_a_key_needs_a_name_that_a_config_can_have():
    done = cli("keys", "new", "--id", "a b")
    assert (done.returncode, done.stdout) == (2, "")


# --- run: what keeps it from starting.


def test_run_serves_the_file_it_is_given(linkspan):
    process = linkspan("listen: http://127.0.0.1:0\nendpoints: { hello: { path: /hello, respond: { status: 200, body: hi } } }\n")
    assert request(process.port, "GET", "/hello").body == b"hi"


def test_an_address_in_use_is_said_so(tmp_path, linkspan):
    first = linkspan("listen: http://127.0.0.1:0\n")
    second = tmp_path / "second"
    second.mkdir()
    for port in (first.port, socket.create_server(("127.0.0.1", 0))):
        number = port if isinstance(port, int) else port.getsockname()[1]
        (second / "linkspan.yaml").write_text(f"listen: http://127.0.0.1:{number}\n")
        done = cli("run", directory=second)
        assert done.returncode == 3
        last = done.stderr.splitlines()[-1]
        assert last.startswith("linkspan: listen-failed: ") and f"127.0.0.1:{number}" in last and "in use" in last


def test_a_log_that_cannot_be_opened_is_said_so(tmp_path):
    (tmp_path / "linkspan.yaml").write_text("listen: http://127.0.0.1:0\nlog: { output: missing/linkspan.log }\n")
    done = cli("run", directory=tmp_path)
    assert done.returncode == 3
    assert "missing/linkspan.log" in done.stderr and done.stderr.startswith("linkspan: system-error: ")
