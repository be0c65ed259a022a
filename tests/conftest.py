"""Settings for all tests: no network, no window, one thread, caches of their own."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

CACHE = tempfile.mkdtemp(prefix="tutorial-tests-")
# Before anything imports the libraries that read them.
os.environ.update(
    HF_HOME=CACHE,
    HF_HUB_OFFLINE="1",
    HF_DATASETS_OFFLINE="1",
    HF_EVALUATE_OFFLINE="1",
    MPLBACKEND="Agg",
    TOKENIZERS_PARALLELISM="false",
)

import pytest  # noqa: E402
import torch  # noqa: E402

import notebooks  # noqa: E402

atexit.register(shutil.rmtree, CACHE, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _threads() -> None:
    """Small tensors gain nothing from many threads."""
    torch.set_num_threads(1)


@pytest.fixture(params=notebooks.tutorials(), ids=lambda path: f"tutorial-{path.name[0]}")
def tutorial(request: pytest.FixtureRequest) -> Path:
    """Each tutorial's file in turn."""
    return request.param


@pytest.fixture(params=notebooks.later_tutorials(), ids=lambda path: f"tutorial-{path.name[0]}")
def later_tutorial(request: pytest.FixtureRequest) -> Path:
    """The files of tutorials 2 and 3 in turn."""
    return request.param
