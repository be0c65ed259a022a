"""What is new in tutorial 3: attention, its mask, the loop, alignments."""

from __future__ import annotations

import math
import re

import pytest
import torch
from torch import Tensor

import notebooks
import toys
from test_tutorial_2 import plain_gru
from toys import DE, EN, GERMAN, INPUT, LENGTHS, SRC

t3 = notebooks.definitions(notebooks.tutorials()[2])
TINY = {"embedding_dim": 5, "hidden_dim": 6, "attention_dim": 7}
SCORES = [t3.AdditiveScore, t3.DotScore, t3.GeneralScore]


def make_translator(**changes):
    return toys.make_translator(t3, **TINY | changes)


def with_cell_names(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The names that nn.GRU gives to the weights of nn.GRUCell."""
    cells = ("gru.weight_ih", "gru.weight_hh", "gru.bias_ih", "gru.bias_hh")
    return {f"{name}_l0": weights[name] for name in cells}


def test_the_model_follows_the_equations() -> None:
    model = make_translator().model
    encoder, decoder = model.encoder.state_dict(), model.decoder.state_dict()
    part = "attention.score"
    w_a, u_a = (
        decoder[f"{part}.query_layer.weight"],
        decoder[f"{part}.key_layer.weight"],
    )
    b_a, v_a = decoder[f"{part}.key_layer.bias"], decoder[f"{part}.v.weight"][0]
    scale, table = math.sqrt(TINY["embedding_dim"]), decoder["embedding.weight"]
    for src, length, words, logits in zip(
        SRC, LENGTHS, INPUT, model(SRC, LENGTHS, INPUT), strict=True
    ):
        read = [encoder["embedding.weight"][word] * scale for word in src[:length]]
        zeros = torch.zeros(TINY["hidden_dim"]).double()
        forward = plain_gru(read, encoder, zeros)
        backward = plain_gru(read[::-1], encoder, zeros, "_reverse")[::-1]
        h = [torch.cat(both) for both in zip(forward, backward, strict=True)]
        layer = "to_first_hidden"
        s = encoder[f"{layer}.weight"] @ backward[0] + encoder[f"{layer}.bias"]
        s = torch.tanh(s)
        for word, found in zip(words, logits, strict=True):
            fed = table[word] * scale
            q = w_a @ torch.cat([s, fed])
            e = torch.stack([v_a @ torch.tanh(q + u_a @ h_j + b_a) for h_j in h])
            alpha = e.exp() / e.exp().sum()
            c = sum(share * h_j for share, h_j in zip(alpha, h, strict=True))
            (s,) = plain_gru([torch.cat([fed, c])], with_cell_names(decoder), s)
            features = torch.cat([s, fed, c])
            read_out = decoder["read_out.weight"] @ features + decoder["read_out.bias"]
            u = TINY["embedding_dim"] ** 0.25 * torch.tanh(read_out)
            torch.testing.assert_close(found, table @ u + decoder["output_layer.bias"])


def test_alone_in_a_batch_and_step_by_step_are_the_same() -> None:
    toys.check_batches_and_steps(make_translator().model)


def test_weights_sum_to_one_and_leave_out_padding() -> None:
    model = make_translator().model
    _, state = model.decode_step(INPUT[:, 0], model.encode(SRC, LENGTHS))
    torch.testing.assert_close(state.weights.sum(dim=1), torch.ones(3).double())
    assert (state.weights[~state.mask] == 0).all()


def test_both_loops_compute_the_same() -> None:
    model = make_translator().model
    state = model.encode(SRC, LENGTHS)
    plain = t3.plain_loop(model.decoder, INPUT, state)
    torch.testing.assert_close(plain, model(SRC, LENGTHS, INPUT))


@pytest.mark.parametrize("kind", SCORES)
def test_scores_are_interchangeable(kind) -> None:
    """Also where a mask leaves one word alone, and with what is not a number there."""
    model = make_translator().model
    score = kind(query_dim=11, value_dim=12, attention_dim=7).double()
    model.decoder.attention = t3.Attention(score)
    together = toys.check_batches_and_steps(model)
    together.sum().backward()
    assert all(weight.grad.abs().sum() > 0 for weight in score.parameters())


def test_the_two_layers_of_the_side_trip_work(monkeypatch) -> None:
    """The diff fits the notebook's code, and each line of it is used."""
    sources = [
        cell["source"] for cell in notebooks.load(notebooks.tutorial(3))["cells"]
    ]
    (diff,) = (source for source in sources if "```diff" in source)
    code = {}
    for name in ("Encoder", "Decoder"):
        (code[name],) = (
            source + "\n" for source in sources if f"class {name}(nn.Module)" in source
        )
    pattern = r"^ class (\w+)|((?:^ {9,}.*\n)?)((?:^-.*\n)*)((?:^\+.*\n)+)"
    for found in re.finditer(pattern, diff, re.MULTILINE):
        if found[1]:
            name = found[1]
            continue
        before, old, new = (re.sub("(?m)^.", "", found[n]) for n in (2, 3, 4))
        assert code[name].count(before + old) == 1
        code[name] = code[name].replace(before + old, before + new)
    module = dict(vars(t3))
    for source in code.values():
        exec(source, module)
    for name in code:
        monkeypatch.setattr(t3, name, module[name])
    model = make_translator().model
    together = toys.check_batches_and_steps(model)
    assert model.encode(SRC, LENGTHS).hidden.shape == (3, 2, 6)
    together.sum().backward()
    assert all(weight.grad.abs().sum() > 0 for weight in model.parameters())


def test_scores_are_their_formulas() -> None:
    query, values = torch.randn(1, 11), torch.randn(1, 4, 12)
    dot = t3.DotScore(11, 12, 7)
    expected = [
        dot.query_layer.weight
        @ query[0]
        @ (dot.key_layer.weight @ value)
        / math.sqrt(7)
        for value in values[0]
    ]
    found = dot(query, dot.key_layer(values))
    torch.testing.assert_close(found[0], torch.stack(expected))
    general = t3.GeneralScore(11, 12, 7)
    found = general(query, general.key_layer(values))
    expected = query @ general.key_layer.weight @ values[0].T
    torch.testing.assert_close(found, expected)


def test_attention_switched_off_is_the_mean_of_the_words() -> None:
    model = make_translator().model
    model.decoder.attention = t3.NoAttention()
    state = model.encode(SRC, LENGTHS)
    keys = model.decoder.attention.keys(state.values)
    query = torch.randn(3, 11).double()
    context, weights = model.decoder.attention(query, keys, state.values, state.mask)
    for row, length in enumerate(LENGTHS.tolist()):
        mean = state.values[row, :length].mean(dim=0)
        torch.testing.assert_close(context[row], mean)
        assert weights[row].tolist() == pytest.approx(
            [1 / length] * length + [0] * (5 - length)
        )
    assert torch.isfinite(model(SRC, LENGTHS, INPUT)).all()


def test_every_gru_starts_with_a_long_memory() -> None:
    toys.check_long_memory(t3.build_model(t3.Settings(**TINY), 20, 20))


def test_an_alignment_is_that_of_its_translation() -> None:
    translator = make_translator()
    for sentence in GERMAN:
        src_words, trg_words, weights = t3.align(translator, sentence)
        assert src_words == t3.tokenize(sentence, DE)
        assert weights.shape == (len(trg_words), len(src_words))
        torch.testing.assert_close(weights.sum(dim=1), torch.ones_like(weights[:, 0]))
        written = [word for word in trg_words if word != "<eos>"]
        text = t3.detokenize(written, EN)
        assert text == t3.translate(translator, sentence, beam_size=1)
    for nothing in ("", " \n"):
        with pytest.raises(ValueError, match="nothing to translate"):
            t3.align(translator, nothing)


def test_words_are_drawn_as_they_stand(monkeypatch) -> None:
    """A dollar starts a formula in matplotlib; "$x_" would not even be one."""
    shown = []
    monkeypatch.setattr(t3, "show", lambda figure, text: shown.append((figure, text)))
    t3.show_alignment(make_translator(), "Ein ba$$in kostet $x_ und $.")
    ((figure, text),) = shown
    figure.canvas.draw()
    labels = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert labels == t3.tokenize("Ein ba$$in kostet $x_ und $.", DE)
    assert "weights" in text


def test_a_translator_is_saved_loaded_and_used(tmp_path) -> None:
    toys.check_file(t3, make_translator(), tmp_path)
