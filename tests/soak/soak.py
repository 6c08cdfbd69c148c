#!/usr/bin/python3
"""`./dev soak MINUTES`: Linkspan with a real store, real systems that fail now and then, and `kill -9` every few seconds.

Orders come in all the while. At the end the systems' own record of effects and the store must agree:
  every order that was acknowledged has a run that ended, or is parked for a person,
  no effect happened twice for one key,
  what was undone was done, and undone in reverse order,
  runs of one customer went one after the other.

Exit status: 0 all of it holds; 1 it does not, or nothing could be shown.
"""

import argparse
import contextlib
import http.client
import json
import os
import pathlib
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PATIENCE_SECONDS = 60
CUSTOMERS = 40
STATES = ("queued", "running", "waiting", "parked", "undoing", "completed", "undone", "cancelled")

CONFIG = """listen: http://127.0.0.1:{port}
admin: http://127.0.0.1:{admin}
workers: 1
store: sqlite:{directory}/flows.db
log: {{ level: error, output: {directory}/linkspan.log, access: {{ enabled: false }} }}
apis:
  stock: {{ spec: {specs}/stock.openapi.yaml, servers: "http://127.0.0.1:{stock}", timeout: {{ total: 2s }} }}
  payments: {{ spec: {specs}/payments.openapi.yaml, servers: "http://127.0.0.1:{payments}", timeout: {{ total: 2s }} }}
  mail: {{ spec: {specs}/mail.openapi.yaml, servers: "http://127.0.0.1:{mail}", timeout: {{ total: 2s }} }}
endpoints:
  hello: {{ path: /, respond: {{ body: hello }} }}
flows:
  order:
    trigger:
      webhook: {{ path: /orders }}
      dedupe: {{ key: .id, window: 1d }}
    order_by: .customer.id
    steps:
      reserve:
        call: stock.createReservation
        body: '{{orderId: .id, lines: [.lines[] | {{sku, qty}}]}}'
        undo: {{ call: stock.cancelReservation, path: {{ id: $reserve.id }} }}
      charge:
        call: payments.createCharge
        body: '{{amount: .total, currency, token: .cardToken, reference: .id}}'
        reject: .status == 402
        undo: {{ call: payments.refund, path: {{ id: $charge.id }} }}
      email:
        call: mail.send
        body: '{{to: .customer.email, template: "paid", order: .id}}'
        retry: {{ within: 10m, max_delay: 2s }}
    output: '{{order: .id}}'
"""


def free_port():
    """One that the system gives to nobody who asks for any, so that it is still free whenever Linkspan begins again."""
    first_given = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = random.SystemRandom().randrange(min(10_000, first_given // 2), first_given)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def ask(port, method, path, body=None, timeout=5):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    with contextlib.closing(connection):
        payload = None if body is None else json.dumps(body)
        connection.request(method, path, payload, {"Content-Type": "application/json"} if payload else {})
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None


class Soak:
    def __init__(self, build, directory, seed):
        self.random = random.Random(seed)
        self.directory = pathlib.Path(directory)
        self.linkspan = build / "linkspan"
        self.port, self.admin = free_port(), free_port()
        self.systems = subprocess.Popen([build / "linkspan-systems"], stdout=subprocess.PIPE, text=True)
        told = json.loads(self.systems.stdout.readline())
        ports = {name: int(listeners[0]["address"].rsplit(":", 1)[1]) for name, listeners in told["systems"].items()}
        self.control = int(told["control"][0]["address"].rsplit(":", 1)[1])
        self.config = self.directory / "linkspan.yaml"
        self.config.write_text(CONFIG.format(port=self.port, admin=self.admin, directory=directory,
                                             specs=ROOT / "examples/shop/specs", **ports), encoding="utf-8")
        self.process = None
        self.acknowledged = {}  # order to run
        self.kills = 0
        self.sent = 0
        self.stopping = threading.Event()
        self.lock = threading.Lock()

    def start(self):
        self.process = subprocess.Popen([self.linkspan, "run", "-c", self.config],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", self.admin, timeout=5)
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    return
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise SystemExit("soak: linkspan did not start")

    def end(self):
        self.stopping.set()
        for process in (self.process, self.systems):
            if process is not None and process.poll() is None:
                process.terminate()
                try:
                    process.wait(PATIENCE_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def send_orders(self, sender, rate):
        """Sends orders until stopped; one that is not acknowledged is sent again, as senders of webhooks do."""
        number = 0
        chance = random.Random(sender)
        while not self.stopping.is_set():
            number += 1
            order = {
                "id": f"o-{sender}-{number}",
                "customer": {"id": f"c-{chance.randrange(CUSTOMERS)}", "email": "ada@example.com"},
                "lines": [{"sku": "voucher", "qty": 1, "price": 1000}], "total": 1000, "currency": "EUR",
                "cardToken": "declined" if chance.random() < 0.1 else "tok-1",
            }
            while True:
                with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                    status, answer = ask(self.port, "POST", "/orders", order)
                    if status in (200, 202):
                        with self.lock:
                            self.acknowledged[order["id"]] = answer["run"]
                            self.sent += 1
                        break
                if self.stopping.wait(0.05):
                    return
            self.stopping.wait(chance.random() * 2 / rate)

    def make_trouble(self):
        """A fault for some of the next calls of one system."""
        system, path = self.random.choice((("stock", "/reservations"), ("payments", "/charges"), ("mail", "/messages")))
        fault = self.random.choice((
            {"kind": "status", "status": 503}, {"kind": "status", "status": 500, "when": "after"},
            {"kind": "reset"}, {"kind": "reset", "when": "after"}, {"kind": "garbage", "when": "after"},
            {"kind": "hang", "when": "after"}, {"kind": "none", "latency_ms": 300}))
        fault = dict(fault, path=path, count=self.random.randrange(1, 6))
        ask(self.control, "POST", f"/_control/faults?system={system}", fault)

    def run(self, seconds, senders, rate):
        self.start()
        threads = [threading.Thread(target=self.send_orders, args=(i, rate)) for i in range(senders)]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for _ in range(3):
                time.sleep(self.random.uniform(0.2, 1.2))
                self.make_trouble()
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.kills += 1
            self.start()
        self.stopping.set()
        for thread in threads:
            thread.join()
        ask(self.control, "DELETE", "/_control/faults")

    def rows(self, question):
        with contextlib.closing(sqlite3.connect(f"file:{self.directory}/flows.db?mode=ro", uri=True)) as database:
            return database.execute(question).fetchall()

    def wait_for_the_end(self):
        deadline = time.monotonic() + 3 * PATIENCE_SECONDS
        parked = STATES.index("parked")
        while time.monotonic() < deadline:
            # Behind a parked run of the same customer others wait, as they should.
            if self.rows(f"SELECT count(*) FROM run WHERE open = 1 AND state NOT IN ({parked}, 0)")[0][0] == 0:
                return
            time.sleep(0.2)

    def journals(self):
        journals = {}
        for key, text in self.rows("SELECT key >> 22, CAST(bytes AS TEXT) FROM journal ORDER BY key"):
            journals.setdefault(key, []).extend(json.loads(line) for line in text.splitlines())
        return journals

    def problems(self):
        found = []
        states = {run: STATES[state] for run, state in self.rows("SELECT run, state FROM run")}
        journals = self.journals()
        for order, name in self.acknowledged.items():
            state = states.get(int(name.rpartition("-")[2]))
            if state not in ("completed", "undone", "parked", "queued"):
                found.append(f"order {order} was acknowledged, its run {name} is {state}")
        for effect in ask(self.control, "GET", "/_control/effects", timeout=60)[1]["effects"]:
            if effect["key"] and effect["effects"] > 1:
                found.append(f"{effect['system']}.{effect['operation']} happened {effect['effects']} times for {effect['key']}")
        last_end = {}
        for run in sorted(journals):
            records = journals[run]
            done = []
            for record in records:
                if record["t"] == "done":
                    done.append(record["s"])
                elif record["t"] == "undone":
                    if record["s"] not in done:
                        found.append(f"run {run}: {record['s']} was undone out of order")
                        break
                    del done[done.index(record["s"]):]
            customer = records[0]["value"]["customer"]["id"]
            if len(records) > 1 and records[1]["at"] < last_end.get(customer, 0):
                found.append(f"run {run} overtook another one of {customer}")
            last_end[customer] = records[-1]["at"] if records[-1]["t"] == "end" else last_end.get(customer, 0)
        return found

    def table(self):
        counts = dict(self.rows("SELECT state, count(*) FROM run GROUP BY state"))
        effects = ask(self.control, "GET", "/_control/effects", timeout=60)[1]["effects"]
        lines = [("orders acknowledged", len(self.acknowledged)), ("kills", self.kills)]
        lines += [(f"runs {STATES[state]}", count) for state, count in sorted(counts.items())]
        lines += [("effects", sum(effect["effects"] for effect in effects)),
                  ("calls that had to be made again", sum(effect["attempts"] - effect["effects"] for effect in effects)),
                  ("effects that happened twice for one key", sum(1 for effect in effects if effect["effects"] > 1))]
        return "\n".join(["| | |", "|---|---:|", *(f"| {what} | {count:,} |" for what, count in lines)])


def main():
    parser = argparse.ArgumentParser(prog="dev soak", description=__doc__.splitlines()[0])
    parser.add_argument("minutes", type=float, nargs="?", default=1.0)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="where linkspan and linkspan-systems are")
    parser.add_argument("--seed", type=int, default=None, help="of faults and kills; chosen and printed if not given")
    parser.add_argument("--senders", type=int, default=4)
    parser.add_argument("--rate", type=float, default=20, help="orders a second and sender")
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else int.from_bytes(os.urandom(4), "big")
    print(f"soak: {arguments.minutes:g} minutes, seed {seed}", flush=True)
    with tempfile.TemporaryDirectory() as directory:
        soak = Soak(arguments.build, directory, seed)
        try:
            soak.run(arguments.minutes * 60, arguments.senders, arguments.rate)
            soak.wait_for_the_end()
            problems = soak.problems()
            print(soak.table())
        finally:
            soak.end()
    for problem in problems[:20]:
        print(f"soak: {problem}")
    if problems or not soak.acknowledged or not soak.kills:
        print(f"soak: {len(problems)} problems")
        return 1
    print("soak: nothing lost, nothing twice")
    return 0


if __name__ == "__main__":
    sys.exit(main())
