"""What is new in tutorial 4: attention after the state, its variants, sampling."""

from __future__ import annotations

import math
from itertools import product

import pytest
import torch
from torch import Tensor

import notebooks
import toys
from toys import INPUT, LENGTHS, SRC

path = notebooks.tutorial(4)
t4 = notebooks.definitions(path)
TINY = {"embedding_dim": 5, "hidden_dim": 6, "window": 1}
KINDS = ("global", "monotonic", "predictive")
CHOICES = [("general", *rest) for rest in product(KINDS, (False, True))]
CHOICES += [("dot", "global", False), ("concat", "global", False)]
CHOICES += [("dot", "monotonic", True), ("concat", "predictive", True)]
FIELDS = ("score", "attention", "input_feeding")
VARIANTS = [dict(zip(FIELDS, choice, strict=True)) for choice in CHOICES]
names = ["-".join(map(str, variant.values())) for variant in VARIANTS]
every_variant = pytest.mark.parametrize("variant", VARIANTS, ids=names)


def make_translator(**changes):
    return toys.make_translator(t4, **TINY | changes)


def plain_lstm(inputs, weights: dict, end: str, hidden: Tensor, cell: Tensor) -> tuple:
    """Tutorial 1's equations, word by word; return the states and the last cell."""
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    w, u, b, d = (weights[f"lstm.{name}_{end}"] for name in names)
    states = []
    for a in inputs:
        i, f, g, o = (w @ a + b + u @ hidden + d).chunk(4)
        cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
        hidden = torch.sigmoid(o) * torch.tanh(cell)
        states.append(hidden)
    return states, cell


def plain_weights(settings, weights: dict, s: Tensor, h: list, t: int) -> Tensor:
    """Section 3.1 of Luong et al., and equations 9 and 10; words count from 1."""
    w_a = weights.get("attention.score.key_layer.weight")
    powers = []
    for h_j in h:
        if settings.score == "concat":
            left = weights["attention.score.query_layer.weight"]
            inner = torch.cat([left, w_a], dim=1) @ torch.cat([s, h_j])
            powers.append((weights["attention.score.v.weight"][0] @ inner.tanh()).exp())
        else:
            powers.append((s @ (h_j if w_a is None else w_a @ h_j)).exp())
    mu, bell = min(t, len(h)), [1.0] * len(h)
    if settings.attention == "predictive":
        w_mu, v_mu = (weights[f"attention.place.{layer}.weight"] for layer in (0, 2))
        mu = len(h) * torch.sigmoid(v_mu @ torch.tanh(w_mu @ s))
        variance = (settings.window / 2) ** 2
        bell = [(-((j - mu) ** 2) / (2 * variance)).exp() for j in range(1, len(h) + 1)]
    if settings.attention != "global":
        near = [abs(j - mu) <= settings.window for j in range(1, len(h) + 1)]
        powers = [power * inside for power, inside in zip(powers, near, strict=True)]
    return [p / sum(powers) * height for p, height in zip(powers, bell, strict=True)]


@every_variant
def test_the_model_follows_the_equations(variant: dict) -> None:
    translator = make_translator(**variant)
    model, scale = translator.model, math.sqrt(TINY["embedding_dim"])
    encoder, decoder = model.encoder.state_dict(), model.decoder.state_dict()
    table, zeros = decoder["embedding.weight"], torch.zeros(3).double()
    together = model(SRC, LENGTHS, INPUT)
    for src, length, words, logits in zip(SRC, LENGTHS, INPUT, together, strict=True):
        h = [encoder["embedding.weight"][word] * scale for word in src[:length]]
        state = []  # of each layer: hidden and cell
        for end in ("l0", "l1"):
            ahead, last = plain_lstm(h, encoder, end, zeros, zeros)
            back, first = plain_lstm(h[::-1], encoder, f"{end}_reverse", zeros, zeros)
            h = [torch.cat(both) for both in zip(ahead, back[::-1], strict=True)]
            state.append((torch.cat([ahead[-1], back[-1]]), torch.cat([last, first])))
        attended = torch.zeros(TINY["embedding_dim"]).double()
        for t, (word, found) in enumerate(zip(words, logits, strict=True), start=1):
            s = table[word] * scale
            s = torch.cat([s, attended]) if variant["input_feeding"] else s
            for layer in (0, 1):
                (s,), cell = plain_lstm([s], decoder, f"l{layer}", *state[layer])
                state[layer] = s, cell
            alpha = plain_weights(translator.settings, decoder, s, h, t)
            c = sum(share * h_j for share, h_j in zip(alpha, h, strict=True))
            both = decoder["combine.weight"] @ torch.cat([c, s])
            attended = torch.tanh(both + decoder["combine.bias"])
            u = TINY["embedding_dim"] ** 0.25 * attended
            torch.testing.assert_close(found, table @ u + decoder["output_layer.bias"])


@every_variant
def test_alone_in_a_batch_and_step_by_step_are_the_same(variant: dict) -> None:
    model = make_translator(**variant).model
    longer = torch.cat([INPUT, INPUT.flip(1), INPUT], dim=1)  # than any source
    together = toys.check_batches_and_steps(model, longer)
    _, state = model.decode_step(INPUT[:, 0], model.encode(SRC, LENGTHS))
    assert (state.weights[~state.mask] == 0).all()
    if variant == {"score": "general", "attention": "global", "input_feeding": False}:
        naive = t4.naive_loop(model, SRC, LENGTHS, longer)
        torch.testing.assert_close(naive, together)


@pytest.mark.parametrize("window", (1, 2))
@pytest.mark.parametrize("kind", KINDS[1:])
def test_local_attention_stays_in_its_window_and_in_the_sentence(kind, window) -> None:
    model = make_translator(attention=kind, window=window).model
    state = model.encode(SRC, LENGTHS)._replace(n_written=torch.tensor([0, 1, 4]))
    queries = 20 * torch.randn(3, 9, 6).double()  # centres at both ends, too
    memory = state.keys, state.values, state.mask, state.n_written
    _, weights = model.decoder.attention(queries, *memory)
    lengths = LENGTHS.unsqueeze(1)
    centres = model.decoder.attention.centres(queries, lengths, state.n_written)
    if kind == "monotonic":
        assert centres[1].tolist() == [2] * 9
    for row, length in enumerate(LENGTHS.tolist()):
        for centre, found in zip(centres[row], weights[row], strict=True):
            near = [abs(j - centre) <= window and j <= length for j in range(1, 6)]
            assert [bool(one) for one in near] == (found != 0).tolist() and any(near)


def test_schedules_start_at_one_and_fall() -> None:
    for schedule in (t4.linear, t4.exponential, t4.inverse_sigmoid):
        heights = [schedule(i) for i in range(101)]
        assert 0.9 < heights[0] <= 1 and 0 < heights[-1] < 0.5
        assert heights == sorted(heights, reverse=True)
    assert t4.linear(0) == t4.exponential(0) == 1
    assert math.isclose(t4.inverse_sigmoid(0, k=3), 3 / 4)


def test_sampling_at_probability_one_is_teacher_forcing() -> None:
    """Both kinds of epoch end with the same weights; below one they do not."""
    ids = [torch.tensor([2, *row, 3]) for row in INPUT[:, 1:].tolist()]
    parts = SRC, LENGTHS, ids
    batch = t4.collate([t4.Example(s[:n], t) for s, n, t in zip(*parts, strict=True)])
    results = []
    for ratio in (None, 1.0, 0.0):
        translator = make_translator(dropout=0.0)
        parts = t4.make_optimizer(translator.model, translator.settings, 3)
        parts = translator.model, [batch] * 3, *parts, translator.settings
        if ratio is None:
            t4.train_epoch(*parts)
        else:
            t4.train_sampled_epoch(*parts, schedule=lambda i, ratio=ratio: ratio)
        results.append(translator.model(SRC, LENGTHS, INPUT))
    torch.testing.assert_close(results[0], results[1])
    assert not torch.allclose(results[0], results[2], atol=1e-3)


@pytest.mark.parametrize("variant", [VARIANTS[0], *VARIANTS[-2:]])
def test_a_translator_is_saved_loaded_and_used(tmp_path, variant: dict) -> None:
    toys.check_file(t4, make_translator(**variant), tmp_path)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("input_feeding", [False, True])
def test_one_layer_has_no_dropout_between_layers(input_feeding: bool) -> None:
    """PyTorch would warn of it."""
    model = make_translator(n_layers=1, input_feeding=input_feeding).model
    assert model(SRC, LENGTHS, INPUT).isfinite().all()
