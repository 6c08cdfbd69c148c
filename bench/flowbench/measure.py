"""How each figure is measured."""

import contextlib
import http.client
import json
import signal
import sqlite3
import subprocess
import time

from figures import BenchError
from proxybench.system import free_port, memory_mib

CONNECTIONS = 128
PATIENCE_SECONDS = 120
ANSWER_SECONDS = 2  # a slower answer of Linkspan voids a measurement
OPEN_RUNS = 10_000
SEQ_BITS = 22  # of a journal key; the rest is the run's number (store/sqlite_schema.h)

CONFIG = """listen: http://127.0.0.1:{port}
admin: http://127.0.0.1:{admin}
store: sqlite:{store}
log: {{ level: warn, output: {directory}/linkspan.log, access: {{ enabled: false }} }}
apis:
  stock: {{ spec: {specs}/stock.openapi.yaml, servers: "http://127.0.0.1:{stock}" }}
  payments: {{ spec: {specs}/payments.openapi.yaml, servers: "http://127.0.0.1:{payments}" }}
  mail: {{ spec: {specs}/mail.openapi.yaml, servers: "http://127.0.0.1:{mail}" }}
endpoints:
  one: {{ path: /one, methods: [POST], flow: one-step }}
  three: {{ path: /three-answered, methods: [POST], flow: three-step }}
flows:
  three-step:
    trigger: {{ webhook: {{ path: /three }} }}
    steps:
      reserve: {{ call: stock.createReservation, body: '{{orderId: .id, lines: [.lines[] | {{sku, qty}}]}}' }}
      charge: {{ call: payments.createCharge, body: '{{amount: .total, currency, token: .cardToken, reference: .id}}' }}
      email: {{ call: mail.send, body: '{{to: .customer.email, template: "paid", order: .id}}' }}
    output: '{{order: .id, charge: $charge.id}}'
  one-step:
    steps:
      email: {{ call: mail.send, body: '{{to: .customer.email, template: "paid", order: .id}}' }}
    output: '{{order: .id, message: $email.id}}'
  waiting:
    trigger: {{ webhook: {{ path: /waiting }} }}
    steps:
      pause: {{ wait: 30d }}
"""

LOAD = """
local at, thread = 0, 0
function setup(t) t:set("id", thread); thread = thread + 1 end
function request()
  at = at + 1
  local body = string.format('{"id":"o-%s-%d","customer":{"id":"c-1001","email":"ada@example.com"},' ..
    '"lines":[{"sku":"voucher","qty":1,"price":1000}],"total":1000,"currency":"EUR","cardToken":"tok-1"}', tostring(id), at)
  return wrk.format("POST", "@PATH@", {["Content-Type"] = "application/json"}, body)
end
@DELAY@
function done(summary, latency)
  local e = summary.errors
  local kinds = string.format("%d connect, %d read, %d write, %d status, %d time-out",
    e.connect, e.read, e.write, e.status, e.timeout)
  io.write(string.format('\\nRESULT {"requests": %d, "errors": %d, "kinds": "%s", "seconds": %f}\\n',
    summary.requests, e.connect + e.read + e.write + e.status + e.timeout, kinds, summary.duration / 1e6))
end
"""


def drive(bench, directory, port, path, seconds, connections=CONNECTIONS, delay_ms=None, timeout_s=ANSWER_SECONDS):
    """Posts orders to a port of this machine; a BenchError if one is not taken, or not answered in `timeout_s`. The load's
    script is put into `directory`."""
    delay = "" if delay_ms is None else f"function delay() return {delay_ms:.3f} end"
    script = directory / "load.lua"
    script.write_text(LOAD.replace("@PATH@", path).replace("@DELAY@", delay), encoding="ascii")
    output = bench.processes.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", f"{timeout_s}s", "-s", script,
         f"http://127.0.0.1:{port}"],
        "0-1", seconds + PATIENCE_SECONDS)
    seen = json.loads(output.rpartition("RESULT ")[2])
    if seen["errors"] or not seen["requests"]:
        raise BenchError(f"{seen['errors']} errors in {seen['requests']} requests to {path} ({seen['kinds']})")
    return seen


class Instance:
    """Linkspan and the systems, with a store of its own."""

    def __init__(self, bench, name, store=None):
        self._bench = bench
        self.directory = bench.directory / name
        self.directory.mkdir(exist_ok=True)
        self.store = store or self.directory / "flows.db"
        with open(self.directory / "systems.out", "wb") as output:
            self._systems = bench.processes.start([bench.systems], "0-1", output)
        told = self._told()
        self.ports = {system: listeners[0]["address"].rsplit(":", 1)[1] for system, listeners in told["systems"].items()}
        self.port, self.admin = free_port(), free_port()
        self.config = self.directory / "linkspan.yaml"
        self.config.write_text(CONFIG.format(
            port=self.port, admin=self.admin, store=self.store, directory=self.directory, specs=bench.specs,
            stock=self.ports["stock"], payments=self.ports["payments"], mail=self.ports["mail"]), encoding="utf-8")
        self.process = None

    def _told(self):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            text = (self.directory / "systems.out").read_text(encoding="utf-8")
            if text.endswith("\n"):
                return json.loads(text)
            time.sleep(0.02)
        raise BenchError("linkspan-systems did not start")

    def start(self):
        """Seconds until it is ready."""
        began = time.monotonic()
        with open(self.directory / "linkspan.out", "wb") as output:
            self.process = self._bench.processes.start(
                [self._bench.linkspan, "run", "-c", self.config], "0-1", output)
        while time.monotonic() < began + PATIENCE_SECONDS:
            with contextlib.suppress(OSError):
                connection = http.client.HTTPConnection("127.0.0.1", self.admin, timeout=5)
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    return time.monotonic() - began
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        raise BenchError("linkspan did not start: " + (self.directory / "linkspan.out").read_text("utf-8")[-500:])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE_SECONDS)
        self._bench.processes.stop(self.process)

    def end(self):
        self.stop()
        self._bench.processes.stop(self._systems)

    def load(self, path, seconds, connections=CONNECTIONS, delay_ms=None):
        return drive(self._bench, self.directory, self.port, path, seconds, connections, delay_ms)

    def runs(self, question, *values):
        with contextlib.closing(sqlite3.connect(f"file:{self.store}?mode=ro", uri=True)) as database:
            return database.execute(question, values).fetchall()

    def wait_until_ended(self):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.runs("SELECT count(*) FROM run WHERE open = 1")[0][0] > 0:
            if time.monotonic() > deadline:
                raise BenchError("runs that were accepted did not end")
            time.sleep(0.1)


def per_second(instance, before):
    """Of the runs after number `before`: how many a second, from the first start to the last end, both on disk."""
    instance.wait_until_ended()
    count, first, last, wrong = instance.runs(
        "SELECT count(*), min(started_at), max(ended_at), sum(state != 5) FROM run WHERE run > ?", before)[0]
    if wrong:
        raise BenchError(f"{wrong} of {count} runs were not completed")
    return count / ((last - first) / 1e9)


def last_run(instance):
    return instance.runs("SELECT coalesce(max(run), 0) FROM run")[0][0]


def measure_rates(bench, results):
    instance = Instance(bench, "rates")
    instance.start()
    instance.load("/three", 1)  # pools, pages and caches
    instance.wait_until_ended()
    bench.progress("three steps")
    before = last_run(instance)
    instance.load("/three", bench.seconds)
    rate = per_second(instance, before)
    results.figures["three_step_per_s"] = rate
    bench.progress(f"  {rate:,.0f} a second")
    bench.progress("three steps at half the load")
    before = last_run(instance)
    instance.load("/three", bench.seconds, delay_ms=CONNECTIONS / (rate / 2) * 1000)
    half = per_second(instance, before)
    took = sorted(value for (value,) in instance.runs("SELECT ended_at - started_at FROM run WHERE run > ?", before))
    results.figures["three_step_p99_ms_half_load"] = took[int(len(took) * 0.99)] / 1e6
    results.notes.append(f"Half load was {half:,.0f} runs a second")
    bench.progress("one step")
    instance.load("/one", 1)
    before = last_run(instance)
    instance.load("/one", bench.seconds)
    results.figures["one_step_per_s"] = per_second(instance, before)
    instance.end()


def measure_waiting(bench, results):
    bench.progress("waiting runs")
    instance = Instance(bench, "waiting")
    instance.start()
    while last_run(instance) < bench.waiting:
        instance.load("/waiting", 1)
    count = last_run(instance)
    time.sleep(1)
    results.figures["waiting_100k_mib"] = memory_mib([instance.process.pid]) * bench.waiting / count
    instance.end()


def measure_start(bench, results):
    """A store with ended and open runs, each a copy of a real one."""
    bench.progress("start with many runs")
    instance = Instance(bench, "start")
    instance.start()
    for path in ("/three", "/waiting"):
        instance.load(path, 1, connections=1)
    time.sleep(1)
    instance.stop()
    with contextlib.closing(sqlite3.connect(instance.store)) as database:
        template = database.execute("SELECT min(run) FROM run WHERE open = 0").fetchone()[0]
        waiting = database.execute("SELECT min(run) FROM run WHERE open = 1").fetchone()[0]
        database.execute("PRAGMA synchronous=OFF")
        first = database.execute("SELECT max(run) FROM run").fetchone()[0]
        for number, count, source in ((first, bench.finished, template), (first + bench.finished, OPEN_RUNS, waiting)):
            copy_runs(database, source, number, count)
        database.commit()
    results.figures["start_1m_s"] = instance.start()
    instance.end()


def copy_runs(database, source, after, count):
    row = database.execute("SELECT * FROM run WHERE run = ?", (source,)).fetchone()  # its number comes first
    places = ", ".join("?" * len(row))
    database.executemany(f"INSERT INTO run VALUES ({places})", ((after + i, *row[1:]) for i in range(1, count + 1)))
    first = source << SEQ_BITS
    records = database.execute("SELECT key - ?, bytes FROM journal WHERE key BETWEEN ? AND ?",
                               (first, first, first + (1 << SEQ_BITS) - 1)).fetchall()
    database.executemany("INSERT INTO journal(key, bytes) VALUES (?, ?)",
                         ((((after + i) << SEQ_BITS) + seq, text) for i in range(1, count + 1) for seq, text in records))


PARTS = (measure_rates, measure_waiting, measure_start)
