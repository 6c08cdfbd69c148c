"""Reload, drain and log files of the running process: all or nothing, and nobody notices."""

import signal
import socket
import ssl
import subprocess
import threading

import pytest

from conftest import answer, free_port, json_lines, refuses, simple_config, wait_until

RESPOND = """
workers: {workers}
admin: {admin}
endpoints:
  hello: {{ path: /hello, respond: {{ status: 200, body: "{body}" }} }}
"""


def responding(listen, admin="http://127.0.0.1:0", body="one", workers=1, more=""):
    return f"listen: {listen}\n" + RESPOND.format(admin=admin, body=body, workers=workers) + more


def status(gateway):
    return gateway.admin("/status").json()


def reload(gateway, config):
    """Rewrites the config, and returns what became of it."""
    before = status(gateway)["config"]["last_reload"]
    gateway.rewrite(config)
    wait_until(lambda: status(gateway)["config"]["last_reload"] != before, "the reload")
    return status(gateway)["config"]["last_reload"]


def get_hello(port):
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(b"GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        received = b""
        while data := client.recv(4096):
            received += data
    return received.rsplit(b"\r\n\r\n", 1)[1]


# --- Listeners over reloads.


@pytest.mark.parametrize("which", ["listen", "admin"])
def test_an_address_that_cannot_be_had_leaves_all_as_it_was(linkspan, which):
    gateway = linkspan(responding("http://127.0.0.1:0"))
    fresh = free_port()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        busy = f"http://127.0.0.1:{taken.getsockname()[1]}"
        listen = busy if which == "listen" else f"http://127.0.0.1:{fresh}"
        admin = busy if which == "admin" else f"http://127.0.0.1:{fresh}"
        outcome = reload(gateway, responding(listen, admin, body="two"))
    assert outcome["outcome"] == "failure" and busy.removeprefix("http://") in outcome["problem"]
    told = status(gateway)
    assert told["config"]["generation"] == 1
    assert told["listeners"][0]["address"] == f"127.0.0.1:{gateway.port}"
    assert get_hello(gateway.port) == b"one"
    assert refuses(fresh)
    assert reload(gateway, responding("http://127.0.0.1:0", body="three"))["outcome"] == "success"
    wait_until(lambda: get_hello(gateway.port) == b"three", "the new config")


def test_listeners_come_and_go(linkspan):
    gateway = linkspan(responding("http://127.0.0.1:0", workers=2))
    fresh = free_port()
    assert reload(gateway, responding(f"[http://127.0.0.1:0, http://127.0.0.1:{fresh}]", workers=2))["outcome"] == "success"
    assert get_hello(fresh) == b"one" and get_hello(gateway.port) == b"one"
    assert reload(gateway, responding(f"http://127.0.0.1:{fresh}", workers=2, body="two"))["outcome"] == "success"
    wait_until(lambda: get_hello(fresh) == b"two", "the new config")
    wait_until(lambda: refuses(gateway.port), "the old listener to close")
    (gone,) = wait_until(lambda: gateway.log_messages("no longer listening"), "the log")
    assert gone["address"] == f"127.0.0.1:{gateway.port}"


def test_admin_and_callers_may_swap_ports(linkspan):
    first, second = free_port(), free_port()
    gateway = linkspan(responding(f"http://127.0.0.1:{first}", f"http://127.0.0.1:{second}"))
    gateway.rewrite(responding(f"http://127.0.0.1:{second}", f"http://127.0.0.1:{first}"))
    wait_until(lambda: gateway.log_messages("config reloaded"), "the reload")

    # For a moment both listen on both ports.
    def swapped():
        try:
            return get_hello(second) == b"one" and b"healthz" not in get_hello(second)
        except OSError:
            return False

    wait_until(swapped, "callers on the second port")
    for _ in range(5):
        assert get_hello(second) == b"one"


def test_listeners_on_system_chosen_ports_keep_their_own_tls(linkspan, tmp_path):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=tmp_path, check=True, capture_output=True,
    )
    listen = "[http://127.0.0.1:0, {url: https://127.0.0.1:0, certificate: cert.pem, key: key.pem}]"
    gateway = linkspan(responding(listen))
    for body in ("one", "two"):
        wait_until(lambda: get_hello(gateway.ports()[0]) == body.encode(), "the config in the clear")
        context = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
        with socket.create_connection(("127.0.0.1", gateway.ports()[1]), timeout=30) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as client:
                client.sendall(b"GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                received = b""
                while data := client.recv(4096):
                    received += data
                assert received.endswith(body.encode())
        if body == "one":
            assert reload(gateway, responding(listen, body="two"))["outcome"] == "success"


# --- What reload takes along, and what waits for the next start.


def test_sighup_reloads(linkspan):
    gateway = linkspan(responding("http://127.0.0.1:0"))
    gateway.signal(signal.SIGHUP)
    wait_until(lambda: gateway.generation() == 2, "the reload")


def test_a_request_in_flight_keeps_its_config(linkspan, server):
    release = threading.Event()

    def slow(connection, head, number):
        if b"/slow" in head:
            release.wait(30)
        return answer(b"old")

    backend = server(slow).port
    gateway = linkspan(simple_config(backend))
    assert gateway.get("/quick").status == 200
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=30) as client:
        client.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(lambda: status(gateway)["requests_in_flight"] == 1, "the request to be in flight")
        gone = simple_config(backend).replace("  all:", "  other:").replace("/{rest...}", "/other")
        assert reload(gateway, gone)["outcome"] == "success"
        wait_until(lambda: gateway.get("/slow").status == 404, "the new config")
        release.set()
        assert client.recv(4096).endswith(b"old")
    wait_until(lambda: b'endpoint="all"' not in gateway.admin("/metrics").body, "the old metrics to go")


def test_levels_change_at_once(linkspan):
    gateway = linkspan(responding("http://127.0.0.1:0"))
    quiet = responding("http://127.0.0.1:0", more="log: { level: off }\n")
    assert reload(gateway, quiet)["outcome"] == "success"
    assert reload(gateway, quiet + "# again\n")["outcome"] == "success"
    assert reload(gateway, responding("http://127.0.0.1:0"))["outcome"] == "success"
    (spoken,) = wait_until(lambda: gateway.log_messages("config reloaded"), "the log to speak again")
    assert spoken["generation"] == 4


@pytest.mark.parametrize(
    "change,said",
    [
        (dict(workers=2), "another number of workers takes effect with the next start"),
        (dict(more="log: { output: other.log }\n"), "other log outputs or another log format take effect with the next start"),
        (dict(more="log: { access: { output: access.log } }\n"),
         "other log outputs or another log format take effect with the next start"),
    ],
)
def test_what_needs_a_restart_is_said(linkspan, change, said):
    gateway = linkspan(responding("http://127.0.0.1:0"))
    assert reload(gateway, responding("http://127.0.0.1:0", **change))["outcome"] == "success"
    wait_until(lambda: gateway.log_messages(said), "the warning")
    assert reload(gateway, responding("http://127.0.0.1:0"))["outcome"] == "success"
    assert len(gateway.log_messages(said)) == 1


def test_an_access_log_can_be_switched_off_and_on(linkspan):
    gateway = linkspan(responding("http://127.0.0.1:0"))
    get_hello(gateway.port)
    gateway.wait_access(1)
    off = responding("http://127.0.0.1:0", body="two", more="log: { access: { enabled: false } }\n")
    assert reload(gateway, off)["outcome"] == "success"
    wait_until(lambda: get_hello(gateway.port) == b"two", "the new config")
    gateway.get("/while-off")
    assert reload(gateway, responding("http://127.0.0.1:0", body="three"))["outcome"] == "success"
    wait_until(lambda: get_hello(gateway.port) == b"three", "the last config")
    gateway.get("/while-on")
    wait_until(lambda: "/while-on" in gateway.out(), "the access log to speak again")
    assert "/while-off" not in gateway.out()
    assert gateway.log_messages("other log outputs or another log format take effect with the next start") == []


def test_a_disabled_access_log_opens_no_file(linkspan, tmp_path):
    off = "log: { access: { enabled: false, output: missing/access.log } }\n"
    gateway = linkspan(responding("http://127.0.0.1:0", more=off))
    assert get_hello(gateway.port) == b"one"
    assert gateway.access_log() == [] and not (tmp_path / "missing").exists()


def test_sigusr1_goes_on_in_new_files(linkspan, tmp_path):
    log = "log: { output: linkspan.log, access: { output: access.log } }\n"
    gateway = linkspan(responding("http://127.0.0.1:0", more=log), wait=False)
    path, access = tmp_path / "linkspan.log", tmp_path / "access.log"

    def records(file):
        return json_lines(file.read_text()) if file.exists() else []

    def address():
        found = [r["address"] for r in records(path) if r["message"] == "listening"]
        return found and any(r["message"] == "ready" for r in records(path)) and found[0]

    port = int(wait_until(address, "the log file").rsplit(":", 1)[1])
    get_hello(port)
    wait_until(lambda: len(records(access)) == 1, "the access log")
    path.rename(tmp_path / "linkspan.log.1")
    access.rename(tmp_path / "access.log.1")
    gateway.signal(signal.SIGUSR1)
    wait_until(access.exists, "a new access log")
    get_hello(port)
    wait_until(lambda: len(records(access)) == 1, "its first line")
    assert len(records(tmp_path / "access.log.1")) == 1
    gateway.signal(signal.SIGTERM)
    assert gateway.wait() == 0
    assert [r["message"] for r in records(path)][-1] == "stopped"


# --- The end.


def test_an_idle_process_ends_at_once(linkspan):
    gateway = linkspan(responding("http://127.0.0.1:0", workers=2))
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=30) as idle:
        get_hello(gateway.port)
        gateway.signal(signal.SIGINT)
        assert gateway.wait() == 0
        assert idle.recv(1) == b""
    assert gateway.log_messages("stopped")


def hold_a_request(linkspan, server, timeout):
    """A gateway with a request that its server does not answer."""
    hung = threading.Event()
    backend = server(lambda connection, head, number: hung.wait(60) and None)
    gateway = linkspan(simple_config(backend.port, more=f"limits: {{ drain_timeout: {timeout} }}"))
    client = socket.create_connection(("127.0.0.1", gateway.port), timeout=60)
    client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    wait_until(lambda: status(gateway)["requests_in_flight"] == 1, "the request to be in flight")
    return gateway, client, hung


def ends(client):
    try:
        while client.recv(4096):
            pass
    except ConnectionResetError:
        pass
    client.close()


def test_the_drain_timeout_breaks_off_what_hangs(linkspan, server):
    gateway, client, hung = hold_a_request(linkspan, server, "300ms")
    gateway.signal(signal.SIGTERM)
    assert gateway.wait() == 0
    assert gateway.log_messages("drain timeout: breaking off what is still in flight")
    ends(client)
    hung.set()


def test_a_second_signal_does_not_wait(linkspan, server):
    gateway, client, hung = hold_a_request(linkspan, server, "1h")
    gateway.signal(signal.SIGTERM)
    wait_until(lambda: gateway.admin("/readyz").status == 503, "the drain")
    gateway.signal(signal.SIGTERM)
    assert gateway.wait() == 0
    assert gateway.log_messages("told to end again: breaking off what is still in flight")
    ends(client)
    hung.set()


def test_no_reload_while_draining(linkspan, server):
    gateway, client, hung = hold_a_request(linkspan, server, "1h")
    gateway.signal(signal.SIGTERM)
    wait_until(lambda: gateway.admin("/readyz").status == 503, "the drain")
    gateway.signal(signal.SIGHUP)
    gateway.rewrite("nonsense")
    assert gateway.admin("/healthz").status == 200
    hung.set()
    ends(client)
    assert gateway.wait() == 0
    assert gateway.log_messages("config reloaded") == []


def test_half_said_requests_do_not_keep_the_process(linkspan):
    gateway = linkspan(responding("http://127.0.0.1:0", more="limits: { drain_timeout: 300ms }\n"))
    public = socket.create_connection(("127.0.0.1", gateway.port), timeout=30)
    admin = socket.create_connection(("127.0.0.1", gateway.admin_port), timeout=30)
    for client in (public, admin):
        client.sendall(b"GET /hello HTTP/1.1\r\nHo")
    wait_until(lambda: status(gateway)["connections"] == 1, "the connection")
    gateway.signal(signal.SIGTERM)
    assert gateway.wait() == 0
    ends(public)
    ends(admin)
