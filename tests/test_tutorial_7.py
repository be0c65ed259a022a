"""An LSTM by hand: equal to PyTorch's, to its equations, and the same in a batch."""

from __future__ import annotations

import json
from functools import partial

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

import notebooks

path = notebooks.tutorial(7)
t7 = notebooks.definitions(path)
SOURCES = [torch.tensor(ids) for ids in ([4, 5, 6, 7, 8], [9, 4], [6], [5, 5, 1])]
TARGETS = [torch.tensor(ids) for ids in ([2, 4, 3], [2, 7, 8, 6, 3], [2, 3], [2, 4, 3])]


@pytest.fixture(autouse=True)
def in_float64():
    """Use float64, in which rounding hides no mistake."""
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(1)
    yield
    torch.set_default_dtype(torch.float32)


def make_model() -> nn.Module:
    """An untrained model with preferences, which small weights do not have."""
    settings = t7.Settings(embedding_dim=5, hidden_dim=6, n_layers=2)
    model = t7.build_model(settings, src_size=10, trg_size=9)
    for weight in model.parameters():
        weight.data *= 3
    return model


def random_weights() -> dict[str, Tensor]:
    """Three numbers for each of the four parts of a scalar cell."""
    return {name: torch.randn(3).requires_grad_() for name in "ifgo"}


def test_a_step_of_single_numbers_is_that_of_pytorch() -> None:
    cell, (a, h, m) = nn.LSTMCell(1, 1), torch.randn(3, 1)
    u, b = cell.weight_hh[:, 0], cell.bias_ih + cell.bias_hh
    weights = dict(zip("ifgo", zip(cell.weight_ih[:, 0], u, b)))
    found = t7.scalar_step(weights, a, h, m)
    torch.testing.assert_close(found[:2], cell(a, (h, m)))


@pytest.mark.parametrize("length", [1, 3, 8])
def test_the_gradient_by_hand_is_that_of_autograd(length: int) -> None:
    weights, inputs = random_weights(), torch.randn(length).tolist()
    t7.last_h(weights, inputs).backward()
    by_hand = sum(t7.gradient_by_hand(weights, inputs))
    torch.testing.assert_close(by_hand, weights["g"].grad[0])


def test_contributions_are_those_of_the_steps() -> None:
    """Each step gets a weight of its own, so that autograd tells them apart."""
    weights, inputs, h, m = random_weights(), [0.7, -1.2, 0.4], 0.0, 0.0
    separate = [weights["g"].detach().clone().requires_grad_() for _ in inputs]
    for a, g in zip(inputs, separate):
        h, m, _ = t7.scalar_step({**weights, "g": g}, a, h, m)
    h.backward()
    expected = [g.grad[0] for g in separate]
    torch.testing.assert_close(t7.gradient_by_hand(weights, inputs), expected)


@pytest.mark.parametrize("shape", [(), (4,), (2, 3)])
def test_the_cell_is_that_of_pytorch(shape: tuple) -> None:
    cell, theirs = t7.LSTMCell(5, 3), nn.LSTMCell(5, 3)
    t7.copy_weights(cell, theirs)
    a, h, m = torch.randn(*shape, 5), torch.randn(*shape, 3), torch.randn(*shape, 3)
    rows = (a.reshape(-1, 5), (h.reshape(-1, 3), m.reshape(-1, 3)))
    for found, expected in zip(cell(a, h, m), theirs(*rows)):
        torch.testing.assert_close(found, expected.reshape(*shape, 3))


@pytest.mark.parametrize("two_directions", [False, True])
@pytest.mark.parametrize("n_layers", [1, 2, 3])
def test_the_reader_is_that_of_pytorch(n_layers: int, two_directions: bool) -> None:
    reader = t7.Reader(5, 3, n_layers, two_directions)
    theirs = nn.LSTM(5, 3, n_layers, bidirectional=two_directions)
    for level, cells in enumerate(reader.layers):
        for cell, suffix in zip(cells, ("", "_reverse")):
            t7.copy_weights(cell, theirs, f"_l{level}{suffix}")
    inputs = torch.randn(7, 5)
    states, ends = reader(inputs)
    output, (hidden, cell) = theirs(inputs)
    torch.testing.assert_close(states, output)
    torch.testing.assert_close(torch.stack([h for h, _ in ends]), hidden)
    torch.testing.assert_close(torch.stack([m for _, m in ends]), cell)


@pytest.mark.parametrize("sizes", [(4, 2, 3, 5), (1, 7, 1, 2)])
def test_a_bridge_fits_any_two_sizes(sizes: tuple) -> None:
    n_ends, end_dim, n_layers, hidden_dim = sizes
    bridge, decoder = t7.Bridge(*sizes), t7.Decoder(9, 4, hidden_dim, n_layers)
    for shape in ((), (6,)):
        ends = [tuple(torch.randn(2, *shape, end_dim)) for _ in range(n_ends)]
        first = bridge(ends)
        expected = [((*shape, hidden_dim),) * 2] * n_layers
        assert [(h.shape, m.shape) for h, m in first] == expected
        logits, _ = decoder(torch.full(shape, t7.Id.sos), first)
        assert logits.shape == (*shape, 9)


def test_a_batch_is_the_same_as_one_by_one() -> None:
    model = make_model()
    src, trg = pad_sequence(SOURCES), pad_sequence(TARGETS)
    losses = [t7.sentence_loss(model, *pair) for pair in zip(SOURCES, TARGETS)]
    counts = torch.tensor([len(target) - 1.0 for target in TARGETS])
    one_by_one = torch.stack(losses) @ counts / counts.sum()
    wider = nn.functional.pad(src, (0, 0, 0, 3)), nn.functional.pad(trg, (0, 0, 0, 2))
    expected = torch.autograd.grad(one_by_one, list(model.parameters()))
    for batch in ((src, trg), wider):
        loss = t7.batch_loss(model, *batch)
        torch.testing.assert_close(loss, one_by_one)
        found = torch.autograd.grad(loss, list(model.parameters()))
        torch.testing.assert_close(found, expected)
    mask = (src != t7.Id.pad).unsqueeze(-1)
    together = model.encode(src, partial(t7.read_masked, mask=mask))
    for column, words in enumerate(SOURCES):
        for level, alone in enumerate(model.encode(words)):
            found = tuple(part[column] for part in together[level])
            torch.testing.assert_close(found, alone)


def test_greedy_decoding_stops(capsys) -> None:
    model = make_model()
    bias = model.decoder.output_layer.bias
    bias.data[t7.Id.eos] = -1e9  # never the most probable
    for src in SOURCES:
        written = t7.greedy(model, src)
        assert len(written) == 2 * len(src) + 10 and min(written) > t7.Id.eos
    bias.data[t7.Id.eos] = 1e9
    assert t7.greedy(model, SOURCES[0], dict.fromkeys("abcdefghi")) == []
    assert capsys.readouterr().out.startswith("100% d")


def test_rows_are_read_from_jsonl_alone(tmp_path) -> None:
    row = {"de": "Ein Hund.", "en": "A dog."}
    for name in ("train.jsonl", "val.jsonl", "test.csv"):
        (tmp_path / name).write_text(json.dumps(row) + "\n", encoding="utf-8")
    with pytest.raises(FileNotFoundError, match=r"wants \.jsonl"):
        t7.load_rows(str(tmp_path))
    (tmp_path / "test.csv").rename(tmp_path / "test.jsonl")
    assert list(t7.load_rows(str(tmp_path)).values()) == [[row], [row], [row]]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (
            '{"de": "Tür", "en": "door"}'.encode("latin-1"),
            "train.jsonl is not in UTF-8",
        ),
        (b'{"de": "a", "en": "b"}\n\n{"de": "a", "en"', "train.jsonl, line 3: "),
        (b'{"de": "a"}', r"'de', 'en'\). This one: {'de': 'a'}"),
        (b'{"de": "a", "en": 7}', "This one: {'de': 'a', 'en': 7}"),
    ],
)
def test_a_row_that_is_wrong_is_named(tmp_path, content: bytes, why: str) -> None:
    (tmp_path / "train.jsonl").write_bytes(content)
    for name in ("validation.jsonl", "test.jsonl"):
        (tmp_path / name).write_text('{"de": "a", "en": "b"}', encoding="utf-8")
    with pytest.raises(ValueError, match=why):
        t7.keep_short(t7.load_rows(str(tmp_path))["train"], ("de", "en"), 10)


def test_an_umlaut_in_two_characters_stays_in_its_word() -> None:
    for typed in ("Die Tu\u0308r.", "Die T\xfcr."):
        assert t7.tokenize(typed) == ["die", "t\xfcr", "."]
