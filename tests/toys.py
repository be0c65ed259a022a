"""What the tests of the models share: toy sentences, and what holds of every model."""

from __future__ import annotations

import itertools
import time
from functools import partial
from pathlib import Path
from types import ModuleType, SimpleNamespace
from unittest import mock

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.testing import assert_close

import notebooks

t2 = notebooks.definitions(notebooks.tutorials()[1])
DE, EN = t2.load_tokenizer("de"), t2.load_tokenizer("en")
GERMAN = ["Ein Hund rennt.", "Eine Frau liest ein gutes Buch.", "Zwei Kinder spielen."]
ENGLISH = ["A dog runs.", "A woman is reading a good book.", "Two children play."]
SRC = torch.tensor([[4, 5, 6, 7, 8], [9, 4, 0, 0, 0], [6, 5, 4, 0, 0]])
LENGTHS = torch.tensor([5, 2, 3])
INPUT = torch.tensor([[2, 4, 5], [2, 7, 3], [2, 8, 9]])


def make_translator(tutorial: ModuleType, **settings):
    """An untrained translator that knows all the words, in float64."""
    chosen = tutorial.Settings(**{"minimum_frequency": 1, "dropout": 0.2} | settings)
    src, trg = (
        tutorial.Vocabulary.build([tutorial.tokenize(text, rules) for text in texts], 1)
        for texts, rules in ((GERMAN, DE), (ENGLISH, EN))
    )
    model = tutorial.build_model(chosen, len(src), len(trg)).double().eval()
    for weight in model.parameters():  # an untrained model hardly has preferences
        weight.data += 0.3 * torch.randn_like(weight)  # and its biases are zero
    return tutorial.Translator(model, DE, EN, src, trg, chosen)


def check_batches_and_steps(model, trg: Tensor = INPUT) -> Tensor:
    """More padding, none, other rows, word by word: the same logits, returned."""
    together = model(SRC, LENGTHS, trg)
    assert together.isfinite().all()
    assert_close(model(F.pad(SRC, (0, 4)), LENGTHS, trg), together)
    for row, length in enumerate(LENGTHS):
        alone = model(SRC[row : row + 1, :length], LENGTHS[row : row + 1], trg[[row]])
        assert_close(alone[0], together[row])
    rows, order = torch.tensor([2, 0, 2]), torch.tensor([1, 2, 2])
    state = model.select(model.encode(SRC, LENGTHS), rows)
    for step in range(trg.shape[1]):
        if step == 2:  # as beam search does
            rows, state = rows[order], model.select(state, order)
        logits, state = model.decode_step(trg[rows, step], state)
        assert_close(logits, together[rows, step])
    return together


def check_file(tutorial: ModuleType, translator, folder: Path) -> None:
    """A translator that was saved and loaded translates the same, one or many."""
    translator.model.float()
    tutorial.save_translator(translator, folder / "best.pt")
    loaded = tutorial.load_translator(folder / "best.pt")
    together = tutorial.translate(loaded, GERMAN)
    assert together == tutorial.translate(translator, GERMAN)
    assert together == [tutorial.translate(loaded, one) for one in GERMAN]


def check_resume(tutorial: ModuleType, folder: Path, **settings) -> None:
    """A training that was stopped in its second epoch ends as one that was not."""
    found, train_epoch = [], tutorial.train_epoch
    clock = SimpleNamespace(**vars(time))
    clock.monotonic = itertools.count(0, 100).__next__  # so each epoch is saved
    for epochs in ([train_epoch, train_epoch], [train_epoch, stop, train_epoch]):
        translator = make_translator(tutorial, n_epochs=2, batch_size=2, **settings)
        pairs = []
        for src, trg in zip(GERMAN, ENGLISH, strict=True):
            ids = translator.src_vocabulary.lookup_indices(tutorial.tokenize(src, DE))
            words = tutorial.tokenize(trg, EN)
            target = tutorial.target_ids(words, translator.trg_vocabulary)
            pairs.append(tutorial.Example(torch.tensor(ids), target))
        splits = {"train": pairs, "validation": pairs}
        run = partial(
            tutorial.fit, translator, splits, folder / str(len(epochs)), False
        )
        with mock.patch.multiple(tutorial, time=clock, train_epoch=in_turn(epochs)):
            if stop in epochs:
                with pytest.raises(tutorial.TrainingStopped, match=r"after epoch 1\."):
                    run()
            run()
        found.append(translator.model.state_dict())
    assert all(found[0][name].equal(found[1][name]) for name in found[0])


def in_turn(functions: list):
    """A function that calls the first of these, then the second, and so on."""
    turns = iter(functions)
    return lambda *arguments: next(turns)(*arguments)


def stop(*_) -> None:
    """Press the stop button."""
    raise KeyboardInterrupt


def check_long_memory(model) -> None:
    """Each GRU starts with orthogonal blocks and an update gate that keeps."""
    found = 0
    for name, weight in model.named_parameters():
        if "gru.weight_hh" in name:
            for block in weight.chunk(3):
                assert torch.allclose(block @ block.T, torch.eye(6), atol=1e-5)
            _, update, _ = model.get_parameter(name.replace("weight", "bias")).chunk(3)
            assert torch.equal(update, torch.ones_like(update))
            found += 1
    assert found == 3  # both directions of the encoder, and the decoder
