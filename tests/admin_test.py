"""The admin listener: health, metrics, status; for people and for scrapers."""

import json
import re
import signal
import socket
import threading

import pytest

from conftest import always, answer, closed_port, free_port, raw_exchange, refuses, request, simple_config, wait_until

PROMETHEUS_ACCEPT = (
    "application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
SAMPLE = re.compile(
    r'(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?P<labels>(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*)\})? '
    r"(?P<value>-?(?:\d+(?:\.\d+)?(?:e[-+]?\d+)?|\+Inf|Inf|NaN))"
)
SUFFIXES = {
    "counter": ("_total",),
    "gauge": ("",),
    "histogram": ("_bucket", "_sum", "_count"),
}


class Family:
    def __init__(self, name):
        self.name = name
        self.type = None
        self.help = None
        self.unit = None
        self.samples = {}  # (name, labels) -> value


def parse_exposition(text, openmetrics=False):
    """Every line checked against the format: Prometheus text 0.0.4, or OpenMetrics 1.0."""
    assert text.endswith("\n")
    lines = text[:-1].split("\n")
    if openmetrics:
        assert lines.pop() == "# EOF"
    families, family = {}, None
    for line in lines:
        if line.startswith("# "):
            kind, name, rest = line[2:].split(" ", 2)
            if kind == "HELP":
                assert name not in families, f"{name} is in two places"
                family = families[name] = Family(name)
                family.help = rest
            assert family is not None and name == family.name, line
            if kind == "TYPE":
                assert family.type is None and not family.samples and rest in SUFFIXES, line
                family.type = rest
            if kind == "UNIT":
                assert openmetrics and name.endswith("_" + rest), line
                family.unit = rest
            assert kind in ("HELP", "TYPE", "UNIT"), line
            continue
        sample = SAMPLE.fullmatch(line)
        assert sample, f"no sample: {line!r}"
        suffixes = SUFFIXES[family.type]
        if not openmetrics and family.type == "counter":
            suffixes = ("",)
            assert family.name.endswith("_total")
        assert sample["name"] in [family.name + suffix for suffix in suffixes], line
        key = (sample["name"], sample["labels"] or "")
        assert key not in family.samples, f"twice: {line}"
        family.samples[key] = float(sample["value"])
    for family in families.values():
        assert family.type and family.samples and family.help.strip(), family.name
        if family.type == "histogram":
            check_histogram(family)
    return families


def check_histogram(family):
    buckets, counts = {}, {}
    for (name, labels), value in family.samples.items():
        if name.endswith("_bucket"):
            others = ",".join(l for l in re.findall(r'[a-z_]+="[^"]*"', labels) if not l.startswith("le="))
            buckets.setdefault(others, []).append((re.search(r'le="([^"]+)"', labels)[1], value))
        elif name.endswith("_count"):
            counts[labels] = value
    assert set(buckets) == set(counts)
    for labels, steps in buckets.items():
        bounds = [float(bound.replace("+Inf", "inf")) for bound, _ in steps]
        assert bounds == sorted(bounds) and bounds[-1] == float("inf")
        values = [value for _, value in steps]
        assert values == sorted(values) and values[-1] == counts[labels]


def scrape(gateway, accept=None):
    reply = gateway.admin("/metrics", headers={"Accept": accept} if accept else {})
    openmetrics = reply.header("Content-Type").startswith("application/openmetrics-text")
    return parse_exposition(reply.body.decode(), openmetrics)


# --- Pages.


@pytest.fixture
def plain(linkspan, server):
    return linkspan(simple_config(server().port))


def test_the_index_names_the_pages(plain):
    reply = plain.admin("/")
    assert reply.status == 200 and reply.header("Content-Type") == "text/plain; charset=utf-8"
    for page in re.findall(r"^(/\w+)", reply.body.decode(), re.MULTILINE):
        assert plain.admin(page).status == 200, page


def test_health_and_readiness(plain):
    assert (plain.admin("/healthz").status, plain.admin("/healthz").body) == (200, b"ok\n")
    assert (plain.admin("/readyz").status, plain.admin("/readyz").body) == (200, b"ready\n")


@pytest.mark.parametrize("page", ["/", "/healthz", "/readyz", "/metrics", "/status"])
def test_head_is_get_without_the_body(plain, page):
    head = request(plain.admin_port, "HEAD", page)
    assert (head.status, head.body) == (200, b"")
    assert head.header("Content-Type") == plain.admin(page).header("Content-Type")
    assert int(head.header("Content-Length")) > 0
    both = raw_exchange(plain.admin_port, f"HEAD {page} HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
                        f"GET {page} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert both.count(b"HTTP/1.1 200 OK") == 2


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_pages_are_only_read(plain, method):
    reply = request(plain.admin_port, method, "/metrics", body=b"x" if method == "POST" else None)
    assert (reply.status, reply.header("Allow")) == (405, "GET, HEAD")
    assert reply.json()["type"] == "urn:linkspan:error:method-not-allowed"


def test_other_pages_do_not_exist(plain):
    reply = plain.admin("/metricz")
    assert reply.status == 404 and "/metrics" in reply.json()["detail"]


def test_the_pages_are_not_on_the_public_listener(plain):
    assert plain.get("/healthz").body == b"hello", "it belongs to the backend"


def test_without_admin_there_is_none(linkspan, server):
    gateway = linkspan(simple_config(server().port).replace("admin: http://127.0.0.1:0\n", ""))
    assert gateway.log_messages("admin listening") == []
    assert gateway.get("/").status == 200


# --- Metrics.


EXPECTED = {
    "linkspan_http_requests_total": "counter",
    "linkspan_http_request_duration_seconds": "histogram",
    "linkspan_http_requests_in_flight": "gauge",
    "linkspan_http_request_bytes_total": "counter",
    "linkspan_http_response_bytes_total": "counter",
    "linkspan_connections": "gauge",
    "linkspan_connections_accepted_total": "counter",
    "linkspan_upstream_attempts_total": "counter",
    "linkspan_upstream_ejections_total": "counter",
    "linkspan_upstream_connections": "gauge",
    "linkspan_upstream_idle_connections": "gauge",
    "linkspan_upstream_connect_duration_seconds": "histogram",
    "linkspan_upstream_retries_total": "counter",
    "linkspan_config_generation": "gauge",
    "linkspan_config_reloads_total": "counter",
    "linkspan_config_loaded_timestamp_seconds": "gauge",
    "linkspan_build_info": "gauge",
    "linkspan_log_dropped_records_total": "counter",
    "linkspan_log_failed_bytes_total": "counter",
    "process_resident_memory_bytes": "gauge",
    "process_open_fds": "gauge",
    "process_cpu_seconds_total": "counter",
    "process_start_time_seconds": "gauge",
}


def test_the_exposition_is_valid_and_complete(plain):
    for path in ("/", "/a", "/b?x=%22"):
        assert plain.get(path).status == 200
    assert plain.request("POST", "/", body=b"x").status == 200
    plain.wait_metric("linkspan_http_requests_in_flight", 0)
    families = scrape(plain)
    for name, kind in EXPECTED.items():
        assert name in families and families[name].type == kind, name
    requests = families["linkspan_http_requests_total"].samples
    assert requests[("linkspan_http_requests_total", 'endpoint="all",method="GET",code="200"')] == 3
    assert requests[("linkspan_http_requests_total", 'endpoint="all",method="POST",code="200"')] == 1
    assert plain.metric("process_resident_memory_bytes") > 1e6
    assert plain.metric("process_open_fds") > 5


def test_prometheus_and_openmetrics_are_told_apart_by_accept(plain):
    assert plain.get("/").status == 200
    for accept, wanted in [
        (None, "text/plain; version=0.0.4; charset=utf-8"),
        ("*/*", "text/plain; version=0.0.4; charset=utf-8"),
        ("text/plain", "text/plain; version=0.0.4; charset=utf-8"),
        ("text/html", "text/plain; version=0.0.4; charset=utf-8"),
        ("application/openmetrics-text;q=0.2, text/plain;q=0.9", "text/plain; version=0.0.4; charset=utf-8"),
        ("application/openmetrics-text", "application/openmetrics-text; version=1.0.0; charset=utf-8"),
        (PROMETHEUS_ACCEPT, "application/openmetrics-text; version=1.0.0; charset=utf-8"),
    ]:
        reply = plain.admin("/metrics", headers={"Accept": accept} if accept else {})
        assert (reply.status, reply.header("Content-Type")) == (200, wanted), accept


def test_openmetrics_says_the_same(plain):
    assert plain.get("/").status == 200
    assert plain.admin("/metrics", headers={"Accept": PROMETHEUS_ACCEPT}).body.endswith(b"\n# EOF\n")
    prometheus, openmetrics = scrape(plain), scrape(plain, PROMETHEUS_ACCEPT)
    assert {n.removesuffix("_total") if f.type == "counter" else n for n, f in prometheus.items()} == set(openmetrics)
    assert openmetrics["linkspan_http_request_duration_seconds"].unit == "seconds"


def test_counters_only_grow(plain):
    def counters():
        found = {}
        for family in scrape(plain).values():
            for key, value in family.samples.items():
                if family.type == "counter" or (family.type == "histogram" and "_bucket" in key[0]):
                    found[key] = value
        return found

    series = 'linkspan_http_requests_total{endpoint="all",method="GET",code="200"}'
    assert plain.get("/").status == 200
    plain.wait_metric(series, 1)
    before = counters()
    for _ in range(3):
        assert plain.get("/").status == 200
    plain.wait_metric(series, 4)
    plain.rewrite(plain.config_path.read_text() + "\n# the same\n")
    wait_until(lambda: plain.generation() == 2, "the reload")
    after = counters()
    assert set(before) <= set(after)
    assert [key for key in before if after[key] < before[key]] == []
    assert plain.metric(series) == 4


def test_endpoints_that_are_gone_leave_the_metrics(linkspan, server):
    backend = server().port
    extra = "\n  extra: { path: /extra, proxy: { api: backend } }"
    gateway = linkspan(simple_config(backend, endpoint=extra))
    assert gateway.get("/extra").status == 200 and gateway.get("/").status == 200
    gateway.wait_metric('linkspan_http_requests_total{endpoint="extra",method="GET",code="200"}', 1)
    gateway.wait_metric('linkspan_http_requests_total{endpoint="all",method="GET",code="200"}', 1)
    gateway.rewrite(simple_config(backend))
    wait_until(lambda: b'endpoint="extra"' not in gateway.admin("/metrics").body, "the series to go")
    assert gateway.metric('linkspan_http_requests_total{endpoint="all",method="GET",code="200"}') == 1


# --- Status.


def status(gateway):
    reply = gateway.admin("/status")
    assert (reply.status, reply.header("Content-Type")) == (200, "application/json")
    return reply.json()


def test_status_tells_what_runs(linkspan, server):
    backend = server().port
    gateway = linkspan(simple_config(backend))
    assert gateway.get("/").status == 200
    told = status(gateway)
    assert told["state"] == "serving" and told["workers"] == 1
    assert re.fullmatch(r"\d+\.\d+\.\d+", told["version"])
    assert told["config"]["path"] == "linkspan.yaml" and told["config"]["generation"] == 1
    assert told["config"]["endpoints"] == 1 and told["config"]["last_reload"] is None
    assert told["listeners"] == [{"url": "http://127.0.0.1:0", "address": f"127.0.0.1:{gateway.port}", "tls": False}]
    assert told["admin_listeners"][0]["address"] == f"127.0.0.1:{gateway.admin_port}"
    (api,) = told["apis"]
    assert api["api"] == "backend"
    wait_until(lambda: status(gateway)["apis"][0]["servers"][0]["idle_connections"] == 1, "the connection to be pooled")
    (shown,) = status(gateway)["apis"][0]["servers"]
    assert shown == {"server": f"127.0.0.1:{backend}", "state": "healthy", "connections": 1, "idle_connections": 1}


def test_status_tells_why_a_server_is_unhealthy(linkspan, server):
    good = server()
    bad = server(always(b"no", status="503 Service Unavailable"))
    health = "    health: { path: /healthz, every: 100ms, unhealthy_after: 1 }"
    gateway = linkspan(simple_config(good.port, bad.port, api=health))

    def servers():
        shown = {each["server"]: each for each in status(gateway)["apis"][0]["servers"]}
        return shown if shown[f"127.0.0.1:{bad.port}"]["state"] == "unhealthy" else None

    shown = wait_until(servers, "the check to fail")
    assert shown[f"127.0.0.1:{bad.port}"]["last_check"] == "GET /healthz: answered 503"
    assert shown[f"127.0.0.1:{good.port}"]["state"] == "healthy"


def test_status_tells_which_server_is_ejected(linkspan, server):
    down = closed_port()
    gateway = linkspan(simple_config(server().port, down, api="    ejection: { after: 1, for: 60s }\n    retry: { attempts: 2 }"))
    for _ in range(4):
        assert gateway.get("/").status == 200
    shown = {each["server"]: each for each in status(gateway)["apis"][0]["servers"]}
    assert shown[f"127.0.0.1:{down}"]["state"] == "ejected"
    assert 0 < shown[f"127.0.0.1:{down}"]["ejected_for_seconds"] <= 60


def test_status_counts_what_is_under_way(linkspan, server):
    release = threading.Event()

    def slow(connection, head, number):
        release.wait(30)
        return answer()

    gateway = linkspan(simple_config(server(slow).port))
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=30) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(lambda: status(gateway)["requests_in_flight"] == 1, "the request to be in flight")
        assert status(gateway)["connections"] == 1
        release.set()
        assert client.recv(4096).startswith(b"HTTP/1.1 200")
        wait_until(lambda: status(gateway)["requests_in_flight"] == 0, "the request to be done")


def test_status_tells_how_the_last_reload_went(plain):
    good = plain.config_path.read_text()
    plain.rewrite(good + "\nnonsense: 1\n")
    told = wait_until(lambda: status(plain)["config"]["last_reload"], "the reload")
    assert told["outcome"] == "failure" and 'unknown key "nonsense"' in told["problem"]
    assert status(plain)["config"]["generation"] == 1
    assert plain.metric('linkspan_config_reloads_total{outcome="failure"}') == 1
    plain.rewrite(good)
    wait_until(lambda: status(plain)["config"]["last_reload"]["outcome"] == "success", "the good reload")
    assert "problem" not in status(plain)["config"]["last_reload"]
    assert status(plain)["config"]["generation"] == 2


# --- Draining.


def test_readiness_goes_first_and_requests_are_finished(linkspan, server):
    release = threading.Event()

    def slow(connection, head, number):
        release.wait(30)
        return answer(b"finished")

    gateway = linkspan(simple_config(server(slow).port))
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=30) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(lambda: status(gateway)["requests_in_flight"] == 1, "the request to be in flight")
        gateway.signal(signal.SIGTERM)
        wait_until(lambda: gateway.admin("/readyz").status == 503, "the drain")
        assert gateway.admin("/readyz").body == b"draining\n"
        assert gateway.admin("/healthz").status == 200
        assert status(gateway)["state"] == "draining"
        wait_until(lambda: refuses(gateway.port), "the listener to close")
        release.set()
        received = b""
        while data := client.recv(4096):
            received += data
        assert received.startswith(b"HTTP/1.1 200") and received.endswith(b"finished")
        assert b"Connection: close" in received
    assert gateway.wait() == 0


def test_log_lines_that_a_full_disk_does_not_take_show(linkspan):
    gateway = linkspan(
        "listen: http://127.0.0.1:0\nadmin: http://127.0.0.1:0\nlog: { access: { output: /dev/full } }\n"
        "endpoints: { a: { path: /a, respond: 204 } }\n")
    gateway.get("/a")
    (told,) = wait_until(lambda: [r for r in gateway.log() if "lost_bytes" in r], "the warning")
    assert told["level"] == "warn" and told["lost_bytes"] > 50
    assert gateway.metric("linkspan_log_failed_bytes_total") == told["lost_bytes"]
    status = gateway.admin("/status").json()
    assert (status["failed_log_bytes"], status["dropped_log_records"]) == (told["lost_bytes"], 0)


def test_addresses_out_of_references_never_show(linkspan):
    port, admin_port, backend_port = free_port(), free_port(), closed_port()
    gateway = linkspan("""
listen: "http://127.0.0.1:${env:CALLERS}"
admin: "http://127.0.0.1:${env:ADMIN}"
apis: { a: { servers: "http://127.0.0.1:${env:BACKEND}" } }
endpoints: { all: { path: "/{rest...}", proxy: a } }
""", env={"CALLERS": str(port), "ADMIN": str(admin_port), "BACKEND": str(backend_port)})
    problem = request(port, "GET", "/").json()
    assert problem["detail"].startswith("servers: Connection refused;"), problem
    status = request(admin_port, "GET", "/status")
    assert [listener["url"] for listener in status.json()["listeners"] + status.json()["admin_listeners"]] == ["listen[0]", "admin"]
    shown = gateway.err() + gateway.out() + status.body.decode() + json.dumps(problem)
    assert not [number for number in (port, admin_port, backend_port) if f":{number}" in shown], shown
