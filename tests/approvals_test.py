"""Approvals by a link: what a person sees, that only the right link decides, and that it decides once."""

import html
import re
import signal

import pytest

from conftest import free_port, request, wait_until
from flows_test import SPECS, command, run_of, systems, wait_status  # noqa: F401 (a fixture)

REFUND = """
  refund:
    steps:
      tell: { call: mail.send, body: '{to: "boss@example.com", template: "approve", order: $run.approvals.ask}' }
      ask: { wait_for: { approval: '"Refund <b>\\(.total)</b> & more?"', timeout: 1h } }
    output: '{approved: $ask}'
"""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def config(systems, listen, admin=0):
    return f"""
listen: http://127.0.0.1:{listen}
admin: http://127.0.0.1:{admin}
workers: 1
store: sqlite:flows.db
approvals: http://127.0.0.1:{listen}/ask/approvals
apis:
  mail: {{ spec: {SPECS}/mail.openapi.yaml, servers: http://127.0.0.1:{systems.ports["mail"]} }}
flows:
{REFUND}
"""


def start(server, total=7):
    reply = request(server.admin_port, "POST", "/flows/refund/run", body='{"total": %d}' % total,
                    headers={"Content-Type": "application/json"})
    assert reply.status == 202, reply.body
    run = reply.json()["run"]
    wait_status(server, run, "waiting")
    return run


def mailed(systems, run):
    """The path and query of the link that was mailed."""
    messages = request(systems.ports["mail"], "GET", "/messages").json()["data"]
    link = next(m["order"] for m in messages if run in m["order"])
    found = re.fullmatch(r"http://127\.0\.0\.1:\d+(/ask/approvals\?t=\S+)", link)
    assert found, link
    return found[1]


@pytest.fixture
def asked(linkspan, systems):
    server = linkspan(config(systems, free_port()))
    run = start(server)
    return server, run, mailed(systems, run)


def decide(server, target, decision="approve"):
    return server.request("POST", target, body=f"decision={decision}", headers=FORM)


def test_the_page_shows_the_question_and_a_get_decides_nothing(asked):
    server, run, target = asked
    for method in ("GET", "HEAD", "GET"):
        page = server.request(method, target)
        assert page.status == 200
        assert page.header("Content-Type") == "text/html; charset=utf-8"
        assert page.header("Content-Security-Policy").startswith("default-src 'none'; form-action 'self'; frame-ancestors 'none'")
        assert (page.header("Cache-Control"), page.header("Referrer-Policy")) == ("no-store", "no-referrer")
    text = page.body.decode()
    assert "<p>Refund &lt;b&gt;7&lt;/b&gt; &amp; more?</p>" in text and "<b>" not in text
    assert '<form method="post">' in text and run in text
    assert run_of(server, run)["status"] == "waiting"
    access = [line for line in server.wait_access(3) if line["endpoint"] == "approvals/page"]
    assert access and not any("ask.1" in str(line) for line in access), "no log tells the link"


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_post_decides_once(asked, decision):
    server, run, target = asked
    done = decide(server, target, decision)
    assert done.status == 200 and (b"Approved" if decision == "approve" else b"Rejected") in done.body
    ended = wait_status(server, run, "completed")
    assert ended["journal"][-1]["value"] == {"approved": decision == "approve"}
    other = "reject" if decision == "approve" else "approve"
    for again in (decide(server, target, other), server.get(target)):
        assert again.status == 409 and b"It is decided already." in again.body
    assert run_of(server, run)["journal"][-1]["value"] == {"approved": decision == "approve"}
    assert "it came: link:" in command(server, "runs", "show", run)


def test_no_other_link_decides(asked, systems):
    server, run, target = asked
    other = start(server, 8)
    path, token = target.split("?t=")
    claims, signature = token.rsplit(".", 1)
    name, step, expires = claims.split(".")
    forged = [
        "", "x", claims, f"{claims}.", f"{claims}.{'0' * 64}", f"{claims}.{signature[:-1]}", f"{claims}.{signature}0",
        f"{other}.{step}.{expires}.{signature}",  # another run
        f"{name}.tell.{expires}.{signature}",  # another step
        f"{name}.{step}.{int(expires) + 1}.{signature}",  # a later end
        f"{claims}.{mailed(systems, other).rsplit('.', 1)[1]}",  # another run's signature
        "a" * 6000,
    ]
    for bad in forged:
        for reply in (server.get(f"{path}?t={bad}"), decide(server, f"{path}?t={bad}")):
            assert reply.status in (404, 414), (bad, reply.status)
    assert server.get(path).status == 404
    assert server.get(path).header("Content-Security-Policy")
    assert {run_of(server, r)["status"] for r in (run, other)} == {"waiting"}
    assert decide(server, target).status == 200
    wait_status(server, run, "completed")
    assert run_of(server, other)["status"] == "waiting"


def test_what_is_no_decision_decides_nothing(asked):
    server, run, target = asked
    assert server.request("POST", target, body="decision=approve", headers={"Content-Type": "text/plain"}).status == 400
    assert server.request("POST", target, body="decision=maybe", headers=FORM).status == 400
    assert server.request("POST", target, headers=FORM).status == 400
    assert server.request("POST", target, body="decision=approve" + "&" * 2000, headers=FORM).status == 413
    assert server.request("DELETE", target).status == 405
    assert run_of(server, run)["status"] == "waiting"


def test_a_link_outlives_the_process_and_is_shown_to_who_may_read_the_store(linkspan, systems):
    port = free_port()
    server = linkspan(config(systems, port))
    run = start(server)
    target = mailed(systems, run)
    server.signal(signal.SIGKILL)
    server.wait()
    again = linkspan(config(systems, port), name="again")
    assert again.get(target).status == 200
    shown = command(again, "runs", "show", run)
    link = re.search(r"answer +http://127\.0\.0\.1:\d+(/ask/approvals\?t=\S+)", shown)
    assert link, shown
    key = "approvals:key"
    assert key not in shown and key not in command(again, "config", "show")
    assert decide(again, html.unescape(link[1])).status == 200
    wait_status(again, run, "completed")
    assert decide(again, target).status == 409
