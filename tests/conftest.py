"""Settings for all tests: no network, no window, few threads."""

from __future__ import annotations

import os
from pathlib import Path

# Before anything imports the libraries that read them.
os.environ.update(
    HF_HUB_OFFLINE="1",
    HF_DATASETS_OFFLINE="1",
    HF_EVALUATE_OFFLINE="1",
    MPLBACKEND="Agg",
    TOKENIZERS_PARALLELISM="false",
)

import pytest
import torch

import notebook


@pytest.fixture(scope="session", autouse=True)
def _threads() -> None:
    """Small tensors gain nothing from many threads."""
    torch.set_num_threads(min(2, os.cpu_count() or 1))


@pytest.fixture(params=notebook.tutorials(), ids=lambda path: f"tutorial-{path.name[0]}")
def tutorial(request: pytest.FixtureRequest) -> Path:
    """Each tutorial's file in turn."""
    return request.param
