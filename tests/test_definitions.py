"""What tutorials 2 and 3 define, imported from the notebooks and checked against something independent."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
import random
import re
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import notebooks

GERMAN = ["Ein Hund rennt.", "Eine Frau liest ein Buch.", "Zwei Kinder spielen im Park mit einem Ball."]
ENGLISH = ["A dog is running.", "A woman is reading a book.", "Two children are playing in the park with a ball."]
# The keys of both tutorials' configurations; each takes its own and leaves the others.
CONFIGURATION = {
    "name": "test",
    "src_language": "de",
    "trg_language": "en",
    "embedding_dim": 8,
    "hidden_dim": 12,
    "attention_dim": 10,
    "context_at_every_step": True,
    "dropout": 0.2,
    "word_dropout": 0.1,
}


@pytest.fixture
def defs(later_tutorial: Path) -> ModuleType:
    """The definitions of tutorials 2 and 3 in turn."""
    return notebooks.definitions(later_tutorial)


def make_translator(defs: ModuleType, **changes: object):
    """A small untrained translator whose vocabularies know every word of GERMAN and ENGLISH."""
    torch.manual_seed(0)
    configuration = CONFIGURATION | changes
    tokenizers = [defs.load_tokenizer(language) for language in ("de", "en")]
    vocabularies = [
        defs.Vocabulary.build(defs.tokenize(text, tokenizer) for text in texts)
        for texts, tokenizer in zip((GERMAN, ENGLISH), tokenizers, strict=True)
    ]
    model = defs.build_model(configuration, *vocabularies).eval()
    return defs.Translator(model, *tokenizers, *vocabularies, configuration)


def make_examples(defs: ModuleType, translator) -> list:
    pairs = [defs.Pair(*texts) for texts in zip(GERMAN, ENGLISH, strict=True)]
    tokens = defs.tokenize_pairs(pairs, translator.src_tokenizer, translator.trg_tokenizer)
    return [defs.numericalize(pair, translator.src_vocabulary, translator.trg_vocabulary) for pair in tokens]


# --- padding -------------------------------------------------------------------------------------------------------


def test_a_sentence_in_a_padded_batch_is_the_sentence_alone(defs: ModuleType) -> None:
    translator = make_translator(defs)
    examples = make_examples(defs, translator)
    batch = defs.collate(examples, translator.trg_vocabulary.pad_id)
    together = translator.model(batch.src, batch.src_lengths, batch.trg)
    for row, example in enumerate(examples):
        alone = translator.model(example.src[None], torch.tensor([len(example.src)]), example.trg[None])
        torch.testing.assert_close(together[row, : alone.shape[1]], alone[0], atol=1e-5, rtol=0)


def test_more_padding_changes_no_logits_and_no_loss(defs: ModuleType) -> None:
    translator = make_translator(defs)
    batch = defs.collate(make_examples(defs, translator), translator.trg_vocabulary.pad_id)
    wider = batch._replace(src=nn.functional.pad(batch.src, (0, 5)), trg=nn.functional.pad(batch.trg, (0, 7)))
    logits, wider_logits = (translator.model(b.src, b.src_lengths, b.trg) for b in (batch, wider))
    torch.testing.assert_close(wider_logits[:, : logits.shape[1]], logits, atol=1e-5, rtol=0)
    losses = [
        defs.token_loss(each, b.trg, translator.trg_vocabulary.pad_id, label_smoothing=0.1)
        for each, b in ((logits, batch), (wider_logits, wider))
    ]
    torch.testing.assert_close(*losses)


def test_loss_is_the_mean_over_real_tokens(defs: ModuleType) -> None:
    trg = torch.tensor([[2, 4, 3], [2, 3, 0]])
    logits = torch.randn(2, 2, 6)
    log_probabilities = logits.log_softmax(-1)
    expected = -(log_probabilities[0, 0, 4] + log_probabilities[0, 1, 3] + log_probabilities[1, 0, 3]) / 3
    torch.testing.assert_close(defs.token_loss(logits, trg, pad_id=0), expected)


def test_perplexity_is_per_token_over_all_batches(defs: ModuleType) -> None:
    translator = make_translator(defs)
    examples, pad_id = make_examples(defs, translator), translator.trg_vocabulary.pad_id
    total, count = 0.0, 0
    for example in examples:
        logits = translator.model(example.src[None], torch.tensor([len(example.src)]), example.trg[None])
        chosen = logits[0].log_softmax(-1).gather(1, example.trg[1:, None])
        total, count = total - chosen.sum().item(), count + len(example.trg) - 1
    loader = defs.make_loader(examples, batch_size=2, seed=1, pad_id=pad_id)
    assert defs.perplexity(translator.model, loader, pad_id) == pytest.approx(math.exp(total / count), rel=1e-5)


# --- the model -----------------------------------------------------------------------------------------------------


def test_whole_sequence_path_equals_step_by_step_path(defs: ModuleType) -> None:
    translator = make_translator(defs)
    batch = defs.collate(make_examples(defs, translator), 0)
    at_once = translator.model(batch.src, batch.src_lengths, batch.trg)
    steps = translator.model.forward_step_by_step(batch.src, batch.src_lengths, batch.trg, teacher_forcing_ratio=1.0)
    torch.testing.assert_close(at_once, steps, atol=1e-5, rtol=0)


def test_without_teacher_forcing_the_target_does_not_matter(defs: ModuleType) -> None:
    translator = make_translator(defs)
    batch = defs.collate(make_examples(defs, translator), 0)
    other = torch.cat([batch.trg[:, :1], torch.full_like(batch.trg[:, 1:], 5)], dim=1)
    free = [
        translator.model(batch.src, batch.src_lengths, trg, teacher_forcing_ratio=0.0) for trg in (batch.trg, other)
    ]
    forced = [translator.model(batch.src, batch.src_lengths, trg) for trg in (batch.trg, other)]
    torch.testing.assert_close(*free)
    assert not torch.allclose(*forced)


@pytest.mark.parametrize("ratio", [-0.1, 1.5])
def test_teacher_forcing_ratio_out_of_range(defs: ModuleType, ratio: float) -> None:
    translator = make_translator(defs)
    batch = defs.collate(make_examples(defs, translator), 0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        translator.model(batch.src, batch.src_lengths, batch.trg, teacher_forcing_ratio=ratio)


def test_selected_states_are_those_of_the_sentences(defs: ModuleType) -> None:
    translator = make_translator(defs)
    model, batch = translator.model, defs.collate(make_examples(defs, translator), 0)
    _, state = model.decode_step(batch.trg[:, 0], model.encode(batch.src, batch.src_lengths))
    fed, rows = batch.trg[:, 1], torch.tensor([2, 0, 2, 1])
    logits, _ = model.decode_step(fed, state)
    chosen, _ = model.decode_step(fed[rows], model.select_state(state, rows))
    assert logits.shape == (3, len(translator.trg_vocabulary))
    torch.testing.assert_close(chosen, logits[rows], atol=1e-6, rtol=0)


def gradients_of_words(defs: ModuleType, ratio: float, training: bool) -> list[Tensor]:
    """What reaches each embedding of the model: for each word that is no padding, the gradient of its vector."""
    translator = make_translator(defs, dropout=0.0, word_dropout=0.3)
    batch = defs.collate(make_examples(defs, translator) * 40, 0)
    model = translator.model.train(training)
    passed = []
    embeddings = [module for module in model.modules() if isinstance(module, nn.Embedding)]

    def watch(module: nn.Embedding, fed: tuple[Tensor], vectors: Tensor) -> None:
        vectors.retain_grad()
        passed.append((embeddings.index(module), fed[0], vectors))

    for embedding in embeddings:
        embedding.register_forward_hook(watch)
    logits = model(batch.src, batch.src_lengths, batch.trg, teacher_forcing_ratio=ratio)
    (logits * torch.randn_like(logits)).sum().backward()
    return [
        torch.cat([vectors.grad[fed != 0] for which, fed, vectors in passed if which == index])  # [words, dim]
        for index in range(len(embeddings))
    ]


@pytest.mark.parametrize("ratio", [1.0, 0.5])
def test_word_dropout_hides_whole_words_in_training(defs: ModuleType, ratio: float) -> None:
    sides = gradients_of_words(defs, ratio, training=True)
    assert len(sides) == 2  # source and target
    for gradients in sides:
        hidden = gradients == 0
        assert torch.equal(hidden.all(dim=1), hidden.any(dim=1))  # a word is hidden as a whole or not at all
        assert len(gradients) > 500 and 0.2 < hidden.all(dim=1).float().mean() < 0.4


@pytest.mark.parametrize("ratio", [1.0, 0.5])
def test_word_dropout_hides_nothing_when_not_training(defs: ModuleType, ratio: float) -> None:
    sides = gradients_of_words(defs, ratio, training=False)
    assert len(sides) == 2
    assert all((gradients != 0).all() for gradients in sides)


@pytest.mark.parametrize("changes", [{"word_dropout": 0.5, "dropout": 0.0}, {"word_dropout": 0.0, "dropout": 0.5}])
def test_searches_and_scores_are_without_any_dropout(defs: ModuleType, changes: dict[str, float]) -> None:
    translator = make_translator(defs, **changes)
    sharpen(translator.model)
    examples = make_examples(defs, translator)
    loader = defs.make_loader(examples, batch_size=2, seed=1, pad_id=0)
    sources = random_sources(defs, translator)
    for measure in (
        lambda: defs.perplexity(translator.model, loader, 0),
        lambda: defs.translate_ids(translator, sources, defs.greedy_search),
        lambda: defs.translate_ids(translator, sources, defs.beam_search),
    ):
        found = []
        for _ in range(2):
            translator.model.train()
            found.append(measure())
        assert found[0] == found[1]


# --- vocabulary and tokens -----------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=50)
@given(sentences=st.lists(st.lists(st.text(min_size=1, max_size=5), max_size=6), max_size=6))
def test_vocabulary_round_trip(sentences: list[list[str]]) -> None:
    for tutorial in notebooks.later_tutorials():
        vocabulary = notebooks.definitions(tutorial).Vocabulary.build(sentences)
        for sentence in sentences:
            assert vocabulary.lookup_tokens(vocabulary.lookup_indices(sentence)) == sentence
        assert vocabulary.lookup_indices(vocabulary.get_itos()) == list(range(len(vocabulary)))
        assert {token: vocabulary[token] for token in vocabulary.get_itos()} == vocabulary.get_stoi()


def test_vocabulary_keeps_frequent_words_and_maps_the_rest_to_unk(defs: ModuleType) -> None:
    vocabulary = defs.Vocabulary.build([["a", "b", "a"], ["b", "c"], ["b"]], minimum_frequency=2)
    assert vocabulary.get_itos() == ["<pad>", "<unk>", "<sos>", "<eos>", "b", "a"]
    assert vocabulary(["c", "a"]) == [vocabulary.unk_id, 5] and "c" not in vocabulary


def test_vocabulary_refuses_what_would_corrupt_ids(defs: ModuleType) -> None:
    with pytest.raises(ValueError, match="begins with"):
        defs.Vocabulary(["a", "b"])
    with pytest.raises(ValueError, match="once"):
        defs.Vocabulary([*defs.Vocabulary.specials, "a", "a"])
    for index in (-1, 4):
        with pytest.raises(IndexError, match="not in a vocabulary of 4"):
            defs.Vocabulary.build([]).lookup_token(index)


@pytest.mark.parametrize(
    "text",
    [
        "the dog isn't catching the t-shirt, is it?",
        "a man's \"big day\" (his 3rd) begins; he'll run.",
        "they cannot see it: a black/white photo!",
        "the boys' caps are $5.",
    ],
)
def test_detokenize_undoes_tokenize(defs: ModuleType, text: str) -> None:
    assert defs.detokenize(defs.tokenize(text, defs.load_tokenizer("en"))) == text


def test_tokenize_drops_white_space_and_case(defs: ModuleType) -> None:
    assert defs.tokenize("  Ein \t Hund\n", defs.load_tokenizer("de")) == ["ein", "hund"]


def test_unknown_language(defs: ModuleType) -> None:
    with pytest.raises(ValueError, match="can't tokenize 'qq'"):
        defs.load_tokenizer("qq")


# --- batches -------------------------------------------------------------------------------------------------------


def test_every_epoch_sees_every_example_once_in_a_new_order(defs: ModuleType) -> None:
    lengths = [(index * 7919) % 23 for index in range(1003)]
    sampler = defs.BucketBatchSampler(lengths, batch_size=8, seed=3, pool_size=5)
    epochs = []
    for epoch in (1, 2, 1):
        sampler.set_epoch(epoch)
        epochs.append(list(sampler))
        assert len(epochs[-1]) == len(sampler)
        assert sorted(itertools.chain(*epochs[-1])) == list(range(1003))
    assert epochs[0] == epochs[2] != epochs[1]


def test_similar_lengths_need_less_padding(defs: ModuleType) -> None:
    generator = torch.Generator().manual_seed(0)
    sizes = torch.randint(2, 40, (2000,), generator=generator).tolist()
    examples = [defs.Pair(torch.ones(size, dtype=torch.long), torch.ones(size, dtype=torch.long)) for size in sizes]
    plain, similar = (defs.padding_share(defs.make_loader(examples, 32, 1, 0, pool_size=size)) for size in (1, 50))
    assert similar < plain / 5


def test_collate_keeps_words_and_lengths(defs: ModuleType) -> None:
    batch = defs.collate(
        [defs.Pair(torch.tensor([5, 6]), torch.tensor([2, 3])), defs.Pair(torch.tensor([7]), torch.tensor([2, 8, 3]))],
        0,
    )
    assert batch.src.tolist() == [[5, 6], [7, 0]] and batch.src_lengths.tolist() == [2, 1]
    assert batch.trg.tolist() == [[2, 3, 0], [2, 8, 3]] and batch.trg_lengths.tolist() == [2, 3]


# --- searching -----------------------------------------------------------------------------------------------------


class TableModel(nn.Module):
    """A "translator" whose next-word logits are looked up by step and previous word; ends after the table's steps."""

    def __init__(self, table: Tensor) -> None:
        super().__init__()
        self.table = table  # [steps, vocabulary size, vocabulary size]

    def encode(self, src: Tensor, src_lengths: Tensor) -> tuple[Tensor]:
        return (torch.zeros(1, len(src), dtype=torch.long),)

    def decode_step(self, fed: Tensor, state: tuple[Tensor]) -> tuple[Tensor, tuple[Tensor]]:
        step = state[0][0]
        return self.table[step.clamp(max=len(self.table) - 1), fed].clone(), (state[0] + 1,)

    def select_state(self, state: tuple[Tensor], rows: Tensor) -> tuple[Tensor]:
        return (state[0][:, rows],)


def only_eos(table: Tensor) -> Tensor:
    """Force <eos> at the table's last step."""
    table[-1] = -1e4
    table[-1, :, 3] = 0.0
    return table


@pytest.mark.parametrize("power", [0.0, 0.7, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_beam_finds_the_exhaustive_best(defs: ModuleType, power: float, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    table = only_eos(torch.randn(4, 7, 7, generator=generator) * 2)
    best, best_score = None, -math.inf
    for length in range(4):
        for words in itertools.product((4, 5, 6), repeat=length):
            path = [2, *words, 3]
            terms = [
                table[step].log_softmax(-1)[fed, word].item()
                for step, (fed, word) in enumerate(itertools.pairwise(path))
            ]
            if sum(terms) / len(terms) ** power > best_score:
                best, best_score = list(words), sum(terms) / len(terms) ** power
    vocabulary = defs.Vocabulary([*defs.Vocabulary.specials, "a", "b", "c"])
    source, lengths = torch.tensor([[4], [4]]), torch.tensor([1, 1])
    found = defs.beam_search(TableModel(table), source, lengths, vocabulary, 60, length_normalisation=power)
    assert found == [best, best]


def test_a_beam_finds_what_greedy_misses(defs: ModuleType) -> None:
    table = torch.full((3, 6, 6), -1e4)
    table[0, 2, 4], table[0, 2, 5] = math.log(0.6), math.log(0.4)
    table[1, 4, :] = math.log(0.2)  # after word 4 nothing is likely
    table[1, 5, 3] = 0.0
    vocabulary = defs.Vocabulary([*defs.Vocabulary.specials, "a", "b"])
    arguments = (TableModel(only_eos(table)), torch.tensor([[4]]), torch.tensor([1]), vocabulary)
    assert defs.greedy_search(*arguments)[0][0] == 4
    assert defs.beam_search(*arguments, beam_size=2) == [[5]]


def test_unknown_words_are_never_written(defs: ModuleType) -> None:
    arguments = (tempting_model(), torch.tensor([[4]]), torch.tensor([1]), small_vocabulary(defs))
    for found in (defs.greedy_search(*arguments), defs.beam_search(*arguments, beam_size=3)):
        assert found == [[5, 5, 5]]


@pytest.mark.parametrize("beam_size", [1, 3])
def test_unknown_words_are_written_where_allowed(defs: ModuleType, beam_size: int) -> None:
    arguments = (tempting_model(), torch.tensor([[4]]), torch.tensor([1]), small_vocabulary(defs), beam_size)
    assert defs.beam_search(*arguments, allow_unknown=True) == [[1, 1, 1]]
    assert defs.beam_search(*arguments, allow_unknown=False) == [[5, 5, 5]]


def tempting_model() -> TableModel:
    """A model that finds <pad>, <unk> and <sos> most likely, then "b", and ends after three words."""
    table = torch.full((4, 6, 6), -50.0)
    table[:, :, [0, 1, 2]] = 50.0
    table[:, :, 5] = 49.0
    return TableModel(only_eos(table))


def small_vocabulary(defs: ModuleType):
    """The special tokens, "a" and "b"."""
    return defs.Vocabulary([*defs.Vocabulary.specials, "a", "b"])


def test_what_is_barred_at_a_step(defs: ModuleType) -> None:
    scores, limits, vocabulary = torch.zeros(2, 6), torch.tensor([1, 9]), small_vocabulary(defs)
    for allowed, open_ids in ((False, [3, 4, 5]), (True, [1, 3, 4, 5])):
        masked = defs.mask_scores(scores, 1, limits, vocabulary, allow_unknown=allowed)
        assert [row.isfinite().nonzero().flatten().tolist() for row in masked] == [[3], open_ids]
    assert torch.equal(defs.mask_scores(scores, 1, limits, vocabulary)[1].isinf().nonzero().flatten(), torch.arange(3))


def test_endless_writers_stop_at_each_sentences_own_limit(defs: ModuleType) -> None:
    table = torch.full((1, 5, 5), -1e4)
    table[:, :, 4] = 0.0
    vocabulary = defs.Vocabulary([*defs.Vocabulary.specials, "a"])
    arguments = (TableModel(table), torch.zeros(2, 9, dtype=torch.long), torch.tensor([1, 9]), vocabulary)
    for found in (defs.greedy_search(*arguments), defs.beam_search(*arguments, beam_size=2)):
        assert [len(ids) for ids in found] == [12, 28]


def random_sources(defs: ModuleType, translator, count: int = 12) -> list[Tensor]:
    generator = torch.Generator().manual_seed(5)
    size = len(translator.src_vocabulary)
    lengths = torch.randint(1, 12, (count,), generator=generator).tolist()
    return [torch.randint(1, size, (length,), generator=generator) for length in lengths]


@pytest.mark.parametrize("beam_size", [1, 4])
def test_batched_search_equals_one_by_one(defs: ModuleType, beam_size: int) -> None:
    translator = make_translator(defs)
    sharpen(translator.model)
    sources = random_sources(defs, translator)
    search = partial(defs.beam_search, beam_size=beam_size)
    together = defs.translate_ids(translator, sources, search, batch_size=5)
    assert together == [defs.translate_ids(translator, [source], search)[0] for source in sources]
    assert len(set(together)) > 1


@pytest.mark.parametrize("beam_size", [1, 2, 9])
def test_finished_sentences_leave_the_batch(defs: ModuleType, beam_size: int) -> None:
    """The decoder is not asked about a sentence any more once all its hypotheses are finished."""
    table = torch.full((30, 6, 6), -1e4)
    table[:, :, 4], table[:, :, 5] = 0.0, -1.0  # go on with "a" or "b" until the limit
    model = TableModel(table)
    rows, step = [], model.decode_step
    model.decode_step = lambda fed, state: (rows.append(len(fed)), step(fed, state))[1]
    sources, lengths = torch.zeros(3, 9, dtype=torch.long), torch.tensor([1, 9, 3])
    found = defs.beam_search(model, sources, lengths, small_vocabulary(defs), beam_size, length_normalisation=1.0)
    assert [len(ids) for ids in found] == [12, 28, 16] and {4} == set(itertools.chain(*found))
    assert rows == [3 * beam_size] * 13 + [2 * beam_size] * 4 + [beam_size] * 12


def sharpen(model: nn.Module, factor: float = 4.0) -> None:
    """Scale the weights up, so that an untrained model's choices differ from source to source."""
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(factor)


def test_beam_of_one_is_greedy(defs: ModuleType) -> None:
    translator = make_translator(defs)
    sharpen(translator.model)
    sources = random_sources(defs, translator)
    search = partial(defs.beam_search, beam_size=1)
    greedy = defs.translate_ids(translator, sources, defs.greedy_search)
    assert defs.translate_ids(translator, sources, search) == greedy
    assert len(set(greedy)) > 1


def test_beam_size_below_one(defs: ModuleType) -> None:
    with pytest.raises(ValueError, match="beam_size must be at least 1"):
        defs.translate(make_translator(defs), "Ein Hund.", beam_size=0)


def test_translate_defines_odd_input(defs: ModuleType) -> None:
    translator = make_translator(defs)
    assert defs.translate(translator, "") == "" and defs.translate(translator, [" \n", ""]) == ["", ""]
    assert defs.translate(translator, []) == []
    assert isinstance(defs.translate(translator, "Xyz qwertz!"), str)
    mixed = defs.translate(translator, ["Ein Hund rennt.", "", "Zwei Kinder."])
    assert mixed[0] == defs.translate(translator, "Ein Hund rennt.") and mixed[1] == ""
    assert defs.translate(translator, (text for text in GERMAN)) == defs.translate(translator, GERMAN)
    for wrong in (3, None, [3], ["Ein Hund.", None], b"Ein Hund."):
        with pytest.raises(TypeError, match="translate takes strings"):
            defs.translate(translator, wrong)


def test_translate_hands_its_options_on(defs: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, search = [], defs.beam_search

    def watched(model: nn.Module, src: Tensor, *rest: object, **options: object) -> list[list[int]]:
        asked.append((len(src), options["beam_size"], options["length_normalisation"]))
        return search(model, src, *rest, **options)

    monkeypatch.setattr(defs, "beam_search", watched)
    translator = make_translator(defs)
    defs.translate(translator, GERMAN, beam_size=3, length_normalisation=2.0, batch_size=2)
    assert asked == [(2, 3, 2.0), (1, 3, 2.0)]
    asked.clear()
    defs.translate(translator, GERMAN[0], 2, 1.5)
    assert asked == [(1, 2, 1.5)]


def test_a_thousand_words_are_translated_whole(defs: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    translator = make_translator(defs)
    decode_step = translator.model.decode_step

    def endless_step(fed: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
        logits, state = decode_step(fed, state)
        return logits.index_fill(1, torch.tensor([translator.trg_vocabulary.eos_id]), -1e4), state

    monkeypatch.setattr(translator.model, "decode_step", endless_step)  # never end before the limit
    source = torch.full((1, 1000), translator.src_vocabulary["hund"])
    (ids,) = defs.greedy_search(translator.model, source, torch.tensor([1000]), translator.trg_vocabulary)
    assert len(ids) == 2010
    text = defs.translate(translator, " ".join(["Hund"] * 1000), beam_size=1)
    assert text == defs.detokenize(translator.trg_vocabulary.lookup_tokens(ids))


# --- training ------------------------------------------------------------------------------------------------------


def train(
    defs: ModuleType,
    folder: Path,
    stop_after: int | None = None,
    n_epochs: int = 4,
    spoil: float | None = None,
    **changes: float,
):
    """Train a fresh small translator; stop_after interrupts in the validation of the epoch after that one.

    spoil: start from weights times this number, which nobody should train on, as a training that stopped leaves them.
    """
    translator = make_translator(defs)
    if spoil is not None:
        sharpen(translator.model, spoil)
    examples = make_examples(defs, translator) * 8
    pad_id = translator.trg_vocabulary.pad_id
    loader = defs.make_loader(examples, batch_size=4, seed=1, pad_id=pad_id)
    options = {"batch_size": 4, "learning_rate": 0.01, "warmup_steps": 2, "clip_norm": 1.0, "label_smoothing": 0.1}
    options |= {"teacher_forcing_ratio": 1.0, "bfloat16": False, "seed": 1}
    chosen = defs.TrainingSettings(n_epochs=n_epochs, **(options | changes))
    done = []

    def validation() -> dict:
        if stop_after is not None and len(done) == stop_after:
            raise KeyboardInterrupt
        done.append(1)
        return defs.validate(translator, loader, examples[:3], ENGLISH)

    return translator, defs.fit(translator, loader, chosen, validation, folder)


def scores(history: list[dict]) -> list[dict]:
    return [{key: value for key, value in record.items() if key != "seconds"} for record in history]


def test_a_resumed_training_ends_where_an_uninterrupted_one_does(defs: ModuleType, tmp_path: Path, capsys) -> None:
    whole, history = train(defs, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train(defs, tmp_path / "parts", stop_after=2)
    assert (tmp_path / "parts" / "last.pt").exists()
    parts, resumed = train(defs, tmp_path / "parts")
    assert "Resuming after epoch 2" in capsys.readouterr().out
    assert scores(resumed) == scores(history) and len(history) == 4
    for ours, theirs in zip(parts.model.parameters(), whole.model.parameters(), strict=True):
        assert torch.equal(ours, theirs)
    assert not (tmp_path / "parts" / "last.pt").exists()


def test_an_interruption_in_the_first_epoch_loses_nothing(defs: ModuleType, tmp_path: Path) -> None:
    """Run again in the same notebook, the training must not start from half-trained weights."""
    whole, history = train(defs, tmp_path / "whole", n_epochs=2)
    with pytest.raises(KeyboardInterrupt):
        train(defs, tmp_path / "parts", n_epochs=2, stop_after=0)
    parts, resumed = train(defs, tmp_path / "parts", n_epochs=2, spoil=4.0)
    assert scores(resumed) == scores(history)
    for ours, theirs in zip(parts.model.parameters(), whole.model.parameters(), strict=True):
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize(
    ("capability", "expected"), [((7, 5), False), ((8, 0), True), ((9, 0), True)], ids=["T4", "A100", "H100"]
)
def test_bfloat16_is_for_gpus_that_have_it(defs: ModuleType, monkeypatch, capability: tuple, expected: bool) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert defs.supports_bfloat16(torch.device("cuda")) is expected


def test_bfloat16_is_for_cpus_that_have_it(defs: ModuleType, monkeypatch) -> None:
    for capabilities, expected in (({"avx2": True, "avx512_bf16": False}, False), ({"amx_bf16": True}, True)):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda found=capabilities: found, raising=False)
        assert defs.supports_bfloat16(torch.device("cpu")) is expected
    monkeypatch.delattr(torch.cpu, "get_capabilities")  # as in older versions of PyTorch
    assert defs.supports_bfloat16(torch.device("cpu")) is False


def test_the_rate_warms_up_and_decays(defs: ModuleType) -> None:
    settings = dataclasses.replace(some_settings(defs), n_epochs=10, warmup_steps=4)
    optimizer, scheduler = defs.make_optimizer(nn.Linear(2, 2), settings, steps_per_epoch=10)
    rates = []
    for _ in range(100):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    assert rates[:4] == pytest.approx([2e-4, 4e-4, 6e-4, 8e-4])
    assert rates[50] == pytest.approx(5e-4) and rates[99] < 1e-6
    assert rates[5:] == sorted(rates[5:], reverse=True)


def test_each_epoch_has_its_batches_and_each_step_its_rate_and_clipped_gradient(
    defs: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    epochs, norms, rates = [], [], []
    set_epoch, step = defs.BucketBatchSampler.set_epoch, torch.optim.AdamW.step

    def watched_epoch(sampler: object, epoch: int) -> None:
        epochs.append(epoch)
        set_epoch(sampler, epoch)

    def watched_step(optimizer: torch.optim.AdamW, *rest: object) -> object:
        (group,) = optimizer.param_groups
        rates.append(group["lr"])
        norms.append(torch.cat([weight.grad.flatten() for weight in group["params"]]).norm().item())
        return step(optimizer, *rest)

    monkeypatch.setattr(defs.BucketBatchSampler, "set_epoch", watched_epoch)
    monkeypatch.setattr(torch.optim.AdamW, "step", watched_step)
    train(defs, tmp_path, n_epochs=2, clip_norm=0.01)
    assert epochs == [1, 2]
    assert norms == pytest.approx([0.01] * 12, rel=0.01)  # 24 examples in batches of 4; each norm was larger
    assert rates[:2] == pytest.approx([0.01 / 3, 0.02 / 3])  # two steps of warm-up
    assert rates[2:] == sorted(rates[2:], reverse=True) and rates[11] < 0.01 / 10


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_the_training_loss_is_the_mean_over_all_tokens(defs: ModuleType, smoothing: float) -> None:
    """Batches of different size, no dropout, a learning rate of 0: as worked out from each sentence alone."""
    translator = make_translator(defs, dropout=0.0, word_dropout=0.0)
    sharpen(translator.model)
    examples = make_examples(defs, translator)
    loader = defs.make_loader(examples, batch_size=2, seed=1, pad_id=translator.trg_vocabulary.pad_id)
    settings = dataclasses.replace(some_settings(defs), learning_rate=0.0, label_smoothing=smoothing)
    optimizer, scheduler = defs.make_optimizer(translator.model, settings, len(loader))
    found = defs.train_epoch(translator.model, loader, optimizer, scheduler, settings, 0, "epoch")
    losses = []
    for src, trg in examples:
        logs = translator.model(src[None], torch.tensor([len(src)]), trg[None])[0].log_softmax(dim=1)
        right = logs.gather(1, trg[1:, None])[:, 0]
        losses += (-(1 - smoothing) * right - smoothing * logs.mean(dim=1)).tolist()
    assert found == pytest.approx(sum(losses) / len(losses), rel=1e-4)


@pytest.mark.parametrize("ratio", [0.25, 0.75])
def test_each_sentence_draws_at_each_step_what_it_is_fed(
    defs: ModuleType, ratio: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    translator = make_translator(defs)
    forced, own, n_sentences, length = 5, 6, 300, 21
    fed_words = []

    def decode_step(fed: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
        fed_words.append(fed)
        return nn.functional.one_hot(torch.full_like(fed, own), 10).float(), state

    monkeypatch.setattr(translator.model, "decode_step", decode_step)
    torch.manual_seed(0)
    trg = torch.full((n_sentences, length), forced)
    src, lengths = torch.full((n_sentences, 2), 4), torch.full((n_sentences,), 2)
    translator.model(src, lengths, trg, teacher_forcing_ratio=ratio)
    first, *drawn = fed_words
    assert (first == forced).all() and len(drawn) == length - 2
    shares = (torch.stack(drawn, dim=1) == forced).float()  # [number of sentences, steps]
    assert shares.mean().item() == pytest.approx(ratio, abs=0.03)
    assert shares.mean(dim=0).sub(ratio).abs().max() < 0.12  # at each step some sentences are forced, others not
    assert shares.mean(dim=1).std() < 0.15  # and each sentence draws anew at each step


@pytest.mark.parametrize("kind", ["dropout", "word_dropout"])
def test_dropout_falls_on_both_halves_in_training_alone(defs: ModuleType, kind: str) -> None:
    translator = make_translator(defs, **{"dropout": 0.0, "word_dropout": 0.0, kind: 0.5})
    model, examples = translator.model, make_examples(defs, translator) * 10
    batch = defs.collate(examples, 0)

    def same_twice(compute: Callable[[], Tensor]) -> bool:
        return torch.equal(compute(), compute())

    state = model.encode(batch.src, batch.src_lengths)

    def encoded() -> Tensor:
        return torch.cat([part.flatten().float() for part in model.encode(batch.src, batch.src_lengths)])

    def decoded() -> Tensor:
        return model.decode_step(batch.trg[:, 1], state)[0]

    assert same_twice(encoded) and same_twice(decoded)
    model.train()
    assert not same_twice(encoded) and not same_twice(decoded)


def test_every_generator_is_seeded(defs: ModuleType) -> None:
    def draw(seed: int) -> tuple[float, float, float]:
        defs.set_seed(seed)
        return random.random(), np.random.rand(), torch.rand(1).item()

    assert draw(1) == draw(1)
    assert all(one != other for one, other in zip(draw(1), draw(2), strict=True))


def test_coverage_counts_occurrences_and_names_each_word_once(defs: ModuleType) -> None:
    vocabulary = defs.Vocabulary([*defs.Vocabulary.specials, "a", "b"])
    assert defs.coverage([["a", "b", "d"], ["c", "d"], ["a", "a", "a"]], vocabulary) == (0.625, ["c", "d"])
    assert defs.coverage([["a"]], vocabulary) == (1.0, [])


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's own account of a process's memory")
def test_peak_memory_is_that_of_the_process(defs: ModuleType) -> None:
    found = re.search(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert defs.peak_memory_gib(torch.device("cpu")) == pytest.approx(int(found[1]) / 2**20, rel=0.05)


@pytest.mark.parametrize("ratio", [1.0, 0.5])
def test_one_seed_gives_identical_losses(defs: ModuleType, tmp_path: Path, ratio: float) -> None:
    histories = [
        scores(train(defs, tmp_path / name, n_epochs=2, teacher_forcing_ratio=ratio)[1]) for name in ("first", "second")
    ]
    assert histories[0] == histories[1]
    assert histories[0] != scores(train(defs, tmp_path / "third", n_epochs=2, teacher_forcing_ratio=ratio, seed=2)[1])


def test_training_learns_and_leaves_the_best_weights(defs: ModuleType, tmp_path: Path) -> None:
    translator, history = train(defs, tmp_path, n_epochs=25, learning_rate=0.05)
    assert history[-1]["perplexity"] < history[0]["perplexity"] / 2
    best = min(history, key=lambda record: record["perplexity"])
    sources = [example.src for example in make_examples(defs, translator)]
    texts = defs.translate_ids(translator, sources, defs.greedy_search)
    assert defs.sacrebleu_score(texts, ENGLISH) == best["bleu"] > 40


def test_the_epoch_with_the_lowest_perplexity_is_kept_whatever_its_bleu(defs: ModuleType, tmp_path: Path) -> None:
    """Greedy BLEU jumps by half a point from epoch to epoch; it must not choose the checkpoint."""
    script = [(9.0, 10.0), (5.0, 20.0), (7.0, 30.0)]  # perplexity and BLEU after each epoch
    translator = make_translator(defs)
    loader = defs.make_loader(
        make_examples(defs, translator), batch_size=4, seed=1, pad_id=translator.trg_vocabulary.pad_id
    )
    settings = dataclasses.replace(some_settings(defs), n_epochs=3)
    weights = []

    def validation() -> dict:
        weights.append([weight.detach().clone() for weight in translator.model.parameters()])
        found, bleu = script[len(weights) - 1]
        return {"perplexity": found, "bleu": bleu, "translations": [""]}

    defs.fit(translator, loader, settings, validation, tmp_path)
    assert all(torch.equal(*pair) for pair in zip(translator.model.parameters(), weights[1], strict=True))
    assert not all(torch.equal(*pair) for pair in zip(translator.model.parameters(), weights[2], strict=True))


def test_a_loss_that_is_not_finite_stops_and_leaves_the_checkpoint(defs: ModuleType, tmp_path: Path) -> None:
    train(defs, tmp_path, n_epochs=1)
    before = (tmp_path / "best.pt").read_bytes()
    with pytest.raises(FloatingPointError, match="Restart the kernel, lower learning_rate"):
        train(defs, tmp_path, n_epochs=3, learning_rate=math.inf)
    assert (tmp_path / "best.pt").read_bytes() == before
    assert torch.load(tmp_path / "last.pt", weights_only=True)["history"] == []


def test_a_training_does_not_start_from_spoilt_weights(defs: ModuleType, tmp_path: Path) -> None:
    """After a loss that is not finite: other settings, and the training cell again, in the same kernel."""
    with pytest.raises(FloatingPointError, match="holds numbers that are not finite"):
        train(defs, tmp_path, spoil=math.nan)
    assert not list(tmp_path.iterdir())


def test_an_epoch_that_ends_in_spoilt_weights_is_not_saved(defs: ModuleType, tmp_path: Path, monkeypatch) -> None:
    """The loss is checked before the last step of an epoch changes the weights, so they are checked as well."""
    train_epoch = defs.train_epoch

    def with_a_last_step_too_far(model: nn.Module, *rest: object) -> float:
        loss = train_epoch(model, *rest)
        if rest[-1].startswith("epoch  2"):
            sharpen(model, math.inf)
        return loss

    monkeypatch.setattr(defs, "train_epoch", with_a_last_step_too_far)
    with pytest.raises(FloatingPointError, match="Restart the kernel"):
        train(defs, tmp_path)
    saved = torch.load(tmp_path / "last.pt", weights_only=True)
    assert len(saved["history"]) == 1
    assert all(weight.isfinite().all() for weight in saved["model"].values())
    best = torch.load(tmp_path / "best.pt", weights_only=True)["model"]
    assert all(weight.isfinite().all() for weight in best.values())


def test_a_failed_save_leaves_the_old_file(defs: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "best.pt"
    defs.save_atomically({"value": 1}, path)
    with pytest.raises(Exception, match="pickle"):
        defs.save_atomically({"value": lambda: None}, path)
    assert torch.load(path, weights_only=True) == {"value": 1}


def some_settings(defs: ModuleType, seed: int = 1):
    """The settings of a training that is never started."""
    base = dict(n_epochs=1, batch_size=4, learning_rate=1e-3, warmup_steps=1, clip_norm=1.0, label_smoothing=0.0)
    return defs.TrainingSettings(**base, teacher_forcing_ratio=1.0, bfloat16=False, seed=seed)


def some_pairs(defs: ModuleType) -> dict[str, list]:
    """Three splits of the same pairs."""
    return {
        split: [defs.Pair(*texts) for texts in zip(GERMAN, ENGLISH, strict=True)]
        for split in ("train", "validation", "test")
    }


def test_other_settings_get_another_folder(defs: ModuleType) -> None:
    one, two = some_settings(defs, seed=1), some_settings(defs, seed=2)
    folders = [
        defs.run_folder("checkpoints", make_translator(defs, **changes), chosen, some_pairs(defs))
        for changes, chosen in (({}, one), ({}, one), ({}, two), ({"hidden_dim": 16}, one))
    ]
    assert folders[0] == folders[1] and len(set(folders)) == 3


@pytest.mark.parametrize("split", ["train", "validation"])
@pytest.mark.parametrize("change", [{"src": "Ein Hund liest."}, {"trg": "A dog is reading."}])
def test_one_other_word_gets_another_folder(defs: ModuleType, split: str, change: dict[str, str]) -> None:
    """The vocabularies stay as they are: the text of the pairs itself must count."""
    translator, chosen, pairs = make_translator(defs), some_settings(defs), some_pairs(defs)
    changed = some_pairs(defs)
    changed[split][0] = changed[split][0]._replace(**change)
    folder, other = (defs.run_folder("checkpoints", translator, chosen, each) for each in (pairs, changed))
    assert folder != other and folder.parent == other.parent


def test_other_test_data_leave_the_training_as_it_is(defs: ModuleType) -> None:
    translator, chosen, pairs = make_translator(defs), some_settings(defs), some_pairs(defs)
    other = pairs | {"test": pairs["test"][:1]}
    folder, same = (defs.run_folder("checkpoints", translator, chosen, each) for each in (pairs, other))
    assert folder == same


def test_a_checkpoint_translates_in_a_fresh_process(defs: ModuleType, later_tutorial: Path, tmp_path: Path) -> None:
    translator = make_translator(defs)
    sharpen(translator.model)
    defs.save_translator(translator, tmp_path / "best.pt")
    cells = [cell["source"] for cell in notebooks.code_cells(notebooks.load(later_tutorial))]
    defs.write_module([*cells, "%matplotlib inline"], tmp_path / "translator.py")
    program = (
        "import json\nfrom translator import load_translator, translate\n"
        f"print(json.dumps(translate(load_translator('best.pt'), {GERMAN!r})))"
    )
    fresh = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert json.loads(fresh.stdout) == defs.translate(translator, GERMAN)


def test_loading_a_checkpoint_that_is_not_there(defs: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no checkpoint at"):
        defs.load_translator(tmp_path / "best.pt")


# --- scores --------------------------------------------------------------------------------------------------------


def test_bleu_is_that_of_sacrebleus_command_line(defs: ModuleType, tmp_path: Path) -> None:
    translations = ["a dog is runing .", "a woman reads a book", "two Kids are playing in the park, with a ball."]
    for name, lines in (("translations", translations), ("references", ENGLISH)):
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "sacrebleu", "references", "-i", "translations", "-lc", "-b", "-w", "6"]
    printed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert defs.sacrebleu_score(translations, ENGLISH) == pytest.approx(float(printed), abs=1e-5)


def test_the_evaluate_metric_gives_the_same_bleu(defs: ModuleType) -> None:
    translations = ["a dog runs.", "a woman is reading a book.", "children are playing in a park with balls."]
    metric = defs.LowercasedSacreBleu(keep_in_memory=True)
    computed = metric.compute(predictions=translations, references=ENGLISH)
    assert computed["bleu"] == defs.sacrebleu_score(translations, ENGLISH) > 0


def test_token_bleu_of_a_perfect_translation(defs: ModuleType) -> None:
    tokenizer = defs.load_tokenizer("en")
    assert defs.token_bleu([text.lower() for text in ENGLISH], ENGLISH, tokenizer) == pytest.approx(100.0)
    assert defs.token_bleu(ENGLISH[::-1], ENGLISH, tokenizer) < 50


def test_bleu_by_length_puts_each_sentence_into_one_bin(defs: ModuleType) -> None:
    rows = defs.bleu_by_length([3, 5, 9], ["x", ENGLISH[1], ENGLISH[2]], ENGLISH, edges=(1, 5, 9, 20))
    assert [(label, count) for label, count, _ in rows] == [("1-4", 1), ("5-8", 1), ("9-19", 1)]
    assert rows[0][2] < 1 and rows[1][2] == pytest.approx(100) and rows[2][2] == pytest.approx(100)


def test_bleu_by_length_without_an_upper_end_counts_every_sentence(defs: ModuleType) -> None:
    lengths, texts = [1, 7, 8, 20, 21, 1000, 10**9], [ENGLISH[index % 3] for index in range(7)]
    rows = defs.bleu_by_length(lengths, texts, texts, edges=(1, 8, 21, math.inf))
    assert [(label, count) for label, count, _ in rows] == [("1-7", 2), ("8-20", 2), ("21 and more", 3)]
    assert [score for _, _, score in rows] == pytest.approx([100] * 3)


# --- reading data --------------------------------------------------------------------------------------------------


def write_splits(folder: Path, suffix: str = ".jsonl", names: tuple[str, ...] = ("train", "val", "test")) -> Path:
    """Write three splits of one pair in one of the three formats."""
    folder.mkdir(exist_ok=True)
    texts = {
        ".jsonl": json.dumps({"de": 'Er sagt "null', "en": "null"}) + "\n",
        ".csv": 'de,en\n"Er sagt ""null",null\n',
        ".tsv": 'de\ten\nEr sagt "null\tnull\n',
    }
    for name in names:
        (folder / f"{name}{suffix}").write_text(texts[suffix], encoding="utf-8")
    return folder


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".tsv"])
def test_three_formats_are_read_to_the_letter(defs: ModuleType, tmp_path: Path, suffix: str) -> None:
    pairs = defs.load_pairs(str(write_splits(tmp_path / "data", suffix)), "de", "en")
    assert list(pairs) == ["train", "validation", "test"]
    assert all(split == [('Er sagt "null', "null")] for split in pairs.values())


def test_columns_can_be_turned_round(defs: ModuleType, tmp_path: Path) -> None:
    pairs = defs.load_pairs(str(write_splits(tmp_path / "data")), "en", "de")
    assert pairs["train"] == [("null", 'Er sagt "null')]


def test_a_missing_split_is_named(defs: ModuleType, tmp_path: Path) -> None:
    folder = write_splits(tmp_path / "data", names=("train", "test"))
    with pytest.raises(FileNotFoundError, match=r"no file for the split 'validation'.*found \['test.jsonl', 'train"):
        defs.load_pairs(str(folder), "de", "en")


def test_two_files_for_one_split(defs: ModuleType, tmp_path: Path) -> None:
    folder = write_splits(tmp_path / "data", names=("train", "val", "validation", "test"))
    with pytest.raises(ValueError, match="several files for 'validation'"):
        defs.load_pairs(str(folder), "de", "en")


def test_a_missing_column_is_named(defs: ModuleType, tmp_path: Path) -> None:
    folder = write_splits(tmp_path / "data")
    with pytest.raises(ValueError, match=r"'train'.*no column \['fr'\]; it has \['de', 'en'\]"):
        defs.load_pairs(str(folder), "fr", "en")


@pytest.mark.parametrize("row", ['{"de": "Ein Hund.", "en": " "}', '{"de": null, "en": "A dog."}'])
def test_an_empty_sentence_is_located(defs: ModuleType, tmp_path: Path, row: str) -> None:
    folder = write_splits(tmp_path / "data")
    with (folder / "test.jsonl").open("a", encoding="utf-8") as file:
        file.write(row + "\n")
    with pytest.raises(ValueError, match="Row 2 of the split 'test' has an empty sentence"):
        defs.load_pairs(str(folder), "de", "en")


@pytest.mark.parametrize(("suffix", "text"), [(".jsonl", '{"de": "Ein'), (".jsonl", ""), (".csv", "de,en\n")])
def test_a_broken_or_empty_file(defs: ModuleType, tmp_path: Path, suffix: str, text: str) -> None:
    folder = write_splits(tmp_path / "data", suffix)
    (folder / f"train{suffix}").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"can't be read as|has no rows"):
        defs.load_pairs(str(folder), "de", "en")


def test_data_that_is_nowhere(defs: ModuleType) -> None:
    with pytest.raises(ConnectionError) as caught:
        defs.load_pairs("nobody/nothing", "de", "en")
    message = str(caught.value)
    assert "no folder 'nobody/nothing'" in message and "SEQ2SEQ_DATASET" in message
    first, advice = message.splitlines()
    assert "ffline" in first.partition("gave no such dataset: ")[2]  # the tests forbid the Hub: that is the reason
    assert advice.startswith("Without a connection")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError("The dataset is gated.\nLog in first."), "The dataset is gated."),
        (RuntimeError("503 Server Error"), "503 Server Error"),
        (TimeoutError(), "TimeoutError"),
    ],
)
def test_what_the_hub_said_is_passed_on(
    defs: ModuleType, error: Exception, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(defs.datasets, "load_dataset", refuse)
    with pytest.raises(ConnectionError) as caught:
        defs.load_pairs("nobody/nothing", "de", "en")
    first, advice = str(caught.value).splitlines()
    assert first.endswith(f"gave no such dataset: {reason}") and "SEQ2SEQ_DATASET" in advice
