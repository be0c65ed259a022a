"""What the tests of the models share: toy sentences, and what holds of every model."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

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
