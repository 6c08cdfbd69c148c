"""What goes through the gateway arrives as it should, in both directions."""

import hashlib
import os
import socket

import pytest

from conftest import always, answer, header_of, raw_exchange, simple_config, wait_until


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "QUERY"])
def test_methods_bodies_and_statuses_are_passed_on(linkspan, server, method):
    backend = server(always(b'{"ok":true}', status="201 Created", headers=(b"X-From: backend",)))
    gateway = linkspan(simple_config(backend.port))
    reply = gateway.request(method, "/things/7?x=1&y=%20", body=b"payload", headers={"X-Mine": "yes"})
    assert (reply.status, reply.body, reply.header("X-From")) == (201, b'{"ok":true}', "backend")
    assert backend.requests[0].startswith(f"{method} /things/7?x=1&y=%20 HTTP/1.1".encode())
    assert backend.bodies[0] == b"payload"
    assert header_of(backend.requests[0], "X-Mine") == ["yes"]


def test_head_has_no_body_and_keeps_the_connection(linkspan, server):
    def script(connection, head, number):
        return b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + (b"" if head.startswith(b"HEAD") else b"hello")

    backend = server(script)
    gateway = linkspan(simple_config(backend.port))
    received = raw_exchange(
        gateway.port,
        b"HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n" b"GET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )
    head, rest = received.split(b"\r\n\r\n", 1)
    assert b"Content-Length: 5" in head
    assert rest.startswith(b"HTTP/1.1 200 OK") and rest.endswith(b"hello")
    assert backend.connections == 1


def test_pipelined_requests_are_answered_in_order(linkspan, server):
    backend = server(lambda connection, head, number: answer(head.split(b" ")[1]))
    gateway = linkspan(simple_config(backend.port))
    wanted = [f"/{i}" for i in range(50)]
    requests = [f"GET {p} HTTP/1.1\r\nHost: x\r\n\r\n".encode() for p in wanted]
    requests[-1] = requests[-1][:-2] + b"Connection: close\r\n\r\n"
    received = raw_exchange(gateway.port, b"".join(requests)).decode()
    bodies = [part.split("\r\n\r\n", 1)[1] for part in received.split("HTTP/1.1 200 OK")[1:]]
    assert bodies == wanted


def test_large_bodies_pass_unchanged_in_both_directions(linkspan, server):
    sent = os.urandom(3_000_000)
    back = os.urandom(5_000_000)
    backend = server(always(back))
    gateway = linkspan(simple_config(backend.port))
    reply = gateway.request("POST", "/upload", body=sent)
    assert hashlib.sha256(reply.body).digest() == hashlib.sha256(back).digest()
    assert hashlib.sha256(backend.bodies[0]).digest() == hashlib.sha256(sent).digest()


def test_chunked_answers_and_trailers_pass(linkspan, server):
    chunked = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
        b"5\r\nhello\r\n6;note=1\r\n world\r\n0\r\nX-Sum: 11\r\n\r\n"
    )
    backend = server(lambda connection, head, number: chunked)
    gateway = linkspan(simple_config(backend.port))
    reply = gateway.get("/")
    assert reply.body == b"hello world"
    raw = raw_exchange(gateway.port, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b"note=1" not in raw and raw.endswith(b"0\r\nX-Sum: 11\r\n\r\n")
    assert backend.connections == 1


def test_an_old_client_gets_chunked_answers_decoded(linkspan, server):
    backend = server(lambda c, h, n: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    gateway = linkspan(simple_config(backend.port))
    received = raw_exchange(gateway.port, b"GET / HTTP/1.0\r\n\r\n")
    assert received.endswith(b"\r\n\r\nabcde") and b"chunked" not in received


def test_an_answer_that_ends_with_the_connection_is_chunked_for_the_client(linkspan, server):
    def script(connection, head, number):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nfirst ")
        connection.sendall(b"second")
        return None

    gateway = linkspan(simple_config(server(script).port))
    assert gateway.get("/").body == b"first second"


def test_a_chunked_request_is_passed_on_validated(linkspan, server):
    backend = server(always(b"ok"))
    gateway = linkspan(simple_config(backend.port))
    received = raw_exchange(
        gateway.port,
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
        b"4\r\nab", b"cd\r\n", b"3;ext=1\r\nefg\r\n0\r\n\r\n",
        pause=0.05,
    )
    assert received.endswith(b"ok")
    assert header_of(backend.requests[0], "Transfer-Encoding") == ["chunked"]
    assert backend.bodies[0] == b"4\r\nabcd\r\n3\r\nefg\r\n0\r\n\r\n"


def test_expect_continue_is_passed_to_the_backend_and_back(linkspan):
    """The backend decides whether it wants the body (RFC 9110 section 10.1.1)."""
    listener = socket.create_server(("127.0.0.1", 0))
    gateway = linkspan(simple_config(listener.getsockname()[1]))
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
        backend, _ = listener.accept()
        head = b""
        while b"\r\n\r\n" not in head:
            head += backend.recv(4096)
        assert b"Expect: 100-continue" in head and head.endswith(b"\r\n\r\n")
        backend.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        assert client.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"body")
        assert backend.recv(4096) == b"body"
        backend.sendall(answer(b"taken"))
        received = b""
        while not received.endswith(b"taken"):
            received += client.recv(4096)
        assert received.startswith(b"HTTP/1.1 200 OK")
        backend.close()
    listener.close()


def test_interim_answers_reach_the_client(linkspan, server):
    def script(connection, head, number):
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n")
        return answer(b"final")

    gateway = linkspan(simple_config(server(script).port))
    received = raw_exchange(gateway.port, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert received.startswith(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert received.endswith(b"final")


def test_upgraded_connections_are_tunnels(linkspan, server):
    def script(connection, head, number):
        assert header_of(head, "Connection") == ["Upgrade"] and header_of(head, "Upgrade") == ["echo"]
        connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n")
        while data := connection.recv(4096):
            connection.sendall(data.upper())
        return None

    gateway = linkspan(simple_config(server(script).port))
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as client:
        client.sendall(b"GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nearly")
        received = b""
        while b"EARLY" not in received:
            received += client.recv(4096)
        assert received.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
        client.sendall(b"later")
        assert client.recv(4096) == b"LATER"
        client.shutdown(socket.SHUT_WR)
        assert client.recv(4096) == b""
    line = gateway.wait_access(1)[0]
    assert line["status"] == 101 and "error" not in line


def test_a_tunnel_may_be_ended_by_the_server(linkspan, server):
    last_words = []

    def script(connection, head, number):
        connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\nbye")
        connection.shutdown(socket.SHUT_WR)
        while data := connection.recv(4096):
            last_words.append(data)
        return None

    gateway = linkspan(simple_config(server(script).port))
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as client:
        client.sendall(b"GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
        received = b""
        while data := client.recv(4096):
            received += data
        assert received.endswith(b"\r\n\r\nbye")
        client.sendall(b"last words")
        client.shutdown(socket.SHUT_WR)
    line = gateway.wait_access(1)[0]
    assert line["status"] == 101 and "error" not in line
    assert b"".join(last_words) == b"last words"


def test_hop_by_hop_fields_stay_behind(linkspan, server):
    backend = server(always(headers=(b"Connection: X-Secret", b"X-Secret: s", b"Keep-Alive: timeout=5", b"X-Ok: 1")))
    gateway = linkspan(simple_config(backend.port))
    reply = gateway.get("/", headers={"Connection": "X-Private", "X-Private": "p", "Keep-Alive": "1",
                                      "Proxy-Authorization": "Basic eA==", "X-Public": "q"})
    seen = backend.requests[0]
    assert header_of(seen, "X-Public") == ["q"]
    for name in ("Connection", "X-Private", "Keep-Alive", "Proxy-Authorization"):
        assert header_of(seen, name) == [], name
    assert reply.header("X-Ok") == "1"
    for name in ("X-Secret", "Keep-Alive"):
        assert reply.header(name) is None, name


def test_the_upstream_learns_who_called(linkspan, server):
    backend = server()
    gateway = linkspan(simple_config(backend.port))
    gateway.get("/", headers={"Host": "shop.example", "X-Forwarded-For": "6.6.6.6", "traceparent":
                              "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"})
    seen = backend.requests[0]
    assert header_of(seen, "X-Forwarded-For") == ["127.0.0.1"], "an untrusted caller's word is not passed on"
    assert header_of(seen, "X-Forwarded-Proto") == ["http"]
    assert header_of(seen, "X-Forwarded-Host") == ["shop.example"]
    assert header_of(seen, "Host") == [f"127.0.0.1:{backend.port}"]
    assert header_of(seen, "Via") == ["1.1 linkspan"]
    trace = header_of(seen, "traceparent")[0]
    assert trace.startswith("00-0af7651916cd43dd8448eb211c80319c-") and trace.endswith("-01")
    assert "b7ad6b7169203331" not in trace, "the span is ours"


def test_trusted_proxies_are_believed(linkspan, server):
    backend = server()
    gateway = linkspan(simple_config(backend.port, more="trusted_proxies: [127.0.0.0/8]"))
    reply = gateway.get("/", headers={"X-Forwarded-For": "203.0.113.9", "X-Request-Id": "from-outside-1"})
    assert header_of(backend.requests[0], "X-Forwarded-For") == ["203.0.113.9, 127.0.0.1"]
    assert reply.header("X-Request-Id") == "from-outside-1"
    line = gateway.wait_access(1)[0]
    assert line["client"] == "203.0.113.9"


def test_the_request_id_is_everywhere(linkspan, server):
    backend = server()
    gateway = linkspan(simple_config(backend.port))
    reply = gateway.get("/")
    request_id = reply.header("X-Request-Id")
    assert len(request_id) == 32
    assert header_of(backend.requests[0], "X-Request-Id") == [request_id]
    assert gateway.wait_access(1)[0]["request_id"] == request_id


def test_paths_are_rewritten_and_prefixes_kept_apart(linkspan, server):
    backend = server()
    gateway = linkspan(f"""
listen: http://127.0.0.1:0
workers: 1
apis:
  crm: {{ servers: [http://127.0.0.1:{backend.port}], path_prefix: /v1 }}
endpoints:
  contact: {{ path: "/customers/{{id}}", proxy: {{ api: crm, path: "/contacts/{{id}}" }} }}
  files: {{ path: "/files/{{path...}}", proxy: {{ api: crm, strip_prefix: /files }} }}
""")
    gateway.get("/customers/a%20b?full=1")
    gateway.get("/files/x/y.txt")
    assert backend.requests[0].startswith(b"GET /v1/contacts/a%20b?full=1 HTTP/1.1")
    assert backend.requests[1].startswith(b"GET /v1/x/y.txt HTTP/1.1")


def test_what_is_routed_is_what_is_sent(linkspan, server):
    backend = server()
    gateway = linkspan(f"""
listen: http://127.0.0.1:0
workers: 1
apis: {{ backend: {{ servers: [http://127.0.0.1:{backend.port}] }} }}
endpoints:
  public: {{ path: "/public/{{rest...}}", proxy: {{ api: backend }} }}
""")
    for path in ("/public/../admin", "/public/%2e%2e/admin", "/public/a/..%2fadmin", "/public/%252e%252e/admin",
                 "/public/..;/admin/..\\x", "/PUBLIC/a"):
        received = raw_exchange(gateway.port, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        assert received.split(b" ")[1] in (b"400", b"404"), (path, received[:80])
    assert backend.requests == []
    gateway.get("/public/a/./b/../c")
    assert backend.requests[0].startswith(b"GET /public/a/c HTTP/1.1")


def test_unknown_paths_methods_and_options(linkspan, server):
    backend = server()
    gateway = linkspan(f"""
listen: http://127.0.0.1:0
workers: 1
apis: {{ backend: {{ servers: [http://127.0.0.1:{backend.port}] }} }}
endpoints:
  items: {{ path: /items, methods: [GET, POST], proxy: {{ api: backend }} }}
  hello: {{ path: /hello, respond: {{ status: 200, body: "hi", headers: {{ Content-Type: text/plain }} }} }}
""")
    missing = gateway.get("/itms")
    assert missing.status == 404 and missing.header("Content-Type") == "application/problem+json"
    problem = missing.json()
    assert problem["type"] == "urn:linkspan:error:endpoint-not-found" and problem["status"] == 404
    assert problem["instance"] == missing.header("X-Request-Id")
    wrong = gateway.request("DELETE", "/items")
    assert wrong.status == 405
    assert {m.strip() for m in wrong.header("Allow").split(",")} == {"GET", "HEAD", "POST", "OPTIONS"}
    options = gateway.request("OPTIONS", "/items")
    assert options.status == 204 and "POST" in options.header("Allow")
    as_xml = gateway.get("/itms", headers={"Accept": "application/xml"})
    assert as_xml.header("Content-Type") == "application/problem+xml" and b"endpoint-not-found" in as_xml.body
    hello = gateway.get("/hello")
    assert (hello.status, hello.body, hello.header("Content-Type")) == (200, b"hi", "text/plain")
    assert backend.requests == []


def test_a_half_closing_client_still_gets_its_answer(linkspan, server):
    gateway = linkspan(simple_config(server().port))
    received = raw_exchange(gateway.port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", half_close=True)
    assert received.endswith(b"hello")


def test_connections_to_the_backend_are_reused(linkspan, server):
    backend = server()
    gateway = linkspan(simple_config(backend.port))
    for _ in range(20):
        assert gateway.get("/").status == 200
    assert backend.connections == 1


def test_several_workers_serve_one_port(linkspan, server):
    backend = server()
    gateway = linkspan(simple_config(backend.port).replace("workers: 1", "workers: 3"))
    for _ in range(40):
        assert gateway.get("/").status == 200
    wait_until(lambda: gateway.metric('linkspan_http_requests_total{endpoint="all",method="GET",code="200"}') == 40,
               "all workers' requests to be counted")
