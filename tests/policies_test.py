"""Who may call, and how often, as callers see it."""

import hashlib
import os
import resource
import socket
import subprocess

import pytest

from conftest import BINARY, PATIENCE, always, answer, header_of, raw_exchange, request, wait_until


def key_config(port, keys, endpoint="", consumer=""):
    consumers = "\n".join(
        f"  {name}: {{ keys: [{{ id: k1, sha256: {hashlib.sha256(key.encode()).hexdigest()} }}]{consumer} }}"
        for name, key in keys.items()
    )
    return f"""
listen: http://127.0.0.1:0
admin: http://127.0.0.1:0
workers: 2
apis: {{ backend: {{ servers: [http://127.0.0.1:{port}] }} }}
auth: {{ key: {{ api_key: {{ header: X-Api-Key }} }}, link: {{ api_key: {{ query: key }} }} }}
consumers:
{consumers}
endpoints:
  all:
    path: /{{rest...}}
    auth: [key, link]
    proxy: {{ api: backend }}
{endpoint}
"""


def test_only_known_keys_pass_and_never_reach_the_backend(linkspan, server):
    backend = server()
    gateway = linkspan(key_config(backend.port, {"shop": "secret-1", "till": "secret-2"}))
    missing = gateway.get("/")
    assert missing.status == 401 and missing.json()["type"].endswith("credentials-missing")
    assert "X-Api-Key" in missing.header("WWW-Authenticate") and "X-Api-Key" in missing.json()["detail"]
    wrong = gateway.get("/", headers={"X-Api-Key": "wrong-key"})
    assert wrong.status == 401 and wrong.json()["type"].endswith("credentials-invalid")
    assert b"wrong-key" not in wrong.body and backend.requests == []
    assert gateway.get("/", headers={"x-api-key": "secret-1"}).status == 200
    assert gateway.get("/p?a=1&key=secret-2&b=2").status == 200
    assert header_of(backend.requests[0], "X-Api-Key") == []
    assert backend.requests[1].startswith(b"GET /p?a=1&b=2 HTTP/1.1")
    lines = gateway.wait_access(4)
    assert {line.get("consumer") for line in lines if line["status"] == 200} == {"shop", "till"}
    assert "secret-" not in gateway.out() and "wrong-key" not in gateway.out() + gateway.err()


def test_a_hundred_thousand_keys(linkspan, server):
    backend = server()
    keys = [f"key-{i}" for i in range(100_000 if PATIENCE == 1 else 10_000)]
    listed = "\n".join(f"      - {{ id: k{i}, sha256: {hashlib.sha256(k.encode()).hexdigest()} }}" for i, k in enumerate(keys))
    config = key_config(backend.port, {"one": "the-one"}) .replace(
        "endpoints:", f"  many:\n    keys:\n{listed}\nendpoints:", 1)
    gateway = linkspan(config)
    for key in (keys[0], keys[len(keys) // 2], keys[-1], "the-one"):
        assert gateway.get("/", headers={"X-Api-Key": key}).status == 200
    assert gateway.get("/", headers={"X-Api-Key": "key-100000"}).status == 401


def test_rate_limits_count_by_consumer_over_all_workers(linkspan, server):
    backend = server()
    gateway = linkspan(key_config(backend.port, {"a": "ka", "b": "kb"},
                                  endpoint="    rate: { limit: 5/h, per: consumer }"))
    statuses = [gateway.get("/", headers={"X-Api-Key": "ka"}) for _ in range(8)]
    assert [r.status for r in statuses] == [200] * 5 + [429] * 3
    refused = statuses[-1]
    assert refused.json()["type"] == "urn:linkspan:error:rate-limited"
    assert 0 < int(refused.header("Retry-After")) <= 3600
    assert refused.header("RateLimit-Policy") and refused.header("RateLimit") and statuses[0].header("RateLimit")
    assert gateway.get("/", headers={"X-Api-Key": "kb"}).status == 200, "others are not disturbed"
    assert len(backend.requests) == 6


def test_a_consumer_s_own_rate_holds_everywhere(linkspan, server):
    gateway = linkspan(key_config(server().port, {"a": "ka"}, consumer=", rate: 3/h"))
    assert [gateway.get(f"/{i}", headers={"X-Api-Key": "ka"}).status for i in range(4)] == [200, 200, 200, 429]


def test_rate_limits_by_address(linkspan, server):
    gateway = linkspan(key_config(server().port, {"a": "ka"}, endpoint="    rate: { limit: 2/h, per: address }"))
    headers = {"X-Api-Key": "ka"}
    assert [gateway.get("/", headers=headers).status for _ in range(3)] == [200, 200, 429]
    with socket.socket() as other:
        other.bind(("127.0.0.9", 0))
        other.connect(("127.0.0.1", gateway.port))
        other.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Api-Key: ka\r\nConnection: close\r\n\r\n")
        assert other.recv(4096).startswith(b"HTTP/1.1 200 ")


def test_the_proxy_protocol_tells_the_caller(linkspan, server):
    backend = server()
    gateway = linkspan(f"""
listen: {{ url: "http://127.0.0.1:0", proxy_protocol: true }}
workers: 1
apis: {{ backend: {{ servers: [http://127.0.0.1:{backend.port}] }} }}
endpoints: {{ all: {{ path: "/{{rest...}}", proxy: {{ api: backend }} }} }}
""")
    plain = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    v1 = b"PROXY TCP4 203.0.113.7 192.0.2.1 4711 80\r\n"
    v2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes([203, 0, 113, 8, 192, 0, 2, 1]) + b"\x12\x67\0\x50"
    assert raw_exchange(gateway.port, v1 + plain).endswith(b"hello")
    assert raw_exchange(gateway.port, *[bytes([b]) for b in v2], plain, pause=0.001).endswith(b"hello")
    assert raw_exchange(gateway.port, plain) == b"", "without the header nothing is said"
    assert [header_of(r, "X-Forwarded-For") for r in backend.requests] == [["203.0.113.7"], ["203.0.113.8"]]
    assert [line["client"] for line in gateway.wait_access(2)] == ["203.0.113.7", "203.0.113.8"]


@pytest.mark.skipif(os.environ.get("LINKSPAN_PRESET", "release") != "release", reason="sanitizers have memory of their own")
def test_idle_connections_cost_little(linkspan, server):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = min(2000, hard - 200)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, count + 200)), hard))
    gateway = linkspan(key_config(server().port, {"a": "ka"}).replace("workers: 2", "workers: 1"))
    request(gateway.port, "GET", "/", headers={"X-Api-Key": "ka"})
    before = gateway.rss_kib()
    clients = []
    for _ in range(count):
        client = socket.create_connection(("127.0.0.1", gateway.port), timeout=20)
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        clients.append(client)
    for client in clients:
        assert client.recv(4096).startswith(b"HTTP/1.1 401")
    wait_until(lambda: gateway.metric("linkspan_connections") >= count, "all connections to be open")
    grown = gateway.rss_kib() - before
    for client in clients:
        client.close()
    # Requests in flight at once borrow buffers of which the pools keep at most about 3 MiB.
    assert grown < 3 * 1024 + count * 1.0, f"{count} idle connections took {grown} KiB"


def test_trace_shows_nobody_the_credential_of_an_api(linkspan, server):
    echo = lambda connection, head, number: answer(head, headers=[b"Content-Type: message/http"])
    backend = server(echo)
    gateway = linkspan(f"""
listen: http://127.0.0.1:0
credentials: {{ psp: {{ bearer: "${{env:TOKEN}}" }} }}
apis:
  psp: {{ servers: [http://127.0.0.1:{backend.port}], credential: psp }}
  open: {{ servers: [http://127.0.0.1:{backend.port}] }}
endpoints:
  pay: {{ path: /pay, proxy: psp }}
  echo: {{ path: /echo, methods: [TRACE], proxy: open }}
""", env={"TOKEN": "very-secret-token"})
    assert b"very-secret-token" in gateway.get("/pay").body, "the backend gets it"
    refused = gateway.request("TRACE", "/pay")
    assert refused.status == 405 and "TRACE" not in refused.header("Allow")
    assert b"very-secret-token" not in refused.body
    assert gateway.request("TRACE", "/echo").body.startswith(b"TRACE /echo HTTP/1.1")
    assert "TRACE" in gateway.request("OPTIONS", "/echo").header("Allow")


def test_fields_are_set_and_removed_once(linkspan, server):
    backend = server(always(headers=[b"Server: secret", b"X-Old: 1"]))
    gateway = linkspan(f"""
listen: http://127.0.0.1:0
forwarded: {{ x_forwarded: false, via: false }}
apis: {{ a: {{ servers: [http://127.0.0.1:{backend.port}] }} }}
endpoints:
  all:
    path: /
    proxy:
      api: a
      headers: {{ remove: [Cookie], set: {{ X-Forwarded-Proto: https, Accept: text/plain }} }}
      response_headers: {{ remove: [Server], set: {{ X-Old: "2" }} }}
""")
    reply = gateway.get("/", headers={"Cookie": "a=b", "X-Forwarded-Proto": "http", "X-Forwarded-For": "1.2.3.4", "Via": "1.1 me"})
    (seen,) = backend.requests
    assert [header_of(seen, name) for name in ("X-Forwarded-Proto", "Accept", "Cookie", "Via", "X-Forwarded-For")] == [
        ["https"], ["text/plain"], [], [], []]
    assert reply.headers.get_all("X-Old") == ["2"] and reply.header("Server") is None and reply.header("Via") is None


def test_an_explained_request_tells_the_limits_that_a_caller_gets(linkspan, tmp_path):
    gateway = linkspan("listen: http://127.0.0.1:0\nendpoints: { a: { path: /a, rate: { limit: 1/h, burst: 3 }, respond: 204 } }\n")
    explained = subprocess.run([BINARY, "explain", "GET", "/a"], cwd=tmp_path, capture_output=True, text=True, timeout=30).stdout
    assert f"RateLimit: {gateway.get('/a').header('RateLimit')}\n" in explained


def test_a_refused_key_is_logged_at_debug_and_never_shown(linkspan, server):
    gateway = linkspan(key_config(server().port, {"a": "ka"}) + "log: { level: { gateway: debug } }\n")
    refused = gateway.get("/", headers={"X-Api-Key": "wrong-key"})
    (line,) = wait_until(lambda: gateway.log_messages("request refused"), "the log")
    assert (line["error"], line["room"], line["client"]) == ("credentials-invalid", "gateway", "127.0.0.1")
    assert line["request_id"] == refused.header("X-Request-Id")
    assert "header X-Api-Key" in line["detail"] and "wrong-key" not in gateway.err()
