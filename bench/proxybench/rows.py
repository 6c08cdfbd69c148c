"""The rows of the table: how each figure is measured."""

import dataclasses

from figures import Row

from .load import checked, idle_growth_mib, interleave, median_of, ratio, saturated, under_wrk, user_share
from .proxies import HAProxy, Linkspan, Nginx, Setup
from .system import free_port, memory_mib

IDLE_CONNECTIONS = 10_000
SPARE_DESCRIPTORS = 600


ROWS = (
    Row("cpu_ratio_nginx_saturated", "CPU per request over nginx's, 256-byte answers, core full", 0.72, 3),
    Row("cpu_ratio_nginx_wrk", "the same under wrk", 0.80, 3),
    Row("cpu_ratio_haproxy_saturated", "CPU per request over HAProxy's, core full", 0.68, 3),
    Row("user_us_per_request", "user time per request, core full (us)", 2.5, 2),
    Row("tls_cpu_ratio_nginx", "over nginx's with TLS 1.3 to the client, core full", 0.80, 3),
    Row("body64k_cpu_ratio_nginx", "over nginx's with 64 KiB answers", 1.0, 3),
    Row("idle_10k_mib", "memory of 10,000 idle keep-alive connections (MiB)", 6, 2),
    Row("rss_1000_routes_mib", "resident with 1,000 routes (MiB)", 30, 1),
    Row("routes_10000_over_1", "cost per request, 10,000 routes over 1", 1.05, 3),
    Row("keys_100000_over_1", "cost per request, 100,000 API keys over 1", 1.05, 3),
)


@dataclasses.dataclass
class Results:
    """Figures by key, and what else a reader of the table wants to see."""
    figures: dict = dataclasses.field(default_factory=dict)
    details: list = dataclasses.field(default_factory=list)  # one line of the second table each
    notes: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Detail:
    mode: str
    proxy: str
    runs: list


def stop_all(proxies):
    for proxy in proxies:
        proxy.stop()


def versus(bench, results, mode, kinds, load, **setup):
    """Interleaved runs of several kinds of proxies with the same setup; the runs by name."""
    upstream_port = bench.upstream.port if load is under_wrk else free_port()
    proxies = [kind(bench, Setup(upstream_port=upstream_port, **setup), mode) for kind in kinds]
    try:
        runs = interleave(bench, load, proxies, mode)
    finally:
        stop_all(proxies)
    results.details += [Detail(mode, proxy.name, own) for proxy, own in zip(proxies, runs)]
    return {proxy.name: own for proxy, own in zip(proxies, runs)}


def measure_saturated(bench, results):
    runs = versus(bench, results, "saturated", (Linkspan, Nginx, HAProxy), saturated)
    ours = runs["linkspan"]
    results.figures["cpu_ratio_nginx_saturated"] = ratio(ours, runs["nginx"])
    results.figures["cpu_ratio_haproxy_saturated"] = ratio(ours, runs["haproxy"])
    results.figures["user_us_per_request"] = median_of(ours, "cpu_us") * user_share(ours)


def measure_wrk(bench, results):
    runs = versus(bench, results, "wrk", (Linkspan, Nginx, HAProxy), under_wrk)
    results.figures["cpu_ratio_nginx_wrk"] = ratio(runs["linkspan"], runs["nginx"])


def measure_tls(bench, results):
    runs = versus(bench, results, "tls", (Linkspan, Nginx), saturated, certificate=bench.make_certificate())
    results.figures["tls_cpu_ratio_nginx"] = ratio(runs["linkspan"], runs["nginx"])


def measure_body64k(bench, results):
    runs = versus(bench, results, "body64k", (Linkspan, Nginx), saturated, body_bytes=64 * 1024)
    results.figures["body64k_cpu_ratio_nginx"] = ratio(runs["linkspan"], runs["nginx"])


def measure_idle(bench, results):
    connections = min(IDLE_CONNECTIONS, bench.descriptor_limit - SPARE_DESCRIPTORS)
    growth = {}
    for kind in (Linkspan, Nginx):
        bench.progress(f"idle: {connections} connections to {kind.name}")
        proxy = kind(bench, Setup(upstream_port=bench.upstream.port), "idle")
        try:
            growth[kind.name] = idle_growth_mib(proxy, connections) * IDLE_CONNECTIONS / connections
        finally:
            proxy.stop()
    results.figures["idle_10k_mib"] = growth["linkspan"]
    results.notes.append(f"idle: {connections} connections opened, scaled to {IDLE_CONNECTIONS}; "
                         f"nginx's growth {growth['nginx']:.2f} MiB")


def measure_routes_memory(bench, results):
    bench.progress("memory with 1,000 routes")
    proxy = Linkspan(bench, Setup(upstream_port=free_port(), routes=1000), "routes1000")
    try:
        checked(bench, saturated, proxy, 1)
        results.figures["rss_1000_routes_mib"] = memory_mib(proxy.pids(), "Rss")
    finally:
        proxy.stop()


def scaled(bench, results, mode, base, large):
    """Ratio of our own cost per request between two setups; each is the options of a Setup."""
    upstream_port = free_port()
    proxies = []
    try:
        proxies.append(Linkspan(bench, Setup(upstream_port=upstream_port, **large), f"{mode}-large"))
        proxies.append(Linkspan(bench, Setup(upstream_port=upstream_port, **base), f"{mode}-base"))
        runs = interleave(bench, saturated, proxies, mode, finer=3)
    finally:
        stop_all(proxies)
    results.details += [Detail(mode, f"{proxy.name} {next(iter(of.values()))}", own)
                        for proxy, own, of in zip(proxies, runs, (large, base))]
    return ratio(*runs)


def measure_routes_cost(bench, results):
    results.figures["routes_10000_over_1"] = scaled(bench, results, "routes", {"routes": 1}, {"routes": 10_000})


def measure_keys_cost(bench, results):
    results.figures["keys_100000_over_1"] = scaled(bench, results, "keys", {"keys": 1}, {"keys": 100_000})


# Which measurement gives which keys; measured in this order.
MEASUREMENTS = (
    (measure_saturated, {"cpu_ratio_nginx_saturated", "cpu_ratio_haproxy_saturated", "user_us_per_request"}),
    (measure_wrk, {"cpu_ratio_nginx_wrk"}),
    (measure_tls, {"tls_cpu_ratio_nginx"}),
    (measure_body64k, {"body64k_cpu_ratio_nginx"}),
    (measure_idle, {"idle_10k_mib"}),
    (measure_routes_memory, {"rss_1000_routes_mib"}),
    (measure_routes_cost, {"routes_10000_over_1"}),
    (measure_keys_cost, {"keys_100000_over_1"}),
)
