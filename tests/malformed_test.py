"""The table of malformed and ambiguous requests (tests/data/http1_requests.txt) against the running gateway: whole, byte by
byte, and split in the middle. The unit tests split each case at every byte boundary."""

import re
import socket

import pytest

from conftest import PATIENCE, ROOT, Linkspan, ScriptedServer, always, simple_config

ESCAPE = re.compile(rb"\\x[0-9a-fA-F]{2}|\\.|%\{(\d+),([^}]*)\}")
SIMPLE = {b"r": b"\r", b"n": b"\n", b"t": b"\t", b"0": b"\0", b"\\": b"\\"}


def unescape(text):
    def replace(match):
        token = match.group(0)
        if token.startswith(b"%"):
            return unescape(match.group(2)) * int(match.group(1))
        if token.startswith(b"\\x"):
            return bytes([int(token[2:], 16)])
        return SIMPLE[token[1:2]]

    return ESCAPE.sub(replace, text)


def cases():
    found = []
    for block in (ROOT / "tests/data/http1_requests.txt").read_bytes().split(b"\n\n"):
        fields = {}
        data = b""
        for line in block.split(b"\n"):
            if line.startswith(b"#") or b": " not in line:
                continue
            key, value = line.split(b": ", 1)
            if key == b"bytes":
                data += unescape(value)
            else:
                fields[key.decode()] = value.decode()
        if "name" in fields:
            found.append((fields["name"], fields["expect"].split(), data))
    return found


CASES = cases()


def exchange(port, pieces):
    with socket.create_connection(("127.0.0.1", port), timeout=20 * PATIENCE) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        received = b""
        try:
            for piece in pieces:
                client.sendall(piece)
            client.shutdown(socket.SHUT_WR)
            while data := client.recv(65536):
                received += data
        except (BrokenPipeError, ConnectionResetError):
            pass
        return received


def first_answer(received):
    """Status line, head and body of the first final answer."""
    while received.startswith(b"HTTP/1.1 1"):
        received = received.split(b"\r\n\r\n", 1)[1]
    head, _, rest = received.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]) if head else None, head, rest


def check(outcome, received, name):
    status, head, rest = first_answer(received)
    kind = outcome[0]
    if kind in ("error", "path-error"):
        assert status == int(outcome[1]), (name, received[:300])
        if b"application/problem+json" in head:
            assert f"urn:linkspan:error:{outcome[2]}".encode() in rest, (name, received[:400])
        if kind == "error":
            assert b"Connection: close" in head, (name, head)
            length = int(re.search(rb"Content-Length: (\d+)", head).group(1))
            assert len(rest) == length, (name, "nothing after it is answered")
    elif kind == "incomplete":
        assert status in (None, 400, 408), (name, received[:300])
    else:
        assert status in (200, 204), (name, received[:300])  # OPTIONS * is answered by the gateway itself


def test_the_table_is_as_large_as_promised():
    assert len(CASES) >= 150


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    backend = ScriptedServer(always())
    # The limits that the table was written for.
    process = Linkspan(tmp_path_factory.mktemp("malformed"), simple_config(
        backend.port, more="limits: { max_header_bytes: 2KiB, max_target_bytes: 1KiB, max_headers: 20 }"))
    yield process, backend
    process.stop()
    backend.close()


@pytest.mark.parametrize("split", ["whole", "halves", "bytes"])
def test_every_case_has_its_outcome(gateway, split):
    process, _ = gateway
    for name, outcome, data in CASES:
        if split == "whole":
            pieces = [data]
        elif split == "halves":
            pieces = [data[: len(data) // 2], data[len(data) // 2 :]]
        elif len(data) > 400:
            continue  # said byte by byte in the unit tests
        else:
            pieces = [data[i : i + 1] for i in range(len(data))]
        check(outcome, exchange(process.port, pieces), name)
    assert process.get("/still-there").status == 200


def test_a_refused_request_never_reaches_the_backend(gateway):
    process, backend = gateway
    for name, outcome, data in CASES:
        if outcome[0] not in ("error", "path-error") or b"chunked" in data.lower():
            continue
        before = len(backend.requests)
        exchange(process.port, [data])
        assert len(backend.requests) == before, name
