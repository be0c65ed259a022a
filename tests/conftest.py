"""Settings for all tests: no network, no window, one thread, caches of their own."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

CACHE = tempfile.mkdtemp(prefix="tutorial-tests-")
OFFLINE = ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_EVALUATE_OFFLINE")
# Before anything imports the libraries that read them.
os.environ.update(dict.fromkeys(OFFLINE, "1"), HF_HOME=CACHE, MPLBACKEND="Agg")
os.environ["OMP_NUM_THREADS"] = "1"  # pytest runs two tests at a time
os.environ.pop("SEQ2SEQ_DATASET", None)

import pytest  # noqa: E402
import torch  # noqa: E402

import notebooks  # noqa: E402

atexit.register(shutil.rmtree, CACHE, ignore_errors=True)
torch.set_num_threads(1)  # small tensors gain nothing from more


def numbered(path: Path) -> str:
    return f"tutorial-{path.name[0]}"


@pytest.fixture(params=notebooks.tutorials(), ids=numbered)
def tutorial(request: pytest.FixtureRequest) -> Path:
    """Each tutorial's file in turn."""
    return request.param


@pytest.fixture(params=notebooks.tutorials()[1:6], ids=numbered)
def later_tutorial(request: pytest.FixtureRequest) -> Path:
    """The files of tutorials 2 to 6, which have blocks of others, in turn."""
    return request.param
