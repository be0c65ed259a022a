"""What is new in further/5: convolutions, their padding, attention in every layer."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

import notebooks
import toys
from toys import GERMAN, LENGTHS, SRC

path = notebooks.tutorial(5)
t5 = notebooks.definitions(path)
TINY = {"embedding_dim": 5, "hidden_dim": 6, "n_layers": 2, "kernel_size": 3}
INPUT = torch.tensor([[2, 4, 5, 6, 7, 8], [2, 7, 9, 4, 4, 3], [2, 8, 9, 3, 0, 0]])
HALF = math.sqrt(0.5)


def make_translator(**changes):
    return toys.make_translator(t5, **TINY | changes)


def place(t: int) -> Tensor:
    """The code of a place, one number at a time: three sines, two cosines."""
    angles = [t / 10_000 ** (2 * i / 5) for i in range(3)]
    waves = [math.sin(a) for a in angles] + [math.cos(a) for a in angles]
    return torch.tensor(waves[:5]).double()


def linear(weights: dict[str, Tensor], name: str, vector: Tensor) -> Tensor:
    return weights[f"{name}.weight"] @ vector + weights[f"{name}.bias"]


def gated(weights: dict[str, Tensor], block: str, window: list[Tensor]) -> Tensor:
    """A convolution at one place as three matrices, then the gate."""
    matrices = weights[f"{block}.convolution.weight"].unbind(dim=2)
    both = sum(matrix @ state for matrix, state in zip(matrices, window, strict=True))
    both = both + weights[f"{block}.convolution.bias"]
    return both[:6] / (1 + (-both[6:]).exp())


def test_the_model_follows_the_equations() -> None:
    model = make_translator().model
    encoder, decoder = model.encoder.state_dict(), model.decoder.state_dict()
    zeros, scale = torch.zeros(6).double(), math.sqrt(5)
    for src, length, words, logits in zip(
        SRC, LENGTHS, INPUT, model(SRC, LENGTHS, INPUT), strict=True
    ):
        table = encoder["embedding.weight"]
        fed = [table[word] * scale + place(j) for j, word in enumerate(src[:length])]
        h = [linear(encoder, "to_hidden", word) for word in fed]
        for layer in range(2):
            wide = [zeros, *h, zeros]
            block = f"blocks.{layer}"
            new = [gated(encoder, block, wide[j : j + 3]) for j in range(length)]
            h = [HALF * (old + one) for old, one in zip(h, new, strict=True)]
        keys = [linear(encoder, "to_keys", state) for state in h]
        values = [HALF * (key + word) for key, word in zip(keys, fed, strict=True)]
        table = decoder["embedding.weight"]
        fed = [table[word] * scale + place(t) for t, word in enumerate(words)]
        s = [linear(decoder, "to_hidden", word) for word in fed]
        for layer in range(2):
            wide, part = [zeros, zeros, *s], f"layers.{layer}.attention"
            for t, word in enumerate(fed):
                new = gated(decoder, f"layers.{layer}.block", wide[t : t + 3])
                q = HALF * (linear(decoder, f"{part}.query_layer", new) + word)
                e = torch.stack([q @ key / scale for key in keys])
                alpha = e.exp() / e.exp().sum()
                c = sum(share * v for share, v in zip(alpha, values, strict=True))
                c = linear(decoder, f"{part}.context_layer", c * math.sqrt(length))
                s[t] = HALF * (s[t] + HALF * (new + c))
        for state, found in zip(s, logits, strict=True):
            u = linear(decoder, "read_out", state)
            expected = table @ u + decoder["output_layer.bias"]
            torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kernel_size", [1, 3, 5])
@pytest.mark.parametrize("n_layers", [1, 3])
def test_padded_alone_and_word_by_word_are_the_same(kernel_size, n_layers) -> None:
    """Also with the whole prefix, with rows repeated and in another order."""
    model = make_translator(kernel_size=kernel_size, n_layers=n_layers).model
    together = toys.check_batches_and_steps(model, INPUT)
    naive = t5.WholePrefix(model.encoder, model.decoder)
    rows = torch.tensor([2, 0, 2, 1])
    state = naive.select(naive.encode(SRC, LENGTHS), rows)
    for step, words in enumerate(INPUT[rows].unbind(dim=1)):
        logits, state = naive.decode_step(words, state)
        torch.testing.assert_close(logits, together[rows, step])
    for search in (t5.greedy_search, t5.beam_search):
        assert search(naive, SRC, LENGTHS) == search(model, SRC, LENGTHS)


def test_no_word_changes_what_comes_before_it() -> None:
    model = make_translator().model
    before = model(SRC, LENGTHS, INPUT)
    for step in range(6):
        changed = INPUT.clone()
        changed[:, step] = 10
        difference = (model(SRC, LENGTHS, changed) - before).abs()
        assert (difference[:, :step] == 0).all() and (difference[:, step] > 0).all()


def test_attention_sums_to_one_and_ignores_padding() -> None:
    model = make_translator().model
    _, state = model.decoder(INPUT, model.encode(SRC, LENGTHS))
    torch.testing.assert_close(state.weights.sum(dim=2), torch.ones(3, 2).double())
    assert (state.weights.transpose(1, 2)[SRC == 0] == 0).all()


def test_a_translator_is_saved_loaded_used_and_drawn(tmp_path, monkeypatch) -> None:
    translator = make_translator()
    translator.model.float()
    t5.save_translator(translator, tmp_path / "best.pt")
    loaded = t5.load_translator(tmp_path / "best.pt")
    sentences = [*GERMAN, " ".join(8 * GERMAN)]  # far longer than any in training
    found = t5.translate(translator, sentences, beam_size=2)
    assert t5.translate(loaded, sentences, beam_size=2) == found
    shown = []
    monkeypatch.setattr(t5, "show", lambda figure, text: shown.append((figure, text)))
    for n_layers in (1, 3):
        t5.show_layers(make_translator(n_layers=n_layers), "Ein ba$$in kostet $x_.")
        shown[-1][0].canvas.draw()
        titles = [panel.get_title() for panel in shown[-1][0].axes]
        assert titles.count(f"layer {n_layers}") == 1
    with pytest.raises(ValueError, match="odd"):
        t5.Settings(kernel_size=4)
