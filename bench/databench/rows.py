"""The figures, and the second set of jq programs."""

import dataclasses

from figures import Row

ROWS = (
    Row("jq_us", "mapping a 900-byte order: parse, evaluate, serialise (us)", 4, 2),
    Row("jq_ratio_libjq", "the same over libjq", 0.167, 3),
    Row("jq_compile_us", "compiling that mapping (us)", 50, 1),
    Row("jq_large_worst_ratio", "worst of the programs below over the best of the others", 1, 3),
    Row("schema_ratio_rapidjson", "checking a document by a JSON Schema, over RapidJSON's validator", 0.5, 3),
    Row("openapi_load_ms", "loading a description of 1.9 MB (ms)", 150, 1),
    Row("openapi_load_mib", "memory that this takes (MiB)", 60, 1),
)

# Over an array of 10 MB, whole processes.
PROGRAMS = {
    "filter": 'map(select(.status == "paid" and .customer.country == "DE") | {id, email: .customer.email})',
    "group_by": "group_by(.customer.country) | map({country: .[0].customer.country, orders: length, "
                "total: (map(.items[] | .price * .qty) | add)})",
    "reduce": "reduce .[] as $order ({}; .[$order.customer.country] += ($order.items | length))",
    "paths": '[paths(type == "number")] | length',
    "string building": 'map("\\(.id): \\(.customer.name) <\\(.customer.email)> \\(.status | ascii_upcase)") '
                       '| join("\\n")',
    "string appending": 'reduce .[] as $order (""; . + $order.status + ",") | length',
    "regex": '[.[] | select(.note | test("(^| )(delta|golf) (echo|hotel)")) | .customer.email | sub("@.*$"; "")]',
    "whole array": ".",
}


@dataclasses.dataclass(frozen=True)
class Large:
    """One of these programs: seconds of CPU time by tool, and ours over the best of the others."""
    name: str
    seconds: dict
    ratio: float


@dataclasses.dataclass
class Results:
    """Figures by key, what a reader wants to see besides, and what could not be measured and why."""
    figures: dict = dataclasses.field(default_factory=dict)
    large: list = dataclasses.field(default_factory=list)
    notes: list = dataclasses.field(default_factory=list)
