"""The shop that the kernels are compiled on: every stage has something to do in it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from training.kernels import compile_kernels
from training.pipeline import Trained


@pytest.fixture(scope="module")
def trained() -> Trained:
    return compile_kernels()


@pytest.mark.timeout(280)
def test_the_made_up_shop_leaves_no_stage_out(trained: Trained):
    counts = trained.model.manifest.counts
    assert counts["ranker_carts"] > 500
    assert counts["claimed_pairs"] > 20
    assert len(trained.model.catalog) == 40
    assert trained.customers is not None
    assert trained.measured is not None


@pytest.mark.timeout(280)
@pytest.mark.usefixtures("trained")
def test_a_second_process_finds_everything_compiled():
    """What numba compiles it tells."""
    told = subprocess.run([sys.executable, "-c", _LISTENING], capture_output=True, text=True, check=True)
    assert told.stdout == "compiled: []\n"


_LISTENING = """
import recommender
from numba.core import event
told = []
class Listener(event.Listener):
    def on_start(self, what): told.append(what.data["dispatcher"].py_func.__name__)
    def on_end(self, what): pass
event.register("numba:compile", Listener())
from training.kernels import compile_kernels
compile_kernels()
print("compiled:", told)
"""
