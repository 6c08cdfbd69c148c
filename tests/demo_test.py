"""The demo, as `./dev demo --once` runs it: it checks its own outcomes, the kill included."""

import re
import subprocess

from conftest import BUILD, PATIENCE, ROOT


def test_the_demo_turns_out_as_it_says():
    done = subprocess.run([ROOT / "examples/shop/demo.sh", BUILD, "--once"], cwd=ROOT, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120 * PATIENCE)
    assert done.returncode == 0, done.stdout
    assert "✗" not in done.stdout
    assert "the run is undone" in done.stdout and "the run is parked" in done.stdout
    assert re.search(r"kill -9 \d+", done.stdout)
    assert "40 runs are completed" in done.stdout and "nothing is charged twice" in done.stdout
