"""The figures."""

import dataclasses

from figures import Row

ROWS = (
    Row("three_step_per_s", "durable three-step runs a second", 5_000, 0, at_least=True),
    Row("three_step_p99_ms_half_load", "99th percentile of one of them at half that load, start to end (ms)", 50, 1),
    Row("one_step_per_s", "durable one-step runs a second, answered with their output", 10_000, 0, at_least=True),
    Row("waiting_100k_mib", "memory with 100,000 waiting runs (MiB)", 200, 1),
    Row("start_1m_s", "start with a million ended and ten thousand open runs in the store (s)", 3, 2),
    Row("ratio_node_red", "one-step runs over Node-RED's", 1, 2, at_least=True),
    Row("ratio_n8n", "one-step runs over n8n's", 1, 2, at_least=True),
    Row("ratio_restate", "three-step runs over Restate's", 1, 2, at_least=True),
)


@dataclasses.dataclass
class Results:
    """Figures by key, and what could not be measured and why."""
    figures: dict = dataclasses.field(default_factory=dict)
    notes: list = dataclasses.field(default_factory=list)
