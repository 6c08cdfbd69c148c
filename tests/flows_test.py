"""Flows for real: webhooks and endpoints become runs that call the demo systems, and survive what happens to them."""

import base64
import hashlib
import hmac
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from conftest import BINARY, BUILD, PATIENCE, ROOT, Process, free_port, request, wait_until

SECRET = b"a secret of the shop"
HOOK_SECRET = "whsec_" + base64.b64encode(SECRET).decode()
SPECS = ROOT / "examples/shop/specs"


class Systems(Process):
    def __init__(self, directory):
        super().__init__([BUILD / "linkspan-systems"], directory, "systems")
        told = wait_until(lambda: self.out().endswith("\n") and json.loads(self.out()), "the systems", 20)
        self.ports = {
            name: int(listeners[0]["address"].rsplit(":", 1)[1])
            for name, listeners in dict(told["systems"], control=told["control"]).items()
        }

    def control(self, method, path, body=None):
        payload = None if body is None else json.dumps(body)
        reply = request(self.ports["control"], method, "/_control" + path, body=payload)
        assert reply.status < 300, reply.body
        return reply.json() if reply.body else None

    def fault(self, system, **rule):
        self.control("POST", f"/faults?system={system}", rule)

    def effects(self, operation=None):
        effects = self.control("GET", "/effects")["effects"]
        return [e for e in effects if operation in (None, e["operation"])]


@pytest.fixture
def systems(tmp_path, processes):
    directory = tmp_path / "systems"
    directory.mkdir()
    started = Systems(directory)
    processes.append(started)
    return started


INTAKE = """
  order-intake:
    trigger:
      webhook: { path: /hooks/shop/orders, verify: { standard_webhooks: "${env:SHOP_HOOK}" } }
      dedupe: { key: .id, window: 7d }
    input: shop#Order
    steps:
      reserve:
        call: stock.createReservation
        body: '{orderId: .id, lines: [.lines[] | {sku, qty}]}'
        undo: { call: stock.cancelReservation, path: { id: $reserve.id } }
      charge:
        call: payments.createCharge
        body: '{amount: .total, currency, token: .cardToken, reference: .id}'
        reject: .status == 402
        undo: { call: payments.refund, path: { id: $charge.id } }
        pivot: true
      crm:
        call: crm.upsertOrder
        path: { externalId: .id }
        body: '{externalId: .id, chargeId: $charge.id}'
        retry: { within: 300ms, first_delay: 50ms }
    output: '{order: .id, charge: $charge.id}'
"""

QUOTE = """
  quote:
    input: shop#NewOrder
    steps:
      price: { set: '[.lines[] | (.price // 0) * .qty] | add' }
    output: '{total: $price}'
"""


def config(systems, flows=INTAKE, endpoints="", admin=0):
    apis = "\n".join(
        f"  {name}: {{ spec: {SPECS}/{name}.openapi.yaml, servers: http://127.0.0.1:{systems.ports[name]}, "
        f"timeout: {{ total: 2s }}, retry: {{ attempts: 1 }} }}"
        for name in ("stock", "payments", "crm", "mail", "shop")
    )
    return f"""
listen: http://127.0.0.1:0
admin: http://127.0.0.1:{admin}
workers: 1
store: sqlite:flows.db
apis:
{apis}
endpoints:
  hello: {{ path: /, respond: {{ body: hello }} }}
{endpoints}
flows:
{flows}
"""


def order(number, **changes):
    return {
        "id": f"o-{number}",
        "customer": {"id": "c-1001", "email": "ada@example.com"},
        "lines": [{"sku": "mug", "qty": 2, "price": 1250}],
        "total": 2500,
        "currency": "EUR",
        "cardToken": "tok-1",
        **changes,
    }


def signed(body, identity="m-1", secret=SECRET):
    at = str(int(time.time()))
    mac = hmac.new(secret, f"{identity}.{at}.".encode() + body, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "webhook-id": identity,
        "webhook-timestamp": at,
        "webhook-signature": "v1," + base64.b64encode(mac).decode(),
    }


ENV = {"SHOP_HOOK": HOOK_SECRET}


def send(linkspan, payload, **kwargs):
    body = json.dumps(payload).encode()
    return linkspan.request("POST", "/hooks/shop/orders", body=body, headers=signed(body, **kwargs))


def run_of(linkspan, run):
    return linkspan.admin(f"/runs/{run}").json()


def wait_status(linkspan, run, *statuses):
    return wait_until(lambda: (r := run_of(linkspan, run)) and r["status"] in statuses and r, f"{run} to be {statuses}", 20)


def run_command(linkspan, *words, env=None):
    return subprocess.run([BINARY, *words, "-c", linkspan.config_path.name], cwd=linkspan.directory, capture_output=True,
                          text=True, timeout=60 * PATIENCE, stdin=subprocess.DEVNULL, env=dict(os.environ, **ENV, **(env or {})))


def command(linkspan, *words, code=0, env=None):
    done = run_command(linkspan, *words, env=env)
    assert done.returncode == code, (done.stdout, done.stderr)
    return done.stdout


def test_a_webhook_becomes_a_run_that_calls_three_systems(linkspan, systems):
    server = linkspan(config(systems), env=ENV)
    reply = send(server, order(7))
    assert reply.status == 202, reply.body
    run = reply.json()["run"]
    ended = wait_status(server, run, "completed")
    assert [e["operation"] for e in sorted(systems.effects(), key=lambda e: e["order"])] == [
        "createReservation", "createCharge", "upsertOrder"]
    assert all(e["effects"] == 1 and e["key"] for e in systems.effects())
    crm = request(systems.ports["crm"], "GET", "/orders/o-7").body.decode()
    assert crm.startswith('<order externalId="o-7"><chargeId>')
    status = server.get(reply.header("Location"))
    assert status.status == 200
    assert status.json()["status"] == "completed" and status.json()["output"]["order"] == "o-7"
    assert ended["journal"][0]["kind"] == "start" and ended["journal"][-1]["kind"] == "end"
    assert server.metric("linkspan_flow_runs_started_total") == 1
    access = server.wait_access(1)[0]
    assert (access["endpoint"], access["status"]) == ("order-intake/webhook", 202)
    listed = command(server, "runs", "list")
    assert run in listed and "completed" in listed
    shown = command(server, "runs", "show", run)
    assert "started by webhook" in shown and "reserve: POST /reservations" in shown


def test_a_status_url_cannot_be_guessed(linkspan, systems):
    server = linkspan(config(systems), env=ENV)
    reply = send(server, order(7))
    location = reply.header("Location")
    assert location.startswith("/hooks/shop/orders/runs/" + reply.json()["run"] + "-")
    assert server.get(location[:-1] + ("0" if location[-1] != "0" else "1")).status == 404
    assert server.get("/hooks/shop/orders/runs/" + reply.json()["run"]).status == 404


def test_a_message_that_comes_twice_is_one_run(linkspan, systems):
    server = linkspan(config(systems), env=ENV)
    first = send(server, order(7))
    again = send(server, order(7), identity="m-2")
    assert (first.status, again.status) == (202, 200)
    assert first.json() == again.json()
    wait_status(server, first.json()["run"], "completed")
    assert len(systems.effects("createCharge")) == 1


def test_a_bad_payload_is_refused_with_its_places_and_starts_nothing(linkspan, systems):
    server = linkspan(config(systems), env=ENV)
    bad = order(7, total="much", lines=[{"sku": "mug", "qty": 0}])
    reply = send(server, bad)
    assert reply.status == 422
    assert reply.header("Content-Type") == "application/problem+json"
    problem = reply.json()
    assert problem["type"] == "urn:linkspan:error:input-invalid"
    assert sorted(e["pointer"] for e in problem["errors"]) == ["/lines/0/qty", "/total"]
    body = b"{ no json"
    reply = server.request("POST", "/hooks/shop/orders", body=body, headers=signed(body))
    assert (reply.status, reply.json()["type"]) == (400, "urn:linkspan:error:json-invalid")
    body = b"<order/>"
    reply = server.request("POST", "/hooks/shop/orders", body=body,
                           headers=dict(signed(body), **{"Content-Type": "application/xml"}))
    assert reply.status == 415
    assert server.admin("/runs").json() == {"runs": []}


def test_a_wrong_signature_is_refused(linkspan, systems):
    server = linkspan(config(systems), env=ENV)
    assert send(server, order(7), secret=b"another").status == 401
    plain = server.request("POST", "/hooks/shop/orders", body=json.dumps(order(7)),
                           headers={"Content-Type": "application/json"})
    assert (plain.status, plain.json()["type"]) == (401, "urn:linkspan:error:webhook-unsigned")
    assert server.admin("/runs").json() == {"runs": []}


def test_a_declined_card_frees_the_stock(linkspan, systems):
    server = linkspan(config(systems), env=ENV)
    run = send(server, order(7, cardToken="declined")).json()["run"]
    wait_status(server, run, "undone")
    assert [e["operation"] for e in systems.effects() if e["effects"]] == ["createReservation", "cancelReservation"]
    assert request(systems.ports["stock"], "GET", "/items/mug").json()["reserved"] == 0


def test_a_dead_crm_parks_the_run_until_a_person_retries_it(linkspan, systems):
    admin = free_port()
    server = linkspan(config(systems, admin=admin), env=ENV)
    systems.control("POST", "/down?system=crm")
    run = send(server, order(7)).json()["run"]
    parked = wait_status(server, run, "parked")
    assert "crm" in json.dumps(parked)
    assert run in command(server, "runs", "list", "--status", "parked")
    systems.control("POST", "/up?system=crm")
    command(server, "runs", "retry", run, "--by", "ada")
    wait_status(server, run, "completed")
    assert len(systems.effects("createCharge")) == 1
    assert "tried again by ada" in command(server, "runs", "show", run)
    command(server, "runs", "retry", run, code=1)


def problem_of(server, path, body):
    reply = request(server.admin_port, "POST", path, body=json.dumps(body), headers={"Content-Type": "application/json"})
    return reply.status, reply.json()


def test_again_from_a_step_asks_before_it_does_anything_twice(linkspan, systems):
    server = linkspan(config(systems, admin=free_port()), env=ENV)
    systems.control("POST", "/down?system=crm")
    run = send(server, order(7)).json()["run"]
    wait_status(server, run, "parked")
    systems.control("POST", "/up?system=crm")
    refused = run_command(server, "runs", "retry", run, "--from", "charge")
    assert refused.returncode == 1 and "charge (payments.createCharge" in refused.stderr and "--yes" in refused.stderr
    assert len(systems.effects("createCharge")) == 1 and run_of(server, run)["status"] == "parked"
    status, problem = problem_of(server, f"/runs/{run}/retry", {"from": "charge"})
    assert status == 409 and problem["type"].endswith("repair-unconfirmed")
    command(server, "runs", "retry", run, "--from", "charge", "--yes", "--by", "ada")
    wait_status(server, run, "completed")
    charges = systems.effects("createCharge")
    assert [charge["effects"] for charge in charges] == [1, 1]
    assert charges[0]["key"] != charges[1]["key"], "what is done on purpose has a key of its own"
    assert len(systems.effects("createReservation")) == 1
    assert "charge: to be done anew, from charge on by ada" in command(server, "runs", "show", run)
    ended = run_command(server, "runs", "retry", run, "--from", "charge", "--yes")
    assert ended.returncode == 1 and "completed" in ended.stderr


def test_a_person_edits_what_a_step_sends(linkspan, systems, tmp_path):
    server = linkspan(config(systems, admin=free_port()), env=ENV)
    systems.fault("payments", path="/charges", status=422, count=1)
    run = send(server, order(7)).json()["run"]
    wait_status(server, run, "parked")
    wrong = run_command(server, "runs", "retry", run, "--edit", env={"EDITOR": "sed -i 's/2500/\"much\"/'"})
    assert wrong.returncode == 1 and "/body/amount" in wrong.stderr
    same = run_command(server, "runs", "retry", run, "--edit", env={"EDITOR": "true"})
    assert same.returncode == 1 and "not changed" in same.stderr
    broken = run_command(server, "runs", "retry", run, "--edit", env={"EDITOR": "sed -i 's/2500/2500,,/'", "TMPDIR": str(tmp_path)})
    assert broken.returncode == 1 and str(tmp_path) in broken.stderr, "what was written is kept"
    command(server, "runs", "retry", run, "--edit", env={"EDITOR": "sed -i s/2500/2400/", "VISUAL": ""})
    wait_status(server, run, "completed")
    assert [charge["effects"] for charge in systems.effects("createCharge")][-1] == 1
    sent = [r["value"]["json"] for r in run_of(server, run)["journal"] if r["kind"] == "intent" and r.get("step") == "charge"]
    assert [body["amount"] for body in sent] == [2500, 2400]


def test_an_xml_body_comes_from_a_file_without_a_terminal(linkspan, systems, tmp_path):
    server = linkspan(config(systems, admin=free_port()), env=ENV)
    systems.control("POST", "/down?system=crm")
    run = send(server, order(7)).json()["run"]
    wait_status(server, run, "parked")
    systems.control("POST", "/up?system=crm")
    edited = run_command(server, "runs", "retry", run, "--edit", env={"EDITOR": "true"})
    assert edited.returncode == 1 and "--body" in edited.stderr
    (tmp_path / "body.json").write_text('{"externalId": "o-7", "chargeId": "by-hand"}')
    command(server, "runs", "retry", run, "--step", "crm", "--body", str(tmp_path / "body.json"))
    wait_status(server, run, "completed")
    assert b"<chargeId>by-hand</chargeId>" in request(systems.ports["crm"], "GET", "/orders/o-7").body


def test_many_runs_are_repaired_by_one_word(linkspan, systems):
    server = linkspan(config(systems, admin=free_port()), env=ENV)
    systems.control("POST", "/down?system=crm")
    runs = [send(server, order(n), identity=f"m-{n}").json()["run"] for n in range(4)]
    for run in runs:
        wait_status(server, run, "parked")
    dry = command(server, "runs", "retry", "--flow", "order-intake", "--dry-run")
    assert all(run in dry for run in runs) and dry.endswith("4 runs; nothing was done\n")
    assert len(server.admin("/runs?status=parked").json()["runs"]) == 4
    status, told = problem_of(server, "/runs", {"action": "retry", "flow": "order-intake", "dry_run": True, "limit": 3})
    assert status == 200 and len(told["runs"]) == 3 and told["next"] == runs[1] and "done" not in told["runs"][0]
    assert problem_of(server, "/runs", {"action": "retry"})[0] == 400
    assert problem_of(server, "/runs", {"action": "retry", "flow": "x", "dryrun": True})[0] == 400
    command(server, "runs", "cancel", runs[0])
    command(server, "runs", "skip", "--status", "parked", "--flow", "another")
    systems.control("POST", "/up?system=crm")
    told = command(server, "runs", "resume", "--flow", "order-intake", "--status", "parked", "--by", "ada")
    assert sorted(told.split("\n")[:-1]) == sorted(f"{run}: resume" for run in runs[1:])
    for run in runs[1:]:
        wait_status(server, run, "completed")
    done = problem_of(server, "/runs", {"action": "undo", "flow": "order-intake", "status": "completed"})[1]["runs"]
    assert {row["error"] for row in done} == {"run-ended"} and not any(row["done"] for row in done)


def test_a_killed_process_finishes_what_it_had_taken(linkspan, systems):
    server = linkspan(config(systems), env=ENV)
    systems.fault("payments", path="/charges", latency_ms=400)
    runs = [send(server, order(n), identity=f"m-{n}").json()["run"] for n in range(8)]
    wait_until(lambda: systems.effects("createCharge"), "the first charge", 20)
    server.signal(signal.SIGKILL)
    server.wait()
    assert runs[0] in command(server, "runs", "list"), "the store can be read when nothing runs"
    systems.control("DELETE", "/faults?system=payments")
    again = linkspan(config(systems), env=ENV, name="again")
    for run in runs:
        wait_status(again, run, "completed")
    for operation in ("createReservation", "createCharge", "upsertOrder"):
        effects = systems.effects(operation)
        assert len(effects) == 8 and all(e["effects"] == 1 for e in effects), effects


def test_a_reload_does_not_change_the_store_and_says_so(linkspan, systems):
    text = config(systems)
    server = linkspan(text, env=ENV)
    server.rewrite(text.replace("sqlite:flows.db", "sqlite:other.db"))
    message = "another store takes effect with the next start; the runs of this one stay in it"
    wait_until(lambda: server.log_messages(message), "the warning", 20)
    send(server, order(7))
    assert not (server.directory / "other.db").exists()


def test_a_reload_leaves_runs_of_the_old_version_alone(linkspan, systems):
    flows = """
  slow:
    steps:
      ready: { wait_for: { event: ready, key: .id } }
      one: { set: '"VERSION"' }
    output: '{version: $one}'
"""
    server = linkspan(config(systems, flows.replace("VERSION", "old")), env=ENV)

    def start(number):
        reply = request(server.admin_port, "POST", "/flows/slow/run", body=json.dumps({"id": number}),
                        headers={"Content-Type": "application/json"})
        assert reply.status == 202, reply.body
        return reply.json()["run"]

    old = start(1)
    wait_status(server, old, "waiting")
    server.rewrite(config(systems, flows.replace("VERSION", "new")))
    wait_until(lambda: server.generation() == 2, "the reload", 20)
    new = start(2)
    wait_status(server, new, "waiting")
    server.wait_metric("linkspan_flow_runs_started_total", 2)
    server.stop()
    server = linkspan(config(systems, flows.replace("VERSION", "new")), env=ENV, name="again")
    for number in (1, 2):
        assert request(server.admin_port, "POST", "/events/ready", headers={"Content-Type": "application/json"},
                       body=json.dumps({"key": number, "id": f"e-{number}"})).status == 202
    assert wait_status(server, old, "completed")["journal"][-1]["value"] == {"version": "old"}
    assert wait_status(server, new, "completed")["journal"][-1]["value"] == {"version": "new"}


ENDPOINTS = """
  quote: { path: /quotes, methods: POST, flow: quote }
  intake: { path: /orders, methods: POST, flow: { flow: order-intake, respond_within: 10s } }
  hasty: { path: /hasty, methods: POST, flow: { flow: order-intake, respond_within: 20ms } }
"""
JSON = {"Content-Type": "application/json"}


def post(server, path, payload, **headers):
    return server.request("POST", path, body=json.dumps(payload), headers=dict(JSON, **headers))


def test_an_endpoint_answers_with_what_its_run_gives(linkspan, systems):
    server = linkspan(config(systems, INTAKE + QUOTE, ENDPOINTS), env=ENV)
    reply = post(server, "/quotes", order(7))
    assert (reply.status, reply.json()) == (200, {"total": 2500})
    assert reply.header("Content-Type") == "application/json"
    assert post(server, "/quotes", {"lines": []}).status == 422
    reply = post(server, "/orders", order(8, cardToken="declined"))
    assert (reply.status, reply.json()["type"]) == (409, "urn:linkspan:error:flow-undone")
    systems.fault("payments", path="/charges", latency_ms=300)
    reply = post(server, "/hasty", order(9))
    assert reply.status == 202
    assert wait_until(lambda: server.get(reply.header("Location")).json()["status"] == "completed", "its end", 20)


def test_an_idempotency_key_gets_the_answer_of_the_first_request(linkspan, systems):
    server = linkspan(config(systems, INTAKE + QUOTE, ENDPOINTS), env=ENV)
    first = post(server, "/quotes", order(7), **{"Idempotency-Key": "k-1"})
    again = post(server, "/quotes", order(7, lines=[{"sku": "mug", "qty": 1, "price": 1}]), **{"Idempotency-Key": "k-1"})
    other = post(server, "/quotes", order(7, lines=[{"sku": "mug", "qty": 1, "price": 1}]), **{"Idempotency-Key": "k-2"})
    assert (first.json(), again.json(), other.json()) == ({"total": 2500}, {"total": 2500}, {"total": 1})
    assert len(server.admin("/runs").json()["runs"]) == 2


RECEIPT = """
  receipt:
    steps:
      answer: { respond: { status: 201, body: '{receipt: .id}' } }
    output: '"nobody asks for this"'
"""


def test_an_idempotency_key_gets_what_the_run_has_responded_with(linkspan, systems):
    endpoints = "  receipts: { path: /receipts, methods: POST, flow: receipt }\n"
    server = linkspan(config(systems, RECEIPT, endpoints))
    for _ in range(2):
        reply = post(server, "/receipts", order(7), **{"Idempotency-Key": "k-1"})
        assert (reply.status, reply.json()) == (201, {"receipt": "o-7"})


def test_a_write_that_finds_no_server_becomes_a_run(linkspan, systems):
    gone = f"  gone: {{ servers: http://127.0.0.1:{free_port()}, retry: {{ attempts: 1 }} }}\nendpoints:"
    endpoint = "  quotes: { path: /quotes, proxy: { api: gone, when_unavailable: quote } }\n"
    server = linkspan(config(systems, INTAKE + QUOTE, endpoint).replace("endpoints:", gone, 1), env=ENV)
    first = post(server, "/quotes", order(7), **{"Idempotency-Key": "k-1"})
    assert first.status == 202
    assert wait_until(lambda: server.get(first.header("Location")).json()["status"] == "completed", "its end", 20)
    again = post(server, "/quotes", order(7), **{"Idempotency-Key": "k-1"})
    assert (again.status, again.json()["run"]) == (202, first.json()["run"])
    assert server.get("/quotes").status == 502
    assert len(server.admin("/runs").json()["runs"]) == 1


def test_a_schedule_starts_runs(linkspan, systems):
    flows = """
  tick:
    trigger: { schedule: "* * * * *" }
    steps: { one: { set: .at } }
    output: '{due: $one}'
"""
    server = linkspan(config(systems, flows), env=ENV)
    runs = wait_until(lambda: server.admin("/runs?flow=tick").json()["runs"], "a tick", 70)
    ended = wait_status(server, runs[0]["run"], "completed")
    assert ended["journal"][-1]["value"]["due"].endswith(":00.000000Z")


def test_the_store_is_copied_checked_and_made_smaller(linkspan, systems):
    server = linkspan(config(systems, QUOTE, "  quote: { path: /quotes, methods: POST, flow: quote }"), env=ENV)
    assert post(server, "/quotes", order(7)).status == 200
    command(server, "store", "backup", "copy.db")
    assert (server.directory / "copy.db").stat().st_size > 0
    assert "ok (1 runs" in command(server, "store", "check")
    command(server, "store", "vacuum", code=3)
    server.stop()
    command(server, "store", "vacuum")
    assert "completed" in command(server, "runs", "list")


def test_pages_of_other_sites_cannot_change_anything(linkspan, systems):
    server = linkspan(config(systems, QUOTE), env=ENV)
    path = "/flows/quote/run"
    simple = request(server.admin_port, "POST", path, body="{}", headers={"Content-Type": "text/plain"})
    assert simple.status == 415
    foreign = request(server.admin_port, "POST", path, body="{}", headers=dict(JSON, Origin="https://evil.example"))
    assert foreign.status == 403
    own = request(server.admin_port, "POST", path, body=json.dumps(order(1)),
                  headers=dict(JSON, Origin=f"http://127.0.0.1:{server.admin_port}"))
    assert own.status == 202
    assert len(server.admin("/runs").json()["runs"]) == 1


def test_mistakes_in_flows_are_all_told_before_anything_runs(systems, tmp_path):
    broken = INTAKE.replace("stock.createReservation", "stock.createReservatoin").replace("shop#Order", "shop#Ordre")
    path = tmp_path / "linkspan.yaml"
    path.write_text(config(systems, broken))
    done = subprocess.run([BINARY, "check", "-c", "linkspan.yaml"], cwd=tmp_path, capture_output=True, text=True,
                          timeout=60 * PATIENCE, env=dict(os.environ, **ENV))
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert len(lines) == 2 and all(line.startswith("linkspan.yaml:") for line in lines), lines
    assert 'did you mean "createReservation"?' in done.stderr
    assert not (tmp_path / "flows.db").exists()


def test_without_flows_no_store_is_made(linkspan, server):
    from conftest import simple_config

    process = linkspan(simple_config(server().port))
    assert process.admin("/runs").status == 404
    assert not list(process.directory.glob("*.db*"))


@pytest.mark.parametrize("name", ["stock", "payments", "crm", "mail", "shop"])
def test_the_descriptions_of_the_systems_are_clean(name):
    done = subprocess.run([BINARY, "api", "lint", "--strict", SPECS / f"{name}.openapi.yaml"], capture_output=True, text=True,
                          timeout=60 * PATIENCE)
    assert done.returncode == 0, done.stdout


def rehearse(server, changed, *words):
    (server.directory / "changed.yaml").write_text(changed)
    done = run_command(server, "runs", "rehearse", "--flow", "changed.yaml", *words)
    return done.returncode, done.stdout + done.stderr


def test_recorded_runs_are_rehearsed_against_a_changed_flow(linkspan, systems):
    text = config(systems)
    server = linkspan(text, env=ENV)
    paid, declined = (send(server, order(n, cardToken=token), identity=f"m-{n}").json()["run"]
                      for n, token in ((1, "tok-1"), (2, "declined")))
    wait_status(server, paid, "completed")
    wait_status(server, declined, "undone")
    effects = systems.effects()

    code, told = rehearse(server, text)
    assert (code, told.splitlines()[-1]) == (0, "2 runs rehearsed: 2 the same, 0 differ; nothing was sent"), told

    code, told = rehearse(server, text.replace("{amount: .total,", "{amount: (.total + 1),"), paid)
    assert code == 1 and f"{paid} order-intake: differs\n  charge: /body/amount: 2500 -> 2501\n" in told, told

    code, told = rehearse(server, text.replace("token: .cardToken", 'token: "tok-2"'), paid)
    assert code == 1 and "charge: /body/token: *** -> another ***" in told and "tok-" not in told

    mail = "      email: { call: mail.send, body: '{to: .customer.email, template: \"paid\", order: .id}' }\n    output:"
    code, told = rehearse(server, text.replace("    output:", mail), "--status", "completed")
    assert code == 1 and "email: new: mail.send POST" in told and "example" in told, told

    crm = text[text.index("      crm:\n"):text.index("    output: '{order")]
    code, told = rehearse(server, text.replace(crm, ""), "--only", "order-intake", "--limit", "5")
    assert code == 1 and "crm: not done any more: crm.upsertOrder PUT /orders/o-1" in told, told

    assert systems.effects() == effects, "nothing was sent"
    assert len(server.admin("/runs").json()["runs"]) == 2, "nothing was written"
    assert rehearse(server, text.replace("payments.createCharge", "payments.nothing"))[0] == 2
