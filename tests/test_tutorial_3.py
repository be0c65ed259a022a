"""What is special to tutorial 3: attention, what stays outside the decoder's loop, what the weights show."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import notebooks
from plain_gru import parameters_of, plain_gru_step
from test_definitions import ENGLISH, GERMAN, make_examples, make_translator, sharpen

SIZES = {"embedding_dim": 5, "hidden_dim": 6, "dropout": 0.3, "word_dropout": 0.2, "pad_id": 0}
SENTENCES = [[4, 5, 6], [9], [10, 4, 9, 7, 8]]  # sorting them by length and back takes two different orders
TARGETS = [[2, 4, 5, 6, 7], [2, 8, 0, 0, 0], [2, 9, 4, 0, 0]]


@pytest.fixture(scope="module")
def defs() -> ModuleType:
    return notebooks.definitions(notebooks.tutorials()[2])


def plain_attention(
    query: Tensor, states: list[Tensor], weights: dict[str, Tensor], prefix: str = ""
) -> tuple[Tensor, Tensor]:
    """The paper's appendix A.1.2 for one sentence: e_j = v . tanh(W s + U h_j + b), softmax, weighted sum."""
    asked = weights[f"{prefix}query_layer.weight"] @ query
    scores = []
    for state in states:
        key = weights[f"{prefix}key_layer.weight"] @ state + weights[f"{prefix}key_layer.bias"]
        scores.append((weights[f"{prefix}v.weight"][0] @ torch.tanh(asked + key)).item())
    exponentials = [math.exp(score) for score in scores]
    shares = [value / sum(exponentials) for value in exponentials]
    context = sum(share * state for share, state in zip(shares, states, strict=True))
    return context, torch.tensor(shares, dtype=torch.float64)


def plain_states(words: list[int], weights: dict[str, Tensor]) -> list[Tensor]:
    """The state of each word of one sentence: what was read from the left beside what was read from the right."""
    directions = []
    for order, suffix in ((words, "l0"), (words[::-1], "l0_reverse")):
        parameters = parameters_of(weights, "gru", suffix)
        hidden, states = torch.zeros(parameters[2].shape[1], dtype=torch.float64), []
        for word in order:
            embedded = weights["embedding.weight"][word] * SIZES["embedding_dim"] ** 0.5
            hidden = plain_gru_step(embedded, hidden, *parameters)
            states.append(hidden)
        directions.append(states)
    forward, backward = directions[0], directions[1][::-1]
    return [torch.cat(both) for both in zip(forward, backward, strict=True)]


def plain_decoder(
    words: list[int], states: list[Tensor], weights: dict[str, Tensor]
) -> tuple[list[Tensor], Tensor, list[Tensor]]:
    """The logits after each word fed, the last state, and where each step looked, for one sentence."""
    size = len(weights["to_first_hidden.bias"])
    backward_end = states[0][size:]
    hidden = torch.tanh(weights["to_first_hidden.weight"] @ backward_end + weights["to_first_hidden.bias"])
    w_input = torch.cat([weights["embedded_to_gates.weight"], weights["context_to_gates.weight"]], dim=1)
    logits, looked_at = [], []
    for word in words:
        embedded = weights["embedding.weight"][word] * SIZES["embedding_dim"] ** 0.5
        context, shares = plain_attention(torch.cat([hidden, embedded]), states, weights, "attention.")
        hidden = plain_gru_step(
            torch.cat([embedded, context]),
            hidden,
            w_input,
            weights["embedded_to_gates.bias"],
            weights["hidden_to_gates.weight"],
            weights["hidden_to_gates.bias"],
        )
        features = torch.cat([hidden, embedded, context])
        read_out = torch.tanh(weights["read_out.weight"] @ features + weights["read_out.bias"])
        louder = read_out * SIZES["embedding_dim"] ** 0.25
        logits.append(weights["embedding.weight"] @ louder + weights["output_layer.bias"])
        looked_at.append(shares)
    return logits, hidden, looked_at


def lengths_of(sentences: list[list[int]]) -> Tensor:
    return torch.tensor([len(sentence) for sentence in sentences])


def padded(sentences: list[list[int]], width: int) -> Tensor:
    """The sentences side by side, filled up with 0 to the given width."""
    return torch.tensor([sentence + [0] * (width - len(sentence)) for sentence in sentences])


def double(module: nn.Module) -> nn.Module:
    """The module in float64, without dropout, its weights large enough to matter."""
    sharpen(module.double().eval())
    return module


def make_attention(defs: ModuleType) -> nn.Module:
    torch.manual_seed(0)
    return double(defs.Attention(query_dim=4, state_dim=6, attention_dim=5))


# --- attention -----------------------------------------------------------------------------------------------------


def test_attention_follows_the_appendix(defs: ModuleType) -> None:
    attention, lengths = make_attention(defs), [3, 5, 1]
    query, states = torch.randn(3, 4, dtype=torch.float64), torch.randn(3, 5, 6, dtype=torch.float64)
    mask = torch.arange(5) < torch.tensor(lengths).unsqueeze(1)
    contexts, weights = attention(query, attention.keys(states), states, mask)
    assert contexts.shape == (3, 6) and weights.shape == (3, 5)
    for row, length in enumerate(lengths):
        context, shares = plain_attention(query[row], list(states[row, :length]), attention.state_dict())
        torch.testing.assert_close(contexts[row], context, atol=1e-12, rtol=0)
        torch.testing.assert_close(weights[row, :length], shares, atol=1e-12, rtol=0)
    assert (weights[0, :3] - 1 / 3).abs().max() > 0.05  # not even anyway


@settings(deadline=None, max_examples=50)
@given(lengths=st.lists(st.integers(1, 9), min_size=1, max_size=5), more=st.integers(0, 4), seed=st.integers(0, 999))
def test_padding_has_no_weight_and_words_share_all_of_it(lengths: list[int], more: int, seed: int) -> None:
    attention = make_attention(notebooks.definitions(notebooks.tutorials()[2])).float()
    torch.manual_seed(seed)
    n, width = len(lengths), max(lengths) + more
    query, states = torch.randn(n, 4) * 3, torch.randn(n, width, 6) * 3
    mask = torch.arange(width) < torch.tensor(lengths).unsqueeze(1)
    contexts, weights = attention(query, attention.keys(states), states, mask)
    assert torch.equal(weights == 0, ~mask)  # words always have some weight, padding has exactly none
    torch.testing.assert_close(weights.sum(dim=1), torch.ones(n))
    for row, length in enumerate(lengths):
        alone = states[row : row + 1, :length]
        context, _ = attention(query[row : row + 1], attention.keys(alone), alone, mask[row : row + 1, :length])
        torch.testing.assert_close(contexts[row], context[0], atol=1e-5, rtol=1e-5)


# --- encoder and decoder -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [5, 8])
def test_encoder_follows_the_equations(defs: ModuleType, width: int) -> None:
    torch.manual_seed(0)
    encoder = double(defs.Encoder(11, **SIZES))
    states, backward_end, mask = encoder(padded(SENTENCES, width), lengths_of(SENTENCES))
    assert states.shape == (3, width, 12) and backward_end.shape == (3, 6)
    assert mask.dtype == torch.bool
    assert mask.tolist() == [[place < len(sentence) for place in range(width)] for sentence in SENTENCES]
    for row, sentence in enumerate(SENTENCES):
        expected = plain_states(sentence, encoder.state_dict())
        torch.testing.assert_close(states[row, : len(sentence)], torch.stack(expected), atol=1e-12, rtol=0)
        assert (states[row, len(sentence) :] == 0).all()
        torch.testing.assert_close(backward_end[row], expected[0][6:], atol=1e-12, rtol=0)  # ends on the first word


def test_padding_changes_no_state(defs: ModuleType) -> None:
    torch.manual_seed(0)
    encoder = double(defs.Encoder(11, **SIZES))
    states, ends, _ = encoder(padded(SENTENCES, 9), lengths_of(SENTENCES))  # wider than the longest sentence
    for row, sentence in enumerate(SENTENCES):
        alone, end, mask = encoder(torch.tensor([sentence]), torch.tensor([len(sentence)]))
        assert mask.all()
        torch.testing.assert_close(states[row, : len(sentence)], alone[0], atol=1e-12, rtol=0)
        torch.testing.assert_close(ends[row], end[0], atol=1e-12, rtol=0)


def test_gru_step_is_pytorchs(defs: ModuleType) -> None:
    torch.manual_seed(0)
    cell = nn.GRUCell(3, 4).double()
    x, past = torch.randn(5, 3, dtype=torch.float64), torch.randn(5, 4, dtype=torch.float64)
    from_input = x @ cell.weight_ih.T + cell.bias_ih
    from_hidden = past @ cell.weight_hh.T + cell.bias_hh
    torch.testing.assert_close(defs.gru_step(from_input, from_hidden, past), cell(x, past), atol=1e-12, rtol=0)


def make_model(defs: ModuleType) -> nn.Module:
    """A small model in float64."""
    torch.manual_seed(0)
    model = defs.Seq2Seq(defs.Encoder(11, **SIZES), defs.Decoder(11, attention_dim=7, **SIZES))
    return double(model)


def test_decoder_follows_the_equations(defs: ModuleType) -> None:
    model = make_model(defs)
    states, backward_end, mask = model.encoder(padded(SENTENCES, 6), lengths_of(SENTENCES))
    logits, hidden, weights = model.decoder(torch.tensor(TARGETS), *model.decoder.start(states, backward_end, mask))
    assert logits.shape == (3, 5, 11) and hidden.shape == (3, 6) and weights.shape == (3, 5, 6)
    for row, words in enumerate(TARGETS):
        length = len(SENTENCES[row])
        expected, last, looked_at = plain_decoder(words, list(states[row, :length]), model.decoder.state_dict())
        torch.testing.assert_close(logits[row], torch.stack(expected), atol=1e-11, rtol=0)
        torch.testing.assert_close(hidden[row], last, atol=1e-11, rtol=0)
        torch.testing.assert_close(weights[row, :, :length], torch.stack(looked_at), atol=1e-11, rtol=0)


def test_output_layer_shares_the_embedding(defs: ModuleType) -> None:
    decoder = defs.Decoder(11, attention_dim=7, **SIZES)
    assert decoder.output_layer.weight is decoder.embedding.weight


def count_calls(module: nn.Module) -> list[int]:
    """A list that grows by one with each call of the module."""
    calls: list[int] = []
    module.register_forward_hook(lambda *_: calls.append(1))
    return calls


def test_what_is_computed_once_in_training(defs: ModuleType) -> None:
    model = make_model(defs)
    decoder = model.decoder
    layers = (decoder.attention.key_layer, decoder.embedded_to_gates, decoder.read_out, decoder.output_layer)
    once, each_step = [count_calls(layer) for layer in layers], count_calls(decoder.attention.query_layer)
    model(padded(SENTENCES, 5), lengths_of(SENTENCES), torch.tensor(TARGETS))
    assert [len(calls) for calls in once] == [1, 1, 1, 1]
    assert len(each_step) == len(TARGETS[0]) - 1


def never_end(translator) -> None:
    """Let searches go on to each sentence's limit."""
    with torch.no_grad():
        translator.model.decoder.output_layer.bias[translator.trg_vocabulary.eos_id] = -1e4


def test_keys_are_computed_once_in_a_search(defs: ModuleType) -> None:
    translator = make_translator(defs)
    never_end(translator)
    attention = translator.model.decoder.attention
    examples = make_examples(defs, translator)
    batch = defs.collate(examples, 0)
    for search in (defs.greedy_search, defs.beam_search):
        keys, queries = count_calls(attention.key_layer), count_calls(attention.query_layer)
        search(translator.model, batch.src, batch.src_lengths, translator.trg_vocabulary)
        assert len(keys) == 1 and len(queries) > 10


# --- what the weights are used for ---------------------------------------------------------------------------------


def weights_of_step(decoder: nn.Module, fed: Tensor, state: tuple[Tensor, ...]) -> Tensor:
    """Where a step looks: the state before it and the word that it is fed ask."""
    hidden, states, keys, mask = state
    word = decoder.embedding(fed) * decoder.embedding_scale
    _, weights = decoder.attention(torch.cat([hidden, word], dim=1), keys, states, mask)
    return weights


def test_attention_weights_are_those_of_each_step(defs: ModuleType) -> None:
    model = make_model(defs)
    src, lengths, trg = padded(SENTENCES, 7), lengths_of(SENTENCES), torch.tensor(TARGETS)
    weights = model.attention_weights(src, lengths, trg)
    assert weights.shape == (3, 4, 7)
    torch.testing.assert_close(weights.sum(dim=2), torch.ones(3, 4, dtype=torch.float64))
    for row, length in enumerate(lengths):
        assert (weights[row, :, length:] == 0).all() and (weights[row, :, :length] > 0).all()
    state = model.encode(src, lengths)
    for step in range(trg.shape[1] - 1):
        looked_at = weights_of_step(model.decoder, trg[:, step], state)
        torch.testing.assert_close(weights[:, step], looked_at, atol=1e-12, rtol=0)
        _, state = model.decode_step(trg[:, step], state)
    assert not torch.allclose(weights[0, 0], weights[0, 1], atol=1e-3)


def test_unknown_words_are_copied_from_where_the_step_looked(defs: ModuleType) -> None:
    vocabulary = defs.Vocabulary([*defs.Vocabulary.specials, "a", "jumps", "quokka"])
    tokens = defs.Pair(["ein", "Känguru", "springt"], ["not", "used"])
    weights = torch.tensor([[0.2, 0.7, 0.1], [0.3, 0.6, 0.1], [0.0, 0.1, 0.9], [0.8, 0.1, 0.1], [1.0, 0.0, 0.0]])
    copied = defs.copy_unknown(tokens, [4, 1, 5, 1], weights, vocabulary)
    assert copied == ["a", "Känguru", "jumps", "ein"]
    assert defs.copy_unknown(tokens, [4, 6, 5, 5], weights, vocabulary) == ["a", "quokka", "jumps", "jumps"]
    assert defs.copy_unknown(tokens, [], weights[:1], vocabulary) == []


def copying(defs: ModuleType, bias: float) -> tuple:
    """A translator to whose score of <unk> bias is added, the words and ids to translate, and a search."""
    translator = make_translator(defs)
    sharpen(translator.model)
    never_end(translator)
    with torch.no_grad():
        translator.model.decoder.output_layer.bias[translator.trg_vocabulary.unk_id] += bias
    tokens = defs.tokenize_pairs(
        [defs.Pair(*texts) for texts in zip(GERMAN, ENGLISH, strict=True)],
        translator.src_tokenizer,
        translator.trg_tokenizer,
    )
    search = partial(defs.beam_search, beam_size=3, allow_unknown=True)
    return translator, tokens, make_examples(defs, translator), search


def test_copying_changes_nothing_where_nothing_is_unknown(defs: ModuleType) -> None:
    translator, tokens, examples, search = copying(defs, bias=-1e4)
    raw, replaced = defs.translate_copying(translator, tokens, examples, search)
    assert raw == replaced == defs.translate_ids(translator, [pair.src for pair in examples], search)
    assert not any("<unk>" in text for text in raw) and all(raw)


def test_copying_replaces_all_that_is_unknown(defs: ModuleType) -> None:
    translator, tokens, examples, search = copying(defs, bias=50.0)
    raw, replaced = defs.translate_copying(translator, tokens, examples, search)
    assert raw == defs.translate_ids(translator, [pair.src for pair in examples], search)
    assert all("<unk>" in text for text in raw) and not any("<unk>" in text for text in replaced)
    for words, example, text in zip(tokens, examples, replaced, strict=True):
        src, lengths = example.src[None], torch.tensor([len(example.src)])
        (ids,) = search(translator.model, src, lengths, translator.trg_vocabulary)
        state, expected = translator.model.encode(src, lengths), []
        for fed, word in zip([2, *ids], ids, strict=False):
            looked_at = weights_of_step(translator.model.decoder, torch.tensor([fed]), state)
            _, state = translator.model.decode_step(torch.tensor([fed]), state)
            known = translator.trg_vocabulary.lookup_token(word)
            expected.append(words.src[int(looked_at[0].argmax())] if word == 1 else known)
        assert text == defs.detokenize(expected)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_words_looked_at_counts_even_shares(defs: ModuleType, n: int) -> None:
    weights = torch.zeros(3, 5)
    weights[:, :n] = 1 / n
    assert defs.words_looked_at(weights) == pytest.approx(n, rel=1e-5)


def test_words_looked_at_is_the_mean_over_the_steps(defs: ModuleType) -> None:
    weights = torch.tensor([[0.0, 1.0, 0.0, 0.0], [0.25] * 4, [0.5, 0.0, 0.25, 0.25]])
    expected = (1 + 4 + math.exp(1.5 * math.log(2))) / 3
    assert defs.words_looked_at(weights) == pytest.approx(expected, rel=1e-5)


def test_word_alignment_labels_rows_and_columns(defs: ModuleType) -> None:
    translator = make_translator(defs)
    translator.model.train()  # the alignment must be without dropout
    pair = defs.Pair("Ein Quokka rennt.", "A quokka is running!")
    src_words, trg_words, weights = defs.word_alignment(translator, pair)
    assert src_words == ["ein", "quokka", "rennt", "."]
    assert trg_words == ["a", "quokka", "is", "running", "!", "<eos>"]
    assert weights.shape == (6, 4)
    torch.testing.assert_close(weights.sum(dim=1), torch.ones(6))
    src = torch.tensor([translator.src_vocabulary(src_words)])
    trg = torch.tensor([[2, *translator.trg_vocabulary(trg_words[:-1]), 3]])
    expected = translator.model.eval().attention_weights(src, torch.tensor([4]), trg)[0]
    torch.testing.assert_close(weights, expected, atol=1e-6, rtol=0)


def plain_types(value: object) -> set[type]:
    """The types in nested lists."""
    return {type(value)}.union(*map(plain_types, value)) if isinstance(value, list) else {type(value)}


def test_validating_records_an_alignment_that_can_be_saved(defs: ModuleType, tmp_path: Path) -> None:
    translator = make_translator(defs)
    examples = make_examples(defs, translator)
    arguments = (translator, defs.make_loader(examples, batch_size=2, seed=1, pad_id=0), examples, ENGLISH)
    observed = defs.Pair("Ein Hund rennt.", "A dog is running.")
    expected, found = defs.validate(*arguments), defs.validate_and_align(*arguments, observed)
    alignment = found.pop("alignment")
    assert found == expected
    assert plain_types(alignment) == {list, float}
    assert [len(row) for row in alignment] == [4] * 6  # "a dog is running . <eos>" by "ein hund rennt ."
    torch.testing.assert_close(torch.tensor(alignment), defs.word_alignment(translator, observed)[2])
    torch.save({"history": [{**found, "alignment": alignment}]}, tmp_path / "last.pt")
    loaded = torch.load(tmp_path / "last.pt", weights_only=True)
    assert loaded["history"][0]["alignment"] == alignment
