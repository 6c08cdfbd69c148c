#!/usr/bin/env python3
"""Runs linkspan-systems and checks over real sockets what the unit tests cannot: faults, tools, control, WebSocket.

usage: smoke_test.py PATH-TO-linkspan-systems
"""
import base64
import contextlib
import hashlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import unittest

BINARY = sys.argv.pop(1)


class Systems:
    """The program, with all systems on free ports and stock on two."""

    def __enter__(self):
        names = ["shop", "customers", "payments", "crm", "mail", "control"]
        arguments = [a for name in names for a in (f"--{name}", "127.0.0.1:0")]
        self.process = subprocess.Popen([BINARY, *arguments, "--stock", "127.0.0.1:0,127.0.0.1:0"],
                                        stdout=subprocess.PIPE, text=True)
        ready = json.loads(self.process.stdout.readline())
        self.addresses = {name: [p["address"] for p in ports] for name, ports in ready["systems"].items()}
        self.addresses["control"] = [p["address"] for p in ready["control"]]
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.stdout.close()
        assert self.process.wait(10) == 0

    def connect(self, system, index=0):
        host, port = self.addresses[system][index].split(":")
        return socket.create_connection((host, int(port)), timeout=10)

    def call(self, system, method, path, body=None, headers=None, index=0):
        connection = http.client.HTTPConnection(self.addresses[system][index], timeout=10)
        with contextlib.closing(connection):
            if isinstance(body, (dict, list)):
                body = json.dumps(body)
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            answer.content = answer.read()
            return answer

    def read_all(self, system, request):
        """Everything that comes until the connection ends; None stands for a reset."""
        with self.connect(system) as connection:
            connection.sendall(request)
            received = b""
            try:
                while piece := connection.recv(65536):
                    received += piece
            except ConnectionResetError:
                return received, True
            return received, False


def get(path, extra=""):
    return f"GET {path} HTTP/1.1\r\nHost: demo\r\n{extra}\r\n".encode()


class SmokeTest(unittest.TestCase):
    def setUp(self):
        self.systems = self.enterContext(Systems())
        self.call = self.systems.call

    def effects(self, system):
        return json.loads(self.call(system, "GET", "/_control/effects").content)["effects"]

    def add_fault(self, system, **rule):
        self.assertEqual(self.call(system, "POST", "/_control/faults", rule).status, 201)

    def test_a_repeated_key_has_one_effect(self):
        charge = {"amount": 100, "currency": "EUR", "token": "t", "reference": "r"}
        first = self.call("payments", "POST", "/charges", charge, {"Idempotency-Key": "k"})
        second = self.call("payments", "POST", "/charges", charge, {"Idempotency-Key": "k"})
        self.assertEqual((first.status, second.status), (201, 201))
        self.assertEqual(first.content, second.content)
        self.assertEqual(second.getheader("Idempotent-Replayed"), "true")
        [effect] = self.effects("payments")
        self.assertEqual((effect["key"], effect["attempts"], effect["effects"]), ("k", 2, 1))

    def test_an_answer_lost_after_the_effect_is_recovered_by_its_key(self):
        self.add_fault("payments", path="/charges", method="POST", kind="reset", when="after", count=1)
        charge = {"amount": 100, "currency": "EUR", "token": "t"}
        with self.assertRaises((ConnectionResetError, http.client.RemoteDisconnected)):
            self.call("payments", "POST", "/charges", charge, {"Idempotency-Key": "k"})
        self.assertEqual(self.call("payments", "POST", "/charges", charge, {"Idempotency-Key": "k"}).status, 201)
        self.assertEqual(self.effects("payments")[0]["effects"], 1)
        self.assertEqual(len(json.loads(self.call("payments", "GET", "/charges").content)["data"]), 1)

    def test_faults_by_kind(self):
        self.add_fault("stock", path="/items", status=503, retry_after_s=7, count=1)
        answer = self.call("stock", "GET", "/items")
        self.assertEqual((answer.status, answer.getheader("Retry-After")), (503, "7"))
        self.add_fault("stock", kind="reset", count=1)
        self.assertEqual(self.systems.read_all("stock", get("/items")), (b"", True))
        self.add_fault("stock", kind="garbage", count=1)
        received, _ = self.systems.read_all("stock", get("/items"))
        self.assertTrue(received.startswith(b"<<<"), received)
        self.add_fault("stock", kind="half", count=1)
        with self.assertRaises(http.client.IncompleteRead):
            self.call("stock", "GET", "/items")
        self.add_fault("stock", kind="half_reset", count=1)
        received, was_reset = self.systems.read_all("stock", get("/items"))
        self.assertTrue(was_reset)
        self.assertIn(b"200 OK", received)
        self.add_fault("stock", latency_ms=1, count=1)
        self.assertEqual(self.call("stock", "GET", "/items").status, 200)

    def test_a_hanging_request_ends_when_faults_end_the_client(self):
        self.add_fault("crm", kind="hang")
        with self.systems.connect("crm") as connection:
            connection.sendall(get("/contacts"))
            connection.settimeout(0.2)
            with self.assertRaises(TimeoutError):
                connection.recv(1)
        self.call("crm", "DELETE", "/_control/faults")
        self.assertEqual(self.call("crm", "GET", "/contacts").status, 200)

    def test_a_stopped_listener_refuses_while_the_other_answers(self):
        address = self.systems.addresses["stock"][0]
        with self.systems.connect("stock") as kept:
            kept.sendall(get("/healthz"))
            self.assertIn(b"200 OK", kept.recv(4096))
            down = self.call("control", "POST", "/_control/down?system=stock", {"listener": address})
            self.assertEqual(down.status, 204)
            self.assertEqual(kept.recv(4096), b"")
        with self.assertRaises(ConnectionRefusedError):
            self.call("stock", "GET", "/items")
        answer = self.call("stock", "GET", "/items", index=1)
        self.assertEqual(answer.getheader("X-Served-By"), self.systems.addresses["stock"][1])
        self.assertEqual(self.call("control", "POST", "/_control/up?system=stock").status, 204)
        self.assertEqual(self.call("stock", "GET", "/items").status, 200)

    def test_a_listener_can_stop_itself(self):
        self.assertEqual(self.call("mail", "POST", "/_control/down").status, 204)
        with self.assertRaises(ConnectionRefusedError):
            self.call("mail", "GET", "/messages")

    def test_reset_brings_back_the_start(self):
        self.call("customers", "DELETE", "/customers/c-1001")
        self.add_fault("customers", status=500)
        self.assertEqual(self.call("control", "POST", "/_control/reset").status, 204)
        self.assertEqual(self.call("customers", "GET", "/customers/c-1001").status, 200)
        self.assertEqual(self.effects("customers"), [])

    def test_servers_of_one_system_share_its_state(self):
        order = {"orderId": "o", "lines": [{"sku": "mug", "qty": 20}]}
        self.assertEqual(self.call("stock", "POST", "/reservations", order).status, 201)
        item = json.loads(self.call("stock", "GET", "/items/mug", index=1).content)
        self.assertEqual((item["available"], item["reserved"]), (100, 20))

    def test_bytes_in_both_framings_and_for_head(self):
        for query in ("", "?chunked=1"):
            content = self.call("mail", "GET", "/bytes/3000000" + query).content
            self.assertEqual(len(content), 3000000)
            self.assertEqual(content[:52], b"abcdefghijklmnopqrstuvwxyz" * 2)
        head = self.call("mail", "HEAD", "/bytes/3000000")
        self.assertEqual((head.getheader("Content-Length"), head.content), ("3000000", b""))
        self.assertEqual(self.call("mail", "GET", "/bytes/30").content, b"abcdefghijklmnopqrstuvwxyzabcd")
        received, _ = self.systems.read_all("mail", b"GET /bytes/100?chunked=1 HTTP/1.0\r\n\r\n")
        self.assertTrue(received.endswith(b"uv") and b"chunked" not in received, received)

    def test_bodies_come_back_and_are_summed_up(self):
        body = os.urandom(2_000_000)
        pieces = (body[i:i + 70_000] for i in range(0, len(body), 70_000))
        for path, sent in (("/echo", body), ("/echo?stream=1", body), ("/echo", pieces)):
            answer = self.call("mail", "POST", path, sent, {"Content-Type": "a/b"})
            self.assertEqual((answer.content, answer.getheader("Content-Type")), (body, "a/b"))
        pieces = (body[i:i + 70_000] for i in range(0, len(body), 70_000))
        answer = json.loads(self.call("mail", "POST", "/sink", pieces).content)
        self.assertEqual(answer, {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()})

    def test_the_request_is_told_as_it_arrived(self):
        answer = json.loads(self.call("mail", "PUT", "/headers/a?b=%20", b"x", {"X-a": "1", "x-A": "2"}).content)
        self.assertEqual((answer["method"], answer["target"]), ("PUT", "/headers/a?b=%20"))
        self.assertIn(["X-a", "1"], answer["headers"])
        self.assertIn(["x-A", "2"], answer["headers"])

    def test_events_come_as_a_stream(self):
        answer = self.call("mail", "GET", "/stream/3?interval_ms=1")
        self.assertEqual(answer.getheader("Content-Type"), "text/event-stream")
        self.assertEqual(answer.content.count(b"data: "), 3)

    def test_status_and_delay(self):
        self.assertEqual(self.call("mail", "POST", "/status/418", b"x").status, 418)
        self.assertEqual(self.call("mail", "GET", "/status/204").content, b"")
        self.assertEqual(self.call("mail", "GET", "/delay/5").status, 200)
        self.assertEqual(self.call("mail", "GET", "/status/99").status, 400)

    def test_a_websocket_echoes(self):
        key = base64.b64encode(bytes(16)).decode()
        with self.systems.connect("mail") as connection:
            connection.sendall(get("/upgrade", "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                                   f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"))
            head = connection.recv(4096)
            digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
            self.assertIn(b"101 Switching", head)
            self.assertIn(b"Sec-WebSocket-Accept: " + base64.b64encode(digest), head)
            connection.sendall(b"\x81\x82\0\0\0\0hi")
            self.assertEqual(connection.recv(4096), b"\x81\x02hi")
            connection.sendall(b"\x88\x80\0\0\0\0")
            self.assertEqual(connection.recv(4096), b"\x88\x00")
            self.assertEqual(connection.recv(4096), b"")

    def test_another_protocol_is_echoed_raw(self):
        with self.systems.connect("mail") as connection:
            connection.sendall(get("/upgrade", "Connection: upgrade\r\nUpgrade: raw\r\n"))
            self.assertIn(b"101", connection.recv(4096))
            connection.sendall(b"\x00anything")
            self.assertEqual(connection.recv(4096), b"\x00anything")
        self.assertEqual(self.call("mail", "GET", "/upgrade").status, 426)


if __name__ == "__main__":
    unittest.main()
