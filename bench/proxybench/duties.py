"""Before anything is measured: does each proxy really do what it is measured for?"""

import http.client
import re
import time

from figures import BenchError

from .proxies import LOG_WAIT_SECONDS, Setup, key_of, route_path

REQUESTS = 20


class Caller:
    """A keep-alive client of one proxy."""

    def __init__(self, proxy):
        self._connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=10)

    def get(self, key):
        """The response and its body for one request with the given API key (None: without one)."""
        self._connection.request("GET", route_path(0, 42), headers={"X-Api-Key": key} if key else {})
        response = self._connection.getresponse()
        return response, response.read()

    def close(self):
        self._connection.close()


def check_duties(bench, kind):
    """Raises a BenchError that names the duty in which a proxy of this kind fails."""
    proxy = kind(bench, Setup(upstream_port=bench.upstream.echo_port), "duties")
    caller = Caller(proxy)
    try:
        check_keys(proxy, caller)
        counted = proxy.requests_counted()
        ids = check_request_ids(proxy, caller)
        if proxy.requests_counted() - counted < REQUESTS:
            raise BenchError(f"{proxy.name}: its metrics do not count the requests")
        check_access_log(proxy, ids)
    finally:
        caller.close()
        proxy.stop()
    check_rate_limit(bench, kind)


def check_keys(proxy, caller):
    for key in (None, "lsk_unknown"):
        status = caller.get(key)[0].status
        if status != 401:
            raise BenchError(f"{proxy.name}: {status} instead of 401 for {'an unknown' if key else 'no'} API key")


def check_request_ids(proxy, caller):
    ids = set()
    for index in range(REQUESTS):
        response, body = caller.get(key_of(index * 7))
        if response.status != 200 or len(body) != proxy.setup.body_bytes:
            raise BenchError(f"{proxy.name}: {response.status} with {len(body)} bytes for a good request")
        request_id = response.headers.get("X-Request-Id", "")
        if not request_id or response.headers.get("X-Seen-Request-Id") != request_id:
            raise BenchError(f"{proxy.name}: caller and upstream are not told the same X-Request-Id")
        ids.add(request_id)
    if len(ids) != REQUESTS:
        raise BenchError(f"{proxy.name}: request ids repeat")
    return ids


def check_access_log(proxy, ids):
    """Every request must be there, with its status, its duration and its consumer."""
    deadline = time.monotonic() + LOG_WAIT_SECONDS
    while True:
        lines = re.findall(r"\{\"[^\n\0]*", proxy.log_text())
        logged = {request_id for request_id in ids for line in lines
                  if request_id in line and re.search(r'"status": ?200\b', line)
                  and re.search(r'"duration\w*": ?"?[\d.]+', line) and re.search(r'"consumer": ?"c\d+"', line)}
        if logged == ids:
            return
        if time.monotonic() > deadline:
            raise BenchError(f"{proxy.name}: {len(ids - logged)} of {len(ids)} requests are not in its access log")
        time.sleep(0.1)


def check_rate_limit(bench, kind):
    proxy = kind(bench, Setup(upstream_port=bench.upstream.port, rate_per_second=1, burst=1), "limited")
    caller = Caller(proxy)
    try:
        statuses = [caller.get(key_of(0))[0].status for _ in range(REQUESTS)]
        other_consumer = caller.get(key_of(1))[0].status
    finally:
        caller.close()
        proxy.stop()
    if statuses[0] != 200 or 429 not in statuses or other_consumer != 200:
        raise BenchError(f"{proxy.name}: a limit of 1/s per consumer gives {statuses}, another consumer {other_consumer}")
