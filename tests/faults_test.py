"""Bad input and dead systems: every failure says what it was, nobody else is disturbed, nothing waits for ever."""

import json
import socket
import threading
import time

import pytest

from conftest import PATIENCE, always, answer, closed_port, header_of, raw_exchange, simple_config, wait_until

NO_RETRY = "    retry: { attempts: 1 }"


def slug(reply):
    return reply.json()["type"].removeprefix("urn:linkspan:error:")


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()


# --- Servers that fail.


def test_a_refused_connection(linkspan):
    gateway = linkspan(simple_config(closed_port(), api=NO_RETRY))
    reply = gateway.get("/")
    assert (reply.status, slug(reply)) == (502, "upstream-connect-refused")
    line = gateway.wait_access(1)[0]
    assert line["error"] == "upstream-connect-refused" and line["attempts"] == 1 and "127.0.0.1" in line["upstream"]


@pytest.mark.parametrize(
    "what,status,expected",
    [
        (b"", 502, "upstream-reset"),
        (b"HTTP/1.1 200 O", 502, "upstream-incomplete"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", 502, "upstream-bad-response"),
        (b"HTTP/1.1 999 Odd\r\n\r\n", 502, "upstream-bad-response"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 502, "upstream-bad-response"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello", 502, "upstream-bad-response"),
        (b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", 502, "upstream-bad-response"),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n", 502, "upstream-bad-response"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n", 502, "upstream-bad-response"),
    ],
    ids=["nothing", "half a head", "another protocol", "no status", "two lengths", "length and chunks", "bare LF",
         "unasked 101", "endless head"],
)
def test_an_answer_that_is_no_answer(linkspan, server, what, status, expected):
    def script(connection, head, number):
        connection.sendall(what)
        return None

    gateway = linkspan(simple_config(server(script).port, api=NO_RETRY))
    reply = gateway.get("/")
    assert (reply.status, slug(reply)) == (status, expected)
    assert "127.0.0.1" in reply.json()["detail"], "the detail names the server"
    assert gateway.wait_access(1)[0]["error"] == expected


def test_a_server_that_resets(linkspan, server):
    gateway = linkspan(simple_config(server(lambda c, h, n: reset(c)).port, api=NO_RETRY))
    reply = gateway.get("/")
    assert (reply.status, slug(reply)) == (502, "upstream-reset")


@pytest.mark.parametrize("broken,ends,error", [
    ([b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"], "reset", "upstream-incomplete"),
    ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"], "reset", "upstream-incomplete"),
    ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", b"XYZ\r\n"], "reset", "upstream-bad-response"),
    ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nXYZ\r\n"], "502", "upstream-bad-response"),
], ids=["length", "chunks", "a later bad chunk", "a bad chunk with the head"])
def test_half_an_answer_never_looks_whole(linkspan, server, broken, ends, error):
    passed_on = threading.Event()

    def script(connection, head, number):
        for piece in broken:
            connection.sendall(piece)
            if piece is not broken[-1]:
                assert passed_on.wait(30)
        return None

    gateway = linkspan(simple_config(server(script).port))
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        received = b""
        ended = None
        while ended is None:
            try:
                data = client.recv(65536)
                received += data
                ended = "closed" if not data else None
            except ConnectionResetError:
                ended = "reset"
            if b"hello" in received:
                passed_on.set()
    if ends == "reset":
        assert ended == "reset" and received.startswith(b"HTTP/1.1 200")
        assert not received.endswith(b"0\r\n\r\n") and b"Content-Length: 9\r\n" not in received
    else:
        assert ended == "closed" and received.startswith(b"HTTP/1.1 502") and b"hello" not in received
    assert gateway.wait_access(1)[0]["error"] == error


def test_a_server_that_never_answers(linkspan, server):
    release = threading.Event()
    gateway = linkspan(simple_config(server(lambda c, h, n: release.wait(60) and None).port,
                                     api="    timeout: { first_byte: 200ms, total: 5s }\n" + NO_RETRY))
    reply = gateway.get("/")
    release.set()
    assert (reply.status, slug(reply)) == (504, "upstream-timeout-first-byte")


def test_a_server_that_stops_in_mid_answer(linkspan, server):
    release = threading.Event()

    def script(connection, head, number):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome")
        release.wait(60)

    gateway = linkspan(simple_config(server(script).port, api="    timeout: { idle: 200ms, total: 10s }"))
    received = raw_exchange(gateway.port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    release.set()
    assert received.endswith(b"some")
    assert gateway.wait_access(1)[0]["error"] == "upstream-timeout-idle"


def test_the_total_timeout_bounds_a_slow_drip(linkspan, server):
    def script(connection, head, number):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(200):
            connection.sendall(b"x")
            time.sleep(0.05)

    gateway = linkspan(simple_config(server(script).port, api="    timeout: { total: 400ms }"))
    raw_exchange(gateway.port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert gateway.wait_access(1)[0]["error"] == "upstream-timeout-total"


def test_event_streams_outlive_the_total_timeout(linkspan, server):
    total = PATIENCE  # seconds, enough for the head to arrive in

    def script(connection, head, number):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: first\n\n")
        time.sleep(total + 0.2)
        connection.sendall(b"data: last\n\n")

    gateway = linkspan(simple_config(server(script).port, api=f"    timeout: {{ total: {total}s }}"))
    assert gateway.get("/").body == b"data: first\n\ndata: last\n\n"


# --- Retries and failover.


def test_a_stopped_server_is_answered_by_the_second(linkspan, server):
    alive = server(always(b"second"))
    gateway = linkspan(simple_config(closed_port(), alive.port))
    for _ in range(10):
        reply = gateway.get("/")
        assert (reply.status, reply.body) == (200, b"second")
    attempts = [line["attempts"] for line in gateway.wait_access(10)]
    assert max(attempts) == 2 and min(attempts) == 1, "the dead server is ejected in time"


def test_a_write_reaches_the_second_server_if_the_first_refused_it(linkspan, server):
    alive = server(always(b"ok", status="201 Created"))
    gateway = linkspan(simple_config(closed_port(), alive.port))
    for _ in range(4):
        assert gateway.request("POST", "/orders", body=b"{}").status == 201
    assert len(alive.requests) == 4


def test_a_write_that_was_sent_is_never_sent_twice(linkspan, server):
    first, second = server(lambda c, h, n: None), server(lambda c, h, n: None)
    gateway = linkspan(simple_config(first.port, second.port))
    reply = gateway.request("POST", "/orders", body=b"{}")
    assert (reply.status, slug(reply)) == (502, "upstream-reset")
    assert len(first.requests) + len(second.requests) == 1


def test_a_write_answered_503_is_not_sent_twice(linkspan, server):
    first, second = [server(always(b"busy", status="503 Service Unavailable")) for _ in range(2)]
    gateway = linkspan(simple_config(first.port, second.port))
    assert gateway.request("POST", "/orders", body=b"{}").status == 503
    assert len(first.requests) + len(second.requests) == 1


def test_an_idempotent_request_is_tried_again_on_reset_and_status(linkspan, server):
    dead = server(lambda c, h, n: reset(c))
    busy = server(always(b"busy", status="503 Service Unavailable"))
    good = server(always(b"good"))
    gateway = linkspan(simple_config(dead.port, busy.port, good.port, api="    retry: { attempts: 3, budget: 100% }"))
    for _ in range(6):
        reply = gateway.request("PUT", "/things/1", body=b"state")
        assert (reply.status, reply.body) == (200, b"good")
    assert set(good.bodies) == {b"state"}, "the body is sent again whole"


def test_the_last_answer_is_passed_on_when_all_are_busy(linkspan, server):
    busy = server(always(b"busy", status="503 Service Unavailable"))
    gateway = linkspan(simple_config(busy.port))
    reply = gateway.get("/")
    assert (reply.status, reply.body) == (503, b"busy")
    assert len(busy.requests) == 3


def test_retries_stay_within_their_budget(linkspan, server):
    busy = server(always(b"busy", status="503 Service Unavailable"))
    gateway = linkspan(simple_config(busy.port, api="    retry: { attempts: 3, budget: 0% }"))
    for _ in range(10):
        assert gateway.get("/").status == 503
    assert len(busy.requests) == 10


def test_a_connection_that_the_server_closed_meanwhile_costs_no_request(linkspan, server):
    def script(connection, head, number):
        connection.sendall(answer(b"one"))
        return None  # closes after each answer without saying so

    backend = server(script)
    gateway = linkspan(simple_config(backend.port, api=NO_RETRY))
    for _ in range(30):
        assert gateway.get("/").body == b"one"


def test_unhealthy_servers_are_left_out_and_come_back(linkspan, server):
    sick = threading.Event()

    def script(connection, head, number):
        if head.startswith(b"GET /healthz"):
            return answer(b"", status="500 Sick" if sick.is_set() else "200 OK")
        return answer(b"first")

    first, second = server(script), server(always(b"second"))
    gateway = linkspan(simple_config(
        first.port, second.port,
        api="    health: { path: /healthz, every: 100ms, timeout: 100ms, unhealthy_after: 2, healthy_after: 2 }"))
    wait_until(lambda: gateway.get("/").body == b"first", "the first server to serve")
    sick.set()
    wait_until(lambda: {gateway.get("/").body for _ in range(4)} == {b"second"}, "the sick server to be left out")
    sick.clear()
    wait_until(lambda: gateway.get("/").body == b"first", "the healed server to be back")


def test_all_servers_failing_their_checks_is_said_at_once(linkspan, server):
    backend = server(lambda c, h, n: answer(b"", status="500 Sick"))
    gateway = linkspan(simple_config(
        backend.port, api="    health: { path: /healthz, every: 100ms, timeout: 100ms, unhealthy_after: 1, healthy_after: 1 }"))
    reply = wait_until(lambda: (r := gateway.get("/")).status == 503 and r, "the verdict")
    assert slug(reply) == "upstream-none-available"


# --- Clients that fail.


def test_slow_headers_time_out(linkspan, server):
    gateway = linkspan(simple_config(server().port, more="limits: { header_timeout: 300ms }"))
    received = raw_exchange(gateway.port, b"GET / HTTP/1.1\r\nHost: x\r\n", b"X-Slow: ")
    assert received.startswith(b"HTTP/1.1 408 ") and b"urn:linkspan:error:request-timeout" in received


def test_what_cannot_be_read_is_recorded_with_its_id_time_and_bytes(linkspan, server):
    gateway = linkspan(simple_config(server().port, more="limits: { header_timeout: 300ms }"))
    sent = b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "
    slow = raw_exchange(gateway.port, sent)
    broken = raw_exchange(gateway.port, b"GET / HTTP/1.1\r\nHost : x\r\n\r\n")
    late, bad = gateway.wait_access(2)
    for received, line in ((slow, late), (broken, bad)):
        head, body = received.split(b"\r\n\r\n", 1)
        assert header_of(head, "X-Request-Id") == [line["request_id"]] and len(line["request_id"]) == 32
        assert json.loads(body)["instance"].endswith(line["request_id"])
        assert not {"method", "path"} & set(line), "nothing is known of them"
    assert late["status"] == 408 and late["bytes_in"] == len(sent) and late["duration_ms"] >= 300
    assert bad["status"] == 400 and bad["bytes_in"] > 0
    series = 'linkspan_http_request_duration_seconds_{}{{endpoint="",phase="total"}}'
    assert gateway.metric(series.format("count")) == 2 and gateway.metric(series.format("sum")) >= 0.3


def test_dripping_headers_time_out_too(linkspan, server):
    gateway = linkspan(simple_config(server().port, more="limits: { header_timeout: 400ms }"))
    received = raw_exchange(gateway.port, b"GET / HTTP/1.1\r\nHost: x\r\n", *[b"X: y\r\n"] * 30, pause=0.05)
    assert received.startswith(b"HTTP/1.1 408 ")


def test_slow_bodies_time_out(linkspan, server):
    backend = server()
    gateway = linkspan(simple_config(backend.port, more="limits: { body_timeout: 300ms }"))
    received = raw_exchange(gateway.port, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
    assert received.startswith(b"HTTP/1.1 408 ") and b"urn:linkspan:error:request-timeout" in received
    assert backend.received().endswith(b"\r\n\r\nhalf"), "what came was passed on, and nothing was made up"


def test_bodies_past_the_limit_are_refused(linkspan, server):
    backend = server()
    gateway = linkspan(simple_config(backend.port, more="limits: { max_body_bytes: 1KiB }"))
    declared = gateway.request("POST", "/", body=b"x" * 2000)
    assert (declared.status, slug(declared)) == (413, "body-too-large")
    chunks = b"".join(b"200\r\n" + b"y" * 512 + b"\r\n" for _ in range(4)) + b"0\r\n\r\n"
    received = raw_exchange(gateway.port, b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
    assert received.startswith(b"HTTP/1.1 413 ")
    assert backend.requests == [] and not backend.received().endswith(b"0\r\n\r\n"), "no body that looks whole"


def test_a_client_that_leaves_ends_its_request(linkspan, server):
    arrived, gone = threading.Event(), threading.Event()

    def script(connection, head, number):
        arrived.set()
        connection.settimeout(30 * PATIENCE)
        if connection.recv(1) == b"":
            gone.set()

    gateway = linkspan(simple_config(server(script).port))
    client = socket.create_connection(("127.0.0.1", gateway.port))
    client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert arrived.wait(30 * PATIENCE)
    reset(client)
    assert gone.wait(30 * PATIENCE), "the backend's connection was not closed"
    assert gateway.wait_access(1)[0]["error"] == "client-closed"


def test_a_client_that_stops_reading_holds_only_its_buffer(linkspan, server):
    block = b"z" * 65536

    def script(connection, head, number):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (64 * 1024 * 1024))
        for _ in range(1024):
            connection.sendall(block)

    gateway = linkspan(simple_config(server(script).port, more="limits: { send_timeout: 2s }"))
    before = gateway.rss_kib()
    gateway.forget_peak_rss()
    clients = []
    for _ in range(20):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", gateway.port))
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        clients.append(client)
    lines = gateway.wait_access(20, 20)
    assert {line["error"] for line in lines} == {"client-closed"}
    grown = gateway.peak_rss_kib() - before
    if PATIENCE == 1:  # sanitizers have memory of their own for each byte of ours
        assert grown < 20 * 200, f"20 stalled clients took {grown} KiB"
    for client in clients:
        client.close()


def test_idle_connections_are_closed_in_time(linkspan, server):
    gateway = linkspan(simple_config(server().port, more="limits: { idle_timeout: 1s }"))
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        received = b""
        while data := client.recv(4096):
            received += data
        assert received.endswith(b"hello")


def test_connections_over_the_limit(linkspan, server):
    release = threading.Event()

    def script(connection, head, number):
        release.wait(30)
        return answer()

    gateway = linkspan(simple_config(server(script).port, more="limits: { max_connections: 4 }"))
    busy = []
    for _ in range(4):
        client = socket.create_connection(("127.0.0.1", gateway.port), timeout=30)
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        busy.append(client)
    wait_until(lambda: gateway.metric("linkspan_http_requests_in_flight") == 4, "four requests in flight")
    refused = raw_exchange(gateway.port, b"")
    assert refused.startswith(b"HTTP/1.1 503 ") and b"urn:linkspan:error:overloaded" in refused
    head, body = refused.split(b"\r\n\r\n", 1)
    assert f"Content-Length: {len(body)}".encode() in head
    release.set()
    for client in busy:
        assert client.recv(4096).startswith(b"HTTP/1.1 200")
        client.close()


def test_noise_on_one_connection_disturbs_no_other(linkspan, server):
    gateway = linkspan(simple_config(server().port))
    for noise in (b"\x00\x01\x02", b"\x16\x03\x01\x02\x00\x01", b"GET\r\n\r\n", b"A" * 100_000, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"):
        received = raw_exchange(gateway.port, noise, half_close=True)
        assert received == b"" or received.startswith(b"HTTP/1.1 4") or received.startswith(b"HTTP/1.1 5")
        assert gateway.get("/").status == 200
