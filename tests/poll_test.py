"""Polls for real: what a list has anew becomes runs, each item once, whatever happens to the process meanwhile."""

import json
import os
import re
import signal
import subprocess

from conftest import BINARY, PATIENCE, answer, wait_until
from flows_test import SPECS, run_of, systems, wait_status  # noqa: F401 (a fixture)

FEED = """
openapi: 3.1.0
info: { title: Feed, version: "1" }
paths:
  /changes:
    get:
      operationId: changes
      parameters: [{ name: after, in: query, schema: { type: integer } }]
      responses:
        "200":
          description: A page.
          content: { application/json: { schema: { $ref: "#/components/schemas/Page" } } }
components:
  schemas:
    Page:
      type: object
      properties: { items: { type: array, items: { $ref: "#/components/schemas/Change" } }, next: { type: integer } }
    Change:
      type: object
      required: [id, mail]
      properties: { id: { type: string }, mail: { type: string } }
"""

NOTIFY = """
  notify:
    trigger:
      poll:
        call: feed.changes
        query: { after: $cursor }
        every: EVERY
        items: .body.items
        cursor: .body.next
    input: feed#Change
    steps:
      mail: { call: mail.send, body: '{to: .mail, template: "changed", order: .id}' }
"""


class Feed:
    """A list that grows; a page of it from a position on, and the position after the page."""

    def __init__(self, count, page=4):
        self.items = [{"id": f"c-{n}", "mail": f"c{n}@example.com"} for n in range(count)]
        self.page = page
        self.status = "200 OK"

    def __call__(self, connection, head, number):
        found = re.search(rb"after=(\d+)", head.split(b"\r\n")[0])
        after = int(found[1]) if found else 0
        items = self.items[after : after + self.page]
        body = {"items": items, "next": after + len(items)}
        return answer(json.dumps(body).encode(), status=self.status, headers=[b"Content-Type: application/json"])


def config(directory, systems, feed_port, every="100ms", flows=NOTIFY):
    spec = directory / "feed.openapi.yaml"
    spec.write_text(FEED)
    return f"""
listen: http://127.0.0.1:0
admin: http://127.0.0.1:0
workers: 1
store: sqlite:flows.db
apis:
  feed: {{ spec: {spec}, servers: http://127.0.0.1:{feed_port}, retry: {{ attempts: 1 }} }}
  mail: {{ spec: {SPECS}/mail.openapi.yaml, servers: http://127.0.0.1:{systems.ports["mail"]} }}
endpoints:
  hello: {{ path: /, respond: {{ body: hello }} }}
flows:
{flows.replace("EVERY", every)}
"""


def poll_of(server, flow="notify"):
    flows = server.admin("/flows").json()["flows"]
    return next(f for f in flows if f["flow"] == flow)["poll"]



def test_each_item_starts_one_run_though_the_process_is_killed_again_and_again(linkspan, server, systems, tmp_path):
    feed = Feed(40)
    port = server(feed).port
    text = config(tmp_path, systems, port)
    process = linkspan(text)
    for kill, sent in enumerate((3, 11, 18, 30)):
        wait_until(lambda: len(systems.effects("send")) >= sent, f"mail {sent}", 20)
        process.signal(signal.SIGKILL)
        process.wait()
        process = linkspan(text, name=f"again{kill}")
    wait_until(lambda: len(systems.effects("send")) >= 40, "the last mail", 20)
    wait_until(lambda: poll_of(process)["cursor"] == 40, "the cursor", 20)
    process.wait_metric("linkspan_flow_polls_failing", 0)
    effects = systems.effects("send")
    assert len(effects) == 40 and all(e["effects"] == 1 for e in effects), effects
    runs = process.admin("/runs?flow=notify&limit=1000").json()["runs"]
    assert len(runs) == 40
    ids = [run_of(process, run["run"])["journal"][0]["value"]["id"] for run in reversed(runs)]
    assert ids == [item["id"] for item in feed.items], "in order, none twice"


def test_what_is_not_the_input_is_passed_over_and_seen_by_a_person(linkspan, server, systems, tmp_path):
    feed = Feed(3)
    del feed.items[1]["mail"]
    process = linkspan(config(tmp_path, systems, server(feed).port))
    wait_until(lambda: len(systems.effects("send")) == 2, "the mails of the others", 20)
    poll = wait_until(lambda: (p := poll_of(process)) and p.get("cursor") == 3 and p, "the cursor", 20)
    assert (poll["started"], poll["refused"]) == (2, 1)
    assert "item 1 of the poll at" in poll["last_refusal"] and "mail" in poll["last_refusal"]
    assert process.metric('linkspan_flow_poll_items_total{outcome="refused"}') == 1


def test_a_list_that_cannot_be_had_is_said_and_tried_again(linkspan, server, systems, tmp_path):
    feed = Feed(2)
    feed.status = "503 Service Unavailable"
    process = linkspan(config(tmp_path, systems, server(feed).port))
    poll = wait_until(lambda: (p := poll_of(process)) and p.get("problem") and p, "the problem", 20)
    assert poll["problem"] == "feed answered 503" and "last_at" in poll
    process.wait_metric("linkspan_flow_polls_failing", 1)
    feed.status = "200 OK"
    wait_until(lambda: len(systems.effects("send")) == 2, "the mails", 20)
    wait_until(lambda: "problem" not in poll_of(process), "no problem", 20)


def test_a_reload_keeps_the_cursor(linkspan, server, systems, tmp_path):
    feed = Feed(2)
    asked = server(feed)
    process = linkspan(config(tmp_path, systems, asked.port))
    wait_until(lambda: len(systems.effects("send")) == 2, "the mails", 20)
    process.rewrite(config(tmp_path, systems, asked.port, every="110ms"))
    wait_until(lambda: process.generation() == 2, "the reload", 20)
    feed.items.append({"id": "c-new", "mail": "new@example.com"})
    run = wait_until(lambda: len(r := process.admin("/runs?flow=notify").json()["runs"]) == 3 and r[0]["run"], "a run", 20)
    wait_status(process, run, "completed")
    assert len(systems.effects("send")) == 3


def test_misspelt_fields_and_parameters_are_told_with_their_places(systems, tmp_path):
    broken = NOTIFY.replace(".body.items", ".body.itms").replace("after: $cursor", "aftr: $cursor")
    (tmp_path / "linkspan.yaml").write_text(config(tmp_path, systems, 1, flows=broken))
    done = subprocess.run([BINARY, "check", "-c", "linkspan.yaml"], cwd=tmp_path, capture_output=True, text=True,
                          timeout=60 * PATIENCE, env=os.environ)
    assert done.returncode == 1
    lines = sorted(done.stderr.splitlines())
    assert len(lines) == 2, lines
    assert re.match(r'linkspan.yaml:\d+:\d+: poll of flow "notify": feed.changes has no query parameter "aftr"', lines[0])
    assert 'items: the answer of feed.changes has no field "itms"; did you mean "items"?' in lines[1]
