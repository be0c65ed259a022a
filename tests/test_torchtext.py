"""What is torchtext's in the legacy notebooks, on the legacy stack: `make test-legacy` runs it."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

import pytest
import torch
import torchtext

import common
import notebooks
from test_definitions import ENGLISH, GERMAN, make_translator

CURRENT = common.tutorials(common.ROOT)


@pytest.fixture
def defs(tutorial: Path) -> ModuleType:
    """The definitions of each legacy tutorial in turn."""
    return notebooks.definitions(tutorial)


def current_definition(name: str, tag: str, **names: object):
    """A function or class out of a cell of the current tutorial 1, made on this stack."""
    (cell,) = notebooks.cells_with_tag(notebooks.load(CURRENT[0]), tag)
    exec(compile(cell["source"], f"<{tag}>", "exec"), names)
    return names[name]


def test_the_legacy_notebooks_are_tested(tutorial: Path) -> None:
    assert tutorial.parent == common.ROOT / "legacy"
    assert torch.__version__.startswith("2.3.1") and torchtext.__version__.startswith("0.18.0")


def test_vocabulary_is_torchtexts_and_orders_as_the_current_one(defs: ModuleType) -> None:
    sentences = [["b", "a", "<unk>"], ["ä", "b", "ein"], ["a", "b"]]
    found = defs.Vocabulary.build(sentences, minimum_frequency=1)
    assert isinstance(found, torchtext.vocab.Vocab)
    current = current_definition("Vocabulary", "shared:vocabulary", Counter=Counter, Iterable=Iterable)
    assert found.get_itos() == current.build(sentences).get_itos()
    assert found(["b", "never seen"]) == [4, 1]


def test_ids_are_those_of_the_current_function(defs: ModuleType) -> None:
    translator = make_translator(defs)
    current = current_definition("numericalize", "shared:numericalize", **defs.__dict__)
    for texts in zip(GERMAN, ENGLISH, strict=True):
        tokens = defs.tokenize_pairs([defs.Pair(*texts)], translator.src_tokenizer, translator.trg_tokenizer)[0]
        arguments = (tokens, translator.src_vocabulary, translator.trg_vocabulary)
        for found, expected in zip(defs.numericalize(*arguments), current(*arguments), strict=True):
            assert found.dtype == expected.dtype and found.tolist() == expected.tolist()


def test_token_bleu_is_sacrebleus_without_smoothing(defs: ModuleType) -> None:
    tokenizer = defs.load_tokenizer("en")
    current = current_definition("token_bleu", "shared:token_bleu", **defs.__dict__)
    translations = ["A dog is running.", "a woman is reading the book.", "two children play in the park with a ball."]
    found = defs.token_bleu(translations, ENGLISH, tokenizer)
    assert 50 < found < 100
    assert found == pytest.approx(current(translations, ENGLISH, tokenizer), abs=1e-3)


def test_the_first_cell_lets_this_stack_pass(tutorial: Path) -> None:
    first = notebooks.code_cells(notebooks.load(tutorial))[0]
    exec(compile(first["source"], "<first cell>", "exec"), {})


def test_optimizer_is_fused_on_gpus_only(defs: ModuleType) -> None:
    settings = defs.TrainingSettings(1, 4, 1e-3, 1, 1.0, 0.0, 1.0, False, 1)
    optimizer, _ = defs.make_optimizer(torch.nn.Linear(2, 2), settings, steps_per_epoch=3)
    assert type(optimizer) is torch.optim.AdamW and optimizer.defaults["fused"] is False


def test_the_range_of_pythons_is_the_same_everywhere() -> None:
    assert (3, 10) <= sys.version_info[:2] <= (3, 12)
    makefile = (common.ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"\(3, 10\) <= sys.version_info\[:2\] <= \(3, 12\)", makefile)
