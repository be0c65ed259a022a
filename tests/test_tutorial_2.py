"""What is new in tutorial 2: the GRU, the context at every step, phrases."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch
from torch import Tensor, nn

import notebooks
import toys
from toys import DE, EN, ENGLISH, GERMAN, INPUT, LENGTHS, SRC

t2 = notebooks.definitions(notebooks.tutorials()[1])
TINY = {"embedding_dim": 5, "hidden_dim": 6}


def make_translator(**changes):
    return toys.make_translator(t2, **TINY | changes)


def plain_gru(inputs, weights: dict[str, Tensor], hidden: Tensor, suffix="") -> list:
    """The text's equations, word by word; return the states."""
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    w, u, b, d = (weights[f"gru.{name}_l0{suffix}"] for name in names)
    w_r, w_z, w_g = w.chunk(3)
    u_r, u_z, u_g = u.chunk(3)
    (b_r, b_z, b_g), (d_r, d_z, d_g) = b.chunk(3), d.chunk(3)
    states = []
    for a in inputs:
        r = torch.sigmoid(w_r @ a + b_r + u_r @ hidden + d_r)
        z = torch.sigmoid(w_z @ a + b_z + u_z @ hidden + d_z)
        g = torch.tanh(w_g @ a + b_g + r * (u_g @ hidden + d_g))
        hidden = z * hidden + (1 - z) * g
        states.append(hidden)
    return states


def test_the_model_follows_the_equations() -> None:
    model = make_translator().model
    encoder, decoder = model.encoder.state_dict(), model.decoder.state_dict()
    scale = math.sqrt(TINY["embedding_dim"])
    for src, length, words, logits in zip(
        SRC, LENGTHS, INPUT, model(SRC, LENGTHS, INPUT), strict=True
    ):
        read = [encoder["embedding.weight"][word] * scale for word in src[:length]]
        zeros = torch.zeros(TINY["hidden_dim"]).double()
        forward = plain_gru(read, encoder, zeros)[-1]
        backward = plain_gru(read[::-1], encoder, zeros, "_reverse")[-1]
        ends = torch.cat([forward, backward])
        c = torch.tanh(encoder["to_context.weight"] @ ends + encoder["to_context.bias"])
        first = encoder["to_first_hidden.weight"] @ c + encoder["to_first_hidden.bias"]
        table = decoder["embedding.weight"]
        fed = [torch.cat([table[word] * scale, c]) for word in words]
        states = plain_gru(fed, decoder, torch.tanh(first))
        for state, inputs, found in zip(states, fed, logits, strict=True):
            features = torch.cat([state, inputs])
            read_out = decoder["read_out.weight"] @ features + decoder["read_out.bias"]
            u = TINY["embedding_dim"] ** 0.25 * torch.tanh(read_out)
            expected = table @ u + decoder["output_layer.bias"]
            torch.testing.assert_close(found, expected)


def test_alone_in_a_batch_and_step_by_step_are_the_same() -> None:
    toys.check_batches_and_steps(make_translator().model)


def test_every_gru_starts_with_a_long_memory() -> None:
    toys.check_long_memory(t2.build_model(t2.Settings(**TINY), 20, 20))


def test_the_length_of_gradients() -> None:
    """A gate that copies everything keeps them; a plain layer's are autograd's."""
    copying = nn.GRU(3, 4, batch_first=True)
    copying.bias_hh_l0.data.chunk(3)[1].fill_(50.0)
    lengths = t2.gradient_lengths(copying, torch.randn(2, 6, 3))
    assert lengths == pytest.approx([1.0] * 6, abs=1e-4)
    layer = nn.LSTM(3, 4, batch_first=True)
    for weight in layer.parameters():
        weight.data.zero_()  # gates 0.5, candidate 0: only m remembers, half a step
    inputs = torch.randn(500, 5, 3)
    zero, *back = t2.gradient_lengths(layer, inputs)
    assert zero == pytest.approx(1.0)
    assert [one / two for one, two in pairwise(back)] == pytest.approx([2.0] * 3)


def test_the_context_only_at_the_start() -> None:
    model = make_translator().model
    plain = model(SRC, LENGTHS, INPUT)
    model.decoder.__class__ = t2.StartOnlyDecoder
    hidden, context = model.encode(SRC, LENGTHS)
    logits, (_, kept) = model.decoder(INPUT, (hidden, context))
    other, _ = model.decoder(INPUT, (hidden, context + 1))
    assert torch.equal(logits, other) and torch.equal(kept, context)
    assert not torch.allclose(logits, plain)


def test_phrases_are_found() -> None:
    texts = [
        "Ein Mann sitzt auf der alten Bank.",
        "Ein, zwei Hunde",
        "Auf der Bank",
        "",
    ]
    found = t2.find_phrases(texts, {"ein", "auf", "zwei"}, DE)
    expected = {
        "ein Mann": 1,
        "auf der alten Bank": 1,
        "zwei Hunde": 1,
        "auf der Bank": 1,
    }
    assert found == expected


def test_vectors_of_phrases_and_their_control() -> None:
    translator = make_translator()
    phrases = ["ein Hund", "eine Frau liest ein Buch"]
    vectors = t2.phrase_vectors(translator, phrases)
    embedding = translator.model.encoder.embedding
    for row, phrase in enumerate(phrases):
        words = t2.tokenize(phrase, DE)
        ids = t2.source_ids(words, translator.src_vocabulary, False)
        _, context = translator.model.encode(ids[None], torch.tensor([len(ids)]))
        torch.testing.assert_close(vectors["contexts"][row], context[0, 0])
        torch.testing.assert_close(vectors["control"][row], embedding(ids).mean(dim=0))


def test_nearest_rows() -> None:
    vectors = torch.tensor([[1.0, 0.0], [9.0, 1.0], [0.0, 1.0], [-1.0, 0.1]])
    others = ~torch.eye(4, dtype=torch.bool)
    assert t2.nearest_rows(vectors, others).tolist() == [1, 0, 1, 2]
    others[1, 0] = False
    assert t2.nearest_rows(vectors, others).tolist() == [1, 2, 1, 2]


def test_pairs_are_scored_by_their_probability() -> None:
    translator = make_translator()
    pairs = [t2.SentencePair(*texts) for texts in zip(GERMAN, ENGLISH, strict=True)]
    for pair, score in zip(pairs, t2.score_pairs(translator, pairs), strict=True):
        words = t2.tokenize(pair.src, DE)
        src = t2.source_ids(words, translator.src_vocabulary, False)[None]
        state = translator.model.encode(src, torch.tensor([src.shape[1]]))
        trg = t2.target_ids(t2.tokenize(pair.trg, EN), translator.trg_vocabulary)
        expected = 0.0
        for fed, word in pairwise(trg):
            logits, state = translator.model.decode_step(fed[None], state)
            expected += logits.log_softmax(dim=1)[0, word].item()
        assert score == pytest.approx(expected)


def test_a_translator_is_saved_loaded_and_used(tmp_path) -> None:
    toys.check_file(t2, make_translator(), tmp_path)
