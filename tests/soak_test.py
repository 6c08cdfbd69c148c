"""A moment of the soak, in the sanitized builds: kill -9, systems that fail, and nothing lost. `./dev soak` goes on for longer."""

import subprocess
import sys

import pytest

from conftest import BUILD, PATIENCE, ROOT


@pytest.mark.skipif(PATIENCE == 1, reason="in the sanitized builds alone")
def test_nothing_is_lost_or_done_twice_in_a_moment_of_the_soak():
    done = subprocess.run([sys.executable, ROOT / "tests/soak/soak.py", "0.25", "--build", BUILD, "--rate", "8"],
                          capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
