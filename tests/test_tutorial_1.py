"""What tutorial 1 defines: data, text, model, training, search and checkpoints."""

from __future__ import annotations

import ast
import contextlib
import csv
import io
import itertools
import json
import math
import os
import random
import re
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import notebooks

NOTEBOOK = notebooks.tutorials()[0]
t1 = notebooks.definitions(NOTEBOOK)
DE, EN = t1.load_tokenizer("de"), t1.load_tokenizer("en")
PAD, UNK, SOS, EOS = range(4)


def table(names: str, rows: list):
    """Run a test once for each row; the test's name holds the row's number."""
    return pytest.mark.parametrize(names, rows, ids=map(str, range(len(rows))))


# --- data files -----------------------------------------------------------------------


def read(folder: Path, name: str, content: str | bytes, languages=("de", "en")) -> list:
    """Write a training file beside two good ones, and return its pairs."""
    for other in ("val.jsonl", "test.jsonl"):
        (folder / other).write_text('{"de": "Eins.", "en": "One.", "fr": "Un."}')
    (folder / name).write_bytes(content.encode() if type(content) is str else content)
    return t1.load_pairs(str(folder), languages)["train"]


def check(find, expected: list[tuple[str, str]] | str) -> None:
    """find() must return these pairs, or raise a ValueError that matches a regex."""
    if isinstance(expected, list):
        assert find() == expected
    else:
        with pytest.raises(ValueError, match=expected):
            find()


FORMATS = {
    "train.csv": "de,en\nEin Hund.,A dog.\n",
    "train.tsv": "de\ten\nEin Hund.\tA dog.\n",
    "train.jsonl": '{"de": "Ein Hund.", "en": "A dog."}\n',
}
PAIR = ("Ein Hund.", "A dog.")
CHANGES = [  # what is done to each format, and what comes of it
    (lambda text: text, [PAIR]),
    (lambda text: text.replace("\n", "\r\n"), [PAIR]),
    (lambda text: "\ufeff" + text, [PAIR]),
    (lambda text: text.rstrip(), [PAIR]),
    (lambda text: text.replace("\n", "\n\n \n"), [PAIR]),
    (lambda text: "\n" + text, [PAIR]),
    (lambda text: text.replace("H", "Ü").encode("latin-1"), "FILE is not.* UTF-8"),
    (lambda text: text.encode("utf-16"), "FILE is not.* UTF-8"),
    (lambda text: "", "no pairs in the split 'train'"),
    (lambda text: text.replace("A dog.", ""), "ROW: .*empty"),
    (lambda text: text.replace("A dog.", "\xa0\u200b "), "ROW: .*empty"),
    (lambda text: text.replace("H", "H\u200bu\u0308\xad"), [("Ein Hüund.", "A dog.")]),
    (lambda text: text.replace("Ein ", "Ein\u2028\u2029"), [PAIR]),
    (lambda text: text.replace("A dog.", "NA"), [(PAIR[0], "NA")]),
    (lambda text: text.replace("en", "fr"), "ROW has no column 'en'"),
]


@pytest.mark.parametrize("name", FORMATS)
@table("change, expected", CHANGES)
def test_each_format_is_read_to_the_letter(tmp_path, name, change, expected) -> None:
    if isinstance(expected, str):
        row = f"{name}, line {1 if name == 'train.jsonl' else 2}"
        expected = expected.replace("ROW", row).replace("FILE", name)
    check(lambda: read(tmp_path, name, change(FORMATS[name])), expected)


def json_row(en: str) -> str:
    return f'{{"de": "Ja.", "en": {en}}}'


CSV, TSV = "de,en\n", "de\ten\n"
ENDLESS = "a " * 99_999 + "a"
NO_OBJECT = "line 1: (?!.*iterable).*object"
FILES = [  # a file's kind, its content, and its pairs or the error that names the place
    ("tsv", "en\tde\nGo.\tGeh.\tnote\n", "line 2: "),
    ("tsv", "en\tde\tx\nGo.\tGeh.\tnote\n", [("Geh.", "Go.")]),
    ("tsv", TSV + "Ja.\n", "line 2: "),
    ("tsv", TSV + "fünf plus zwei\t7\n", [("fünf plus zwei", "7")]),
    ("tsv", TSV + "1\t2\n" * 99 + "a\tb\n", [*[("1", "2")] * 99, ("a", "b")]),
    ("tsv", TSV + "a\tb\nc\t007\nd\t1.10\n", [("a", "b"), ("c", "007"), ("d", "1.10")]),
    ("tsv", TSV + "a\t1e5\nb\tFALSE\n", [("a", "1e5"), ("b", "FALSE")]),
    ("tsv", TSV + '"Ja," so\t"Yes\n"\t""\n', [('"Ja," so', '"Yes'), ('"', '""')]),
    ("tsv", TSV + "Ein\fHund\v!\tA\\tdog\\n\n", [("Ein Hund !", "A\\tdog\\n")]),
    ("tsv", TSV + f"Ja.\t{ENDLESS}\n", "line 2: field larger"),
    ("tsv", "de\ten\ten\nJa.\tYes.\tYeah.\n", "line 1: .*twice"),
    ("csv", "de,en,en\nJa.,Yes.,Yeah.\n", "line 1: .*twice"),
    ("csv", CSV + "Ja, gut.,Yes.\n", "line 2: .*comma in quotation marks"),
    ("csv", CSV + "Ja, gut.,Yes.\nA.,B.\n", "line 2: "),
    ("csv", CSV + "A.,B.\nJa, gut.,Yes.\n", "line 3: "),
    ("csv", CSV + "A.,B.\n\n\nJa, gut.,Yes.\n", "line 5: "),
    ("csv", CSV + 'A.,B.\n\n\n"Ja" so.,Yes.\n', "line 5: "),
    ("csv", CSV + '"Ja, gut.", "Yes, ""ok""."\n', [("Ja, gut.", 'Yes, "ok".')]),
    ("csv", CSV + 'Er: "ja",He: "yes"\n', [('Er: "ja"', 'He: "yes"')]),
    ("csv", CSV + '"Hallo.,Hello.\nA.,B.\n', "line 2: "),
    ("csv", CSV + '"A.,B.\nC.,D.\nE.,F.\n"G.,H.\n', "line 2: "),
    ("csv", CSV + 'A.,"B.\nC.,D.\nE.,F."\n', "line 2: "),
    ("csv", 'de,en,x\nA.,B.,"\nC.,D.,c\nE.,F.,"\n', "line 2: "),
    ("csv", "de;en\nJa.;Yes.\n", r"line 2 has no column 'de', only \['de;en'\]"),
    ("csv", CSV + f"Ja.,{ENDLESS}\n", "line 2: field larger"),
    ("jsonl", json_row('"1979-05-03"'), [("Ja.", "1979-05-03")]),
    ("jsonl", json_row("1"), "line 1: 1 is a number"),
    ("jsonl", json_row("1.5"), "line 1: 1.5 is a number"),
    ("jsonl", json_row("true"), "line 1: True is (?!a number)"),
    ("jsonl", json_row("null"), "line 1: None is (?!a number)"),
    ("jsonl", json_row('["Yes."]'), r"line 1: \['Yes.'\] is (?!a number)"),
    ("jsonl", json_row('"Yes.", "en": "No."'), "line 1: .*twice"),
    ("jsonl", json_row('"A\\u0000 dog\\ud800."'), [("Ja.", "A dog.")]),
    ("jsonl", json_row('"A\\ndog."'), [("Ja.", "A dog.")]),
    ("jsonl", json_row(f'"{ENDLESS}"'), [("Ja.", ENDLESS)]),
    ("jsonl", json_row('"Yes."') + '\n\n{"de":\n', "line 3: "),
    ("jsonl", '["Ja.", "Yes."]', NO_OBJECT),
    ("jsonl", '[{"de": "a", "en": "b"}, {"en": "c", "de": "d"}]', NO_OBJECT),
    ("jsonl", "7", NO_OBJECT),
    ("jsonl", '"ab"', NO_OBJECT),
    ("jsonl", "null", NO_OBJECT),
    ("jsonl", "[" * 100_000, "line 1: "),
]


@table("kind, content, expected", FILES)
def test_rows_are_read_or_named(tmp_path, kind, content, expected) -> None:
    name = f"train.{kind}"
    if isinstance(expected, str):
        expected = f"^{name}, {expected}"
    check(lambda: read(tmp_path, name, content), expected)


LETTERS = st.characters(exclude_categories=["Cc", "Cs"])
TEXT = st.text(LETTERS, min_size=1).filter(t1.clean)


@settings(deadline=None, max_examples=30)
@given(src=TEXT, trg=TEXT)
def test_what_other_programs_write_is_read(tmp_path_factory, src, trg) -> None:
    rows = io.StringIO()
    csv.writer(rows).writerows([("de", "en"), (src, trg)])
    line = json.dumps({"de": src, "en": trg}, ensure_ascii=False)
    files = {"csv": rows.getvalue(), "tsv": f"{TSV}{src}\t{trg}\n", "jsonl": line}
    for kind, content in files.items():
        folder = tmp_path_factory.mktemp("data")
        (pair,) = read(folder, f"train.{kind}", content)
        assert pair == (t1.clean(src), t1.clean(trg))
    assert t1.clean(t1.clean(src)) == t1.clean(src)


FOLDERS = [  # names of files, and the error
    ("train.tsv val.tsv test.tsv", None),
    ("train.jsonl validation.csv test.tsv notes.txt old.tsv", None),
    ("train.tsv dev.tsv test.csv", None),
    ("train.tsv test.tsv", "validation"),
    ("train.tsv train.csv val.tsv test.tsv", r"'train\.csv'"),
    ("train.tsv val.tsv dev.tsv test.tsv", r"'dev\.tsv'"),
    ("train.tsv val.tsv test.tsv.gz", "test"),
    ("train.tsv val.tsv test.tsv/a.tsv", "test"),
]


@table("files, expected", FOLDERS)
def test_a_folder_has_one_file_for_each_split(tmp_path, files, expected) -> None:
    for path in (tmp_path / name for name in files.split()):
        path.parent.mkdir(exist_ok=True)
        text = FORMATS.get(f"train{path.suffix}", "")
        path.write_text(text, encoding="utf-8")
    if expected:
        check(lambda: t1.load_pairs(str(tmp_path), ("de", "en")), expected)
    else:
        splits = t1.load_pairs(str(tmp_path), ("de", "en"))
        assert splits == {"train": [PAIR], "validation": [PAIR], "test": [PAIR]}


def test_a_changed_file_is_read_anew_whatever_its_time_stamp(tmp_path) -> None:
    assert read(tmp_path, "train.tsv", FORMATS["train.tsv"]) == [PAIR]
    path = tmp_path / "train.tsv"
    before = path.stat()
    path.write_text(FORMATS["train.tsv"].replace("Hund", "Fund"), encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    pairs = t1.load_pairs(str(tmp_path), ("de", "en"))
    assert pairs["train"] == [("Ein Fund.", "A dog.")]


def test_columns_go_by_name_and_home_by_its_sign(tmp_path, monkeypatch) -> None:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path.parent))
    file = "train.csv", "fr,x,de\nOui.,?,Ja.\n"
    assert read(tmp_path, *file, ("de", "fr")) == [("Ja.", "Oui.")]
    pairs = t1.load_pairs(f"~/{tmp_path.name}", ("fr", "de"))
    assert pairs["train"] == [("Oui.", "Ja.")]


@pytest.mark.parametrize("name", ["nobody/nothing", "~nobody/data", "a\0b"])
def test_data_that_is_nowhere(name: str) -> None:
    with pytest.raises(ConnectionError) as refused:
        t1.load_pairs(name, ("de", "en"))
    assert repr(name) in str(refused.value) and "SEQ2SEQ_DATASET" in str(refused.value)


@table(
    "rows, expected",
    [
        ([{"de": " Ja\u0308.", "en": "Yes,\nsir."}], [("Jä.", "Yes, sir.")]),
        ([{"de": "A.", "en": "B."}, {"de": "A.", "en": 7}], "row 2: 7 is a number"),
        ([{"de": "Ja.", "fr": "Oui."}], "train, row 1 has no column 'en'"),
        ([], "no pairs in the split 'train'"),
    ],
)
def test_a_dataset_of_the_hub(monkeypatch, rows: list[dict], expected) -> None:
    good = [{"de": "Ja.", "en": "Yes."}]
    splits = {"train": rows, "validation": good, "test": good, "extra": good}
    monkeypatch.setattr(t1.datasets, "load_dataset", lambda name: splits)
    check(lambda: t1.load_pairs("some/name", ("de", "en"))["train"], expected)


@pytest.mark.parametrize("value", ["", "some/name"])
def test_an_empty_variable_counts_as_not_set(monkeypatch, value: str) -> None:
    monkeypatch.setenv("SEQ2SEQ_DATASET", value)
    cells = notebooks.code_cells(notebooks.load(NOTEBOOK))
    lines = "\n".join(cell["source"] for cell in cells).splitlines()
    (line,) = (line for line in lines if line.startswith("dataset = "))
    found = eval(line.removeprefix("dataset = "), {"os": os})
    assert found == (value or "bentrevett/multi30k")


# --- text, vocabulary, batches --------------------------------------------------------


SPELLINGS = ["Tu\u0308r", "\ufeffTür", "T\u200bür", "Tü\xadr", "T\ud800ür", "Tür\0"]


@pytest.mark.parametrize("word", [*SPELLINGS, "Tür\u2060", "\u202aTür\u202c", " TÜR\t"])
def test_each_spelling_of_a_word_has_the_same_id(word: str) -> None:
    vocabulary = t1.Vocabulary.build([t1.tokenize("Die Tür.", DE)], 1)
    assert vocabulary.lookup_indices(t1.tokenize(f"Die {word}.", DE)) == [4, 5, 6]


SENTENCES = """\
The sign says 'stop' in red.
It isn’t the man’s “big day”, he said.
"Hello," she said, 'it is' "the man's".
"It's 'fine' here."
Whats up? They're gonna go, but I cannot; you shouldn't've.
It costs €5, $3 or £2: 50% off!
A t-shirt and a black/white photo (his 3rd).
The dogs' bowl and the boss's car.
The dogs’ bowl, a man – tall and thin – and a woman.
Mr. Smith's U.S. flag at 10:30 a.m. [sic] & 3,000 more.
Let's see: I'd go, he'll go, we've gone, I'm gone, y'all…"""


@pytest.mark.parametrize("text", SENTENCES.splitlines())
def test_detokenize_undoes_tokenize(text: str) -> None:
    assert t1.detokenize(t1.tokenize(text, EN), EN) == text.lower()


def test_a_language_without_rules_is_named() -> None:
    with pytest.raises(ValueError, match="'qq'"):
        t1.load_tokenizer("qq")


def test_vocabulary() -> None:
    vocabulary = t1.Vocabulary.build([["a", "b", "a"], ["b", "c"], ["b"]], 2)
    assert vocabulary.tokens == ["<pad>", "<unk>", "<sos>", "<eos>", "b", "a"]
    assert vocabulary.lookup_indices(["c", "a", "b"]) == [UNK, 5, 4]
    assert vocabulary.lookup_tokens([5, UNK]) == ["a", "<unk>"] and len(vocabulary) == 6
    assert t1.Vocabulary(vocabulary.tokens).ids == vocabulary.ids


def test_no_text_becomes_a_special_id() -> None:
    typed = "<pad> <unk> <sos> <eos>"
    assert t1.Vocabulary.build([], 1).lookup_indices(typed.split()) == [UNK] * 4
    vocabulary = t1.Vocabulary.build([t1.tokenize(typed, DE), typed.split()], 1)
    for words in (typed.split(), t1.tokenize(typed, DE)):
        ids = vocabulary.lookup_indices(words)
        assert min(ids) > EOS and vocabulary.lookup_tokens(ids) == words


def test_ids_and_batches() -> None:
    vocabulary = t1.Vocabulary.build([["a", "b", "c"]], 1)
    sources = [t1.source_ids(["a", "b", "z"], vocabulary, back) for back in (1, 0)]
    assert [ids.tolist() for ids in sources] == [[UNK, 5, 4], [4, 5, UNK]]
    targets = [t1.target_ids(words, vocabulary) for words in (["a", "z"], ["c"])]
    assert [ids.tolist() for ids in targets] == [[SOS, 4, UNK, EOS], [SOS, 6, EOS]]
    examples = [
        t1.Example(sources[0], targets[0]),
        t1.Example(sources[1][:1], targets[1]),
    ]
    batch = t1.collate(examples)
    assert batch.src.tolist() == [[UNK, 5, 4], [4, PAD, PAD]]
    assert batch.trg.tolist() == [[SOS, 4, UNK, EOS], [SOS, 6, EOS, PAD]]
    assert batch.src_lengths.tolist() == [3, 1]


@pytest.mark.parametrize("n, batch_size", [(1, 4), (8, 4), (5, 1), (1003, 8), (9, 20)])
def test_batches_hold_each_index_once(n: int, batch_size: int) -> None:
    lengths = [random.Random(index).randrange(40) for index in range(n)]
    batches = t1.bucket_batches(lengths, batch_size, seed=1)
    assert sorted(itertools.chain(*batches)) == list(range(n))
    assert len(batches) == math.ceil(n / batch_size)
    assert max(map(len, batches)) <= batch_size
    assert batches == t1.bucket_batches(lengths, batch_size, seed=1)
    if n == 1003:
        assert batches != t1.bucket_batches(lengths, batch_size, seed=2)
        sizes = [[lengths[index] for index in batch] for batch in batches]
        assert np.mean([max(size) - min(size) for size in sizes]) < 3  # at random: 32
        assert sizes != sorted(sizes)


# --- model ----------------------------------------------------------------------------


GERMAN = ["Ein Hund rennt.", "Eine Frau liest ein Buch.", "Zwei Kinder spielen."]
ENGLISH = ["A dog runs.", "A woman is reading a good book.", "Two children play."]
TINY = {"embedding_dim": 5, "hidden_dim": 6, "n_layers": 2, "dropout": 0.2}
TINY |= {"n_epochs": 4, "batch_size": 3, "learning_rate": 0.02, "minimum_frequency": 1}


def make_translator(sharpness: float = 1.0, **changes):
    """An untrained translator that knows all the words.

    A sharp one has preferences; in float64, rounding does not decide what it writes.
    """
    chosen = t1.Settings(**TINY | changes)
    src, trg = (
        t1.Vocabulary.build([t1.tokenize(text, rules) for text in texts], 1)
        for texts, rules in ((GERMAN, DE), (ENGLISH, EN))
    )
    model = t1.build_model(chosen, len(src), len(trg)).eval()
    for weight in model.parameters():
        weight.data *= sharpness
    if sharpness > 1:
        model.double()
    return t1.Translator(model, DE, EN, src, trg, chosen)


def make_examples(translator) -> list:
    examples = []
    for src, trg in zip(GERMAN, ENGLISH, strict=True):
        ids = t1.source_ids(t1.tokenize(src, DE), translator.src_vocabulary, True)
        target = t1.target_ids(t1.tokenize(trg, EN), translator.trg_vocabulary)
        examples.append(t1.Example(ids, target))
    return examples


def plain_lstm(inputs: list[Tensor], weights: dict[str, Tensor], hidden, cell):
    """The text's equations, word by word; return outputs and the last states."""
    last = []
    for layer, (h, m) in enumerate(zip(hidden, cell, strict=True)):
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        w, u, b, more_b = (weights[f"lstm.{name}_l{layer}"] for name in names)
        outputs = []
        for a in inputs:
            i, f, g, o = (w @ a + u @ h + b + more_b).chunk(4)
            m = f.sigmoid() * m + i.sigmoid() * g.tanh()
            h = o.sigmoid() * m.tanh()
            outputs.append(h)
        inputs = outputs
        last.append(torch.stack([h, m]))
    return torch.stack(inputs), *torch.stack(last, dim=1)


@pytest.mark.parametrize("n_layers, dropout", [(1, 0.0), (3, 0.2)])
def test_the_model_follows_the_equations(n_layers: int, dropout: float) -> None:
    changes = {"n_layers": n_layers, "dropout": dropout, "embedding_dim": 16}
    translator = make_translator(**changes)
    model, batch = translator.model.double(), t1.collate(make_examples(translator))
    state = model.encode(batch.src, batch.src_lengths)
    logits, last_state = model.decoder(batch.trg, state)
    close = partial(torch.testing.assert_close, atol=1e-12, rtol=0)
    for row, length in enumerate(batch.src_lengths):
        weights = model.encoder.state_dict()
        inputs = 4 * weights["embedding.weight"][batch.src[row, :length]]
        zeros = torch.zeros(n_layers, 6, dtype=torch.float64)
        _, hidden, cell = plain_lstm(inputs, weights, zeros, zeros)
        close(torch.stack(state)[:, :, row], torch.stack([hidden, cell]))

        weights = model.decoder.state_dict()
        inputs = 4 * weights["embedding.weight"][batch.trg[row]]
        outputs, hidden, cell = plain_lstm(inputs, weights, hidden, cell)
        read_out = outputs @ weights["read_out.weight"].T + weights["read_out.bias"]
        expected = 2 * read_out.tanh() @ weights["embedding.weight"].T
        close(logits[row], expected + weights["output_layer.bias"])
        close(torch.stack(last_state)[:, :, row], torch.stack([hidden, cell]))


def test_alone_in_a_batch_and_step_by_step_are_the_same() -> None:
    translator = make_translator(sharpness=3)
    model, examples = translator.model, make_examples(translator)
    src, lengths, trg = t1.collate(examples)
    at_once = model(src, lengths, trg[:, :-1])
    for row, (source, target) in enumerate(examples):
        alone = model(source[None], lengths[row : row + 1], target[None, :-1])[0]
        torch.testing.assert_close(at_once[row, : len(alone)], alone)
    torch.testing.assert_close(t1.step_by_step(model, src, lengths, trg, 1.0), at_once)
    other = torch.full_like(trg, 5)
    other[:, 0] = SOS  # at ratio 0 nobody looks at the other words
    free = [t1.step_by_step(model, src, lengths, words, 0.0) for words in (trg, other)]
    assert free[0].equal(free[1]) and not torch.allclose(free[0], at_once, atol=0.1)

    rows = torch.tensor([2, 0, 2, 1])
    state = model.select(model.encode(src, lengths), rows)
    for step in range(3):
        logits, state = model.decode_step(trg[rows, step], state)
        torch.testing.assert_close(logits, at_once[rows, step])


def test_embeddings_are_stored_small_and_fed_large() -> None:
    embedding = t1.WordEmbedding(200, 64)
    assert embedding.weight.std().item() == pytest.approx(1 / 8, rel=0.05)
    torch.testing.assert_close(embedding(torch.arange(200)), 8 * embedding.weight)


def test_the_output_layer_and_the_embedding_are_one_table() -> None:
    decoder = make_translator().model.decoder
    assert decoder.output_layer.weight is decoder.embedding.weight


# --- loss and training ----------------------------------------------------------------


def losses_by_hand(translator, smoothing: float = 0.0) -> list[float]:
    """The loss of each target token, from each sentence alone."""
    model, losses = translator.model.eval(), []
    for src, trg in make_examples(translator):
        logits = model(src[None], torch.tensor([len(src)]), trg[None, :-1])[0]
        for scores, word in zip(logits.softmax(dim=1).log(), trg[1:], strict=True):
            loss = (smoothing - 1) * scores[word] - smoothing * scores.mean()
            losses.append(loss.item())
    return losses


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_losses_are_means_over_all_tokens(smoothing: float) -> None:
    """Batches of two sizes, no dropout, and a learning rate of 0."""
    changes = {"dropout": 0.0, "learning_rate": 0.0, "label_smoothing": smoothing}
    translator = make_translator(3, **changes)
    loader = t1.make_loader(make_examples(translator), 2, seed=1)
    optimizers = t1.make_optimizer(translator.model, translator.settings, 2)
    found = t1.train_epoch(translator.model, loader, *optimizers, translator.settings)
    expected = np.mean(losses_by_hand(translator, smoothing))
    assert found == pytest.approx(expected, rel=1e-4)
    expected = math.exp(np.mean(losses_by_hand(translator)))
    found = t1.validate(translator.model, loader, translator.trg_vocabulary)
    assert found["perplexity"] == pytest.approx(expected, rel=1e-4)


def test_padding_changes_neither_loss_nor_gradient_nor_perplexity() -> None:
    found = []
    for more in (0, 6):
        translator = make_translator(3)
        src, lengths, trg = t1.collate(make_examples(translator))
        src, trg = (nn.functional.pad(ids, (0, more)) for ids in (src, trg))
        logits = translator.model(src, lengths, trg[:, :-1])
        loss = t1.token_loss(logits, trg[:, 1:], label_smoothing=0.1)
        loss.backward()
        gradients = [weight.grad for weight in translator.model.parameters()]
        score = t1.perplexity(translator.model, [t1.Batch(src, lengths, trg)])
        found.append([loss, torch.tensor(score), *gradients])
    torch.testing.assert_close(*found)


@pytest.mark.parametrize("clip_norm", [0.01, 1e6])
def test_gradients_are_clipped_and_each_step_has_its_rate(clip_norm: float) -> None:
    translator = make_translator(3, clip_norm=clip_norm, warmup=0.5)
    loader = t1.make_loader(make_examples(translator) * 4, 2, seed=1)
    optimizer, scheduler = t1.make_optimizer(translator.model, translator.settings, 6)
    norms, rates = [], []

    def watch(optimizer, *_) -> None:
        (group,) = optimizer.param_groups
        gradients = [weight.grad.flatten() for weight in group["params"]]
        norms.append(torch.cat(gradients).norm().item())
        rates.append(group["lr"])

    optimizer.register_step_pre_hook(watch)
    t1.train_epoch(translator.model, loader, optimizer, scheduler, translator.settings)
    assert len(rates) == 6 and rates.index(max(rates)) == 2
    if clip_norm < 1:
        assert norms == pytest.approx([0.01] * 6, rel=1e-3)
    else:
        assert min(norms) > 0.1


@pytest.mark.parametrize("n_steps", [1, 2, 3, 10, 19, 20, 21, 40, 100, 1000])
def test_the_rate_rises_and_falls_to_zero(n_steps: int) -> None:
    chosen, rates = t1.Settings(learning_rate=1.0, warmup=0.05), []
    optimizer, scheduler = t1.make_optimizer(nn.Linear(1, 1), chosen, n_steps)
    for _ in range(n_steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    top = rates.index(max(rates))
    assert rates == sorted(rates[: top + 1]) + sorted(rates[top + 1 :], reverse=True)
    assert top == pytest.approx(0.05 * n_steps, abs=1) and rates[-1] < 1e-3
    assert n_steps < 40 or max(rates) == pytest.approx(1.0)


def test_dropout_is_on_in_training_alone() -> None:
    translator = make_translator(3, dropout=0.5, learning_rate=0.0)
    examples, model = make_examples(translator), translator.model
    loader, (src, lengths, _) = (
        t1.make_loader(examples, 2, seed=1),
        t1.collate(examples),
    )
    optimizers = t1.make_optimizer(model, translator.settings, 9)
    measures = [
        lambda: t1.train_epoch(model, loader, *optimizers, translator.settings),
        lambda: t1.perplexity(model, loader),
        lambda: t1.validate(model, loader, translator.trg_vocabulary),
        lambda: t1.greedy_search(model, src, lengths),
        lambda: t1.beam_search(model, src, lengths),
    ]
    same = []
    for measure in measures:
        first = measure()
        model.train()
        same.append(measure() == first)
    assert same == [False, True, True, True, True]


def test_bleu_in_training_and_after() -> None:
    translator = make_translator()
    loader = t1.make_loader(make_examples(translator), 2, seed=1)
    right = [t1.strip_special(batch.trg) for batch in loader]
    with mock.patch.object(t1, "greedy_search", side_effect=right):
        found = t1.validate(translator.model, loader, translator.trg_vocabulary)
    assert found["bleu"] == pytest.approx(100)
    texts = ["A dog runs home.", "He reads a good old book."]
    assert t1.bleu_score([text.lower() for text in texts], texts) == pytest.approx(100)
    assert t1.bleu_score(texts[::-1], texts) < 10


# --- search ---------------------------------------------------------------------------


def searches(beam_size: int, penalty: float = 0.6) -> list:
    """Beam search in a batch and by hand, and greedy search, with one interface."""

    def by_hand(model, src, lengths):
        rows = [(src[i : i + 1, :n], lengths[i : i + 1]) for i, n in enumerate(lengths)]
        found = [t1.beam_by_hand(model, *row, beam_size, penalty) for row in rows]
        return [t1.strip_special(torch.tensor([words]))[0] for words in found]

    beam = partial(t1.beam_search, beam_size=beam_size, length_penalty=penalty)
    return [beam, by_hand, t1.greedy_search]


@pytest.mark.parametrize("seed", [0, 3, 4, 7])
def test_searches_agree(seed: int) -> None:
    """Random models with preferences; a batch with padding."""
    model, lengths = make_translator(4, seed=seed).model, torch.tensor([6, 2, 9, 1])
    generator = torch.Generator().manual_seed(seed)
    src = torch.randint(1, 10, (4, 9), generator=generator)
    src[torch.arange(9) >= lengths[:, None]] = PAD
    for beam_size, penalty in ((1, 0.0), (2, 0.0), (3, 0.6), (5, 1.5)):
        beam, by_hand, greedy = searches(beam_size, penalty)
        found = beam(model, src, lengths)
        assert found == by_hand(model, src, lengths)
        assert beam_size > 1 or found == greedy(model, src, lengths)
        assert min(itertools.chain(*found), default=9) > EOS


class TableModel(nn.Module):
    """Logits looked up by step and previous word: [steps, vocabulary, vocabulary].

    Nothing but <eos> can follow the last step, unless it is endless.
    """

    def __init__(self, table: Tensor, endless: bool = False) -> None:
        super().__init__()
        self.table = table
        if not endless:
            self.table[-1] = -1e4
            self.table[-1, :, EOS] = 0.0

    def encode(self, src: Tensor, src_lengths: Tensor) -> tuple[Tensor]:
        return (torch.zeros(1, len(src), dtype=torch.long),)

    def decode_step(self, words: Tensor, state: tuple) -> tuple[Tensor, tuple]:
        step = state[0][0].clamp(max=len(self.table) - 1)
        return self.table[step, words], (state[0] + 1,)

    def select(self, state: tuple, rows: Tensor) -> tuple:
        return (state[0][:, rows],)


ONE_WORD = torch.tensor([[4]]), torch.tensor([1])


@pytest.mark.parametrize("penalty", [0.0, 0.7, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_a_wide_beam_finds_the_best_of_all(penalty: float, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    model, scores = TableModel(2 * torch.randn(4, 7, 7, generator=generator)), {}
    open_words = model.table.clone()
    open_words[:, :, :EOS] = -math.inf
    logs = open_words.log_softmax(dim=-1)
    for length in range(4):
        for words in itertools.product((4, 5, 6), repeat=length):
            path = enumerate(itertools.pairwise([SOS, *words, EOS]))
            terms = [logs[step, fed, word].item() for step, (fed, word) in path]
            scores[words] = sum(terms) / len(terms) ** penalty
    best = list(max(scores, key=scores.get))
    assert t1.beam_search(model, *ONE_WORD, 50, penalty) == [best]


def test_what_searches_write() -> None:
    beam, by_hand, greedy = searches(beam_size=2)
    tempting = torch.full((4, 6, 6), -50.0)  # <pad>, <unk> and <sos> are likeliest
    tempting[:, :, [PAD, UNK, SOS]], tempting[:, :, 5] = 50.0, 49.0
    for search in (beam, by_hand, greedy):
        assert search(TableModel(tempting), *ONE_WORD) == [[5, 5, 5]]

    endless = torch.full((1, 6, 6), -1e4)
    endless[:, :, 4], endless[:, :, 5] = 0.0, -1.0
    src, lengths = torch.full((3, 9), 4), torch.tensor([1, 9, 3])
    for search in (beam, by_hand, greedy):
        found = search(TableModel(endless, endless=True), src, lengths)
        assert found == [[4] * 12, [4] * 28, [4] * 16]


def test_a_search_with_dropout_on_spoils_no_later_training() -> None:
    """On a GPU, cuDNN keeps a tensor of the first LSTM that runs with dropout.

    Made in inference mode, it would break every later backward.
    """
    model, src, lengths = (
        make_translator().model,
        torch.tensor([[4, 5]]),
        torch.tensor([2]),
    )
    model.eval, encode, made = model.train, model.encode, []
    model.encode = lambda *batch: made.append(encode(*batch)) or made[-1]
    t1.greedy_search(model, src, lengths)
    t1.beam_search(model, src, lengths)
    t1.beam_by_hand(model, src, lengths, 2, 0.6)
    assert len(made) == 3
    assert not any(part.is_inference() for state in made for part in state)


# --- translate ------------------------------------------------------------------------


def test_translate_takes_strings_one_or_many() -> None:
    translator = make_translator(4, seed=4)
    plain = ["Ein Hund rennt.", "", " \n\u200b", "Xyz qwertz!", "Frau", "Hund " * 50]
    found = t1.translate(translator, [*plain, "Fr\ud800au"])
    assert found[:6] == [t1.translate(translator, text) for text in plain]
    assert found[1:3] == ["", ""] and found[6] == found[4] and len(set(found)) > 3
    for many in (tuple(plain), np.array(plain), (text for text in plain)):
        assert t1.translate(translator, many) == found[:6]
    assert t1.translate(translator, np.str_("Frau")) == found[4]
    assert t1.translate(translator, []) == []


def test_translate_reads_as_in_training() -> None:
    greedy = []
    for reverse in (True, False):
        translator = make_translator(4, seed=4, reverse_source=reverse)
        words = t1.tokenize(GERMAN[1], DE)
        ids = t1.source_ids(words, translator.src_vocabulary, reverse)
        greedy += t1.translate_ids(translator, [ids], t1.greedy_search)
        assert t1.translate(translator, GERMAN[1], beam_size=1) == greedy[-1]
    assert greedy[0] != greedy[1]


@table(
    "wrong, named",
    [
        (["Ein Hund.", None], "Sentence 1 .*None"),
        ([math.nan], "Sentence 0 .*nan"),
        ([["Ein", "Hund"]], "Sentence 0 .*'Hund'"),
        (b"Ein Hund.", "69"),
        (3, "Sentence 0 .*3"),
        (None, "Sentence 0 .*None"),
    ],
)
def test_translate_names_what_is_no_string(wrong, named: str) -> None:
    with pytest.raises(TypeError, match=named):
        t1.translate(make_translator(), wrong)


# --- fit and checkpoints --------------------------------------------------------------


def train(folder: Path, stop_in=None, pace=100, anew=False, pairs=3, **changes):
    """Fit a new translator; return it and its history, without the seconds.

    stop_in: the epoch in which the stop button is pressed; pace: seconds between two
    looks at the clock, one after each epoch and one after each save.
    """
    translator = make_translator(**changes)
    examples = make_examples(translator)[:pairs] * 3
    clock = SimpleNamespace(**vars(time))
    clock.monotonic = itertools.count(0, pace).__next__
    epochs, original = itertools.count(1), t1.train_epoch

    def train_epoch(*arguments):
        if next(epochs) == stop_in:
            raise KeyboardInterrupt
        return original(*arguments)

    splits = {"train": examples, "validation": examples[:3]}
    with mock.patch.multiple(t1, time=clock, train_epoch=train_epoch):
        history = t1.fit(translator, splits, folder, anew)
    return translator, [record | {"seconds": 0} for record in history]


def listed(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> tuple:
    """A training without interruption: folder, translator, history."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, *train(folder)


def test_training_learns_and_keeps_the_best_weights(whole) -> None:
    folder, translator, history = whole
    assert history[-1]["loss"] < history[0]["loss"] - 0.1
    assert [record["epoch"] for record in history] == [1, 2, 3, 4]
    assert listed(folder) == {"best.pt"}
    loaded = t1.load_translator(folder / "best.pt")
    best = min(record["perplexity"] for record in history)
    loader = t1.make_loader(make_examples(translator), 2, seed=0)
    for found in (loaded, translator):
        assert t1.perplexity(found.model, loader) == pytest.approx(best, rel=1e-5)
    assert loaded.settings == translator.settings and not loaded.model.training
    assert loaded.training == translator.training


def test_the_epoch_of_the_lowest_perplexity_is_kept(tmp_path, monkeypatch) -> None:
    """Whatever its BLEU; and a resumed training still knows it."""
    weights, script = [], iter([(9.0, 10.0), (5.0, 20.0), (7.0, 30.0), (5.5, 1.0)])

    def validate(model, *_) -> dict:
        weights.append({k: v.clone() for k, v in model.state_dict().items()})
        return dict(zip(("perplexity", "bleu"), next(script), strict=True))

    monkeypatch.setattr(t1, "validate", validate)
    with pytest.raises(t1.TrainingStopped):
        train(tmp_path, stop_in=4)
    found = train(tmp_path)[0].model.state_dict()
    assert [all(found[k].equal(w[k]) for k in found) for w in weights] == [0, 1, 0, 0]


def test_each_epoch_has_its_own_batches(tmp_path) -> None:
    with mock.patch.object(t1, "bucket_batches", wraps=t1.bucket_batches) as batches:
        train(tmp_path)
    seeds = {call.args[2] for call in batches.call_args_list if len(call.args[0]) == 9}
    assert len(seeds) == 4


STOPS = [(1, 100, 0), (2, 100, 1), (4, 100, 3), (4, 0, 0), (4, 40, 2)]


@pytest.mark.parametrize("stop_in, pace, saved", STOPS)
def test_a_resumed_training_ends_as_an_uninterrupted_one(
    whole, tmp_path, stop_in: int, pace: int, saved: int
) -> None:
    with pytest.raises(t1.TrainingStopped) as stopped:
        train(tmp_path, stop_in, pace)
    (line,) = stopped.value._render_traceback_()  # what Jupyter shows
    assert line.endswith(f"after epoch {saved}.") and "\n" not in line
    assert not saved or listed(tmp_path) == {"last.pt"}
    translator, history = train(tmp_path)
    assert history == whole[2] and listed(tmp_path) == {"best.pt"}
    found, expected = (each.model.state_dict() for each in (translator, whole[1]))
    assert all(found[name].equal(expected[name]) for name in expected)


def test_a_finished_training_is_recognised(whole, capsys) -> None:
    before = (whole[0] / "best.pt").read_bytes()
    translator, history = train(whole[0], stop_in=1)
    assert history == whole[2] and "4 epochs" in capsys.readouterr().out
    expected = whole[1].model.state_dict()
    torch.testing.assert_close(translator.model.state_dict(), expected)
    assert (whole[0] / "best.pt").read_bytes() == before


def test_training_anew_puts_the_old_file_aside(tmp_path) -> None:
    (tmp_path / "best.pt").write_bytes(b"old")
    with pytest.raises(t1.TrainingStopped, match=r"after epoch 1\."):
        train(tmp_path, stop_in=2, anew=True, n_epochs=2)
    (aside,) = tmp_path.glob("before-*.pt")
    assert aside.read_bytes() == b"old" and listed(tmp_path) == {"last.pt", aside.name}
    _, history = train(tmp_path, anew=True, n_epochs=2)  # goes on with last.pt
    assert len(history) == 2 and listed(tmp_path) == {"best.pt", aside.name}


@pytest.mark.parametrize("stop_in", [2, None])
def test_other_settings_and_data_are_named(tmp_path, stop_in: int | None) -> None:
    with contextlib.suppress(t1.TrainingStopped):
        train(tmp_path, stop_in, n_epochs=2)
    (path,) = tmp_path.iterdir()  # last.pt if it was stopped, else best.pt
    before = path.read_bytes()
    for changes, named in (
        ({"learning_rate": 0.03}, "learning_rate = 0.02, not 0.03"),
        ({"seed": 2}, "seed = 1, not 2"),
        ({"pairs": 2}, "data = "),
    ):
        with pytest.raises(ValueError, match=f"{path.name} .*{named}"):
            train(tmp_path, **{"n_epochs": 2} | changes)
    assert path.read_bytes() == before


DAMAGES = {
    "empty": lambda data: b"",
    "cut in half": lambda data: data[: len(data) // 2],
    "a web page": lambda data: b"<!DOCTYPE html><html><body>Sign in</body></html>",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_files_are_named(whole, tmp_path, damage) -> None:
    for name in ("best.pt", "last.pt"):
        path = tmp_path / name
        path.write_bytes(damage((whole[0] / "best.pt").read_bytes()))
        with pytest.raises(ValueError, match=rf"{name} is damaged.*Delete it"):
            train(tmp_path)
        with pytest.raises(ValueError, match=rf"{name} is damaged"):
            t1.load_translator(path)


def test_load_translator_says_what_it_wants(tmp_path) -> None:
    with pytest.raises(t1.TrainingStopped):
        train(tmp_path, stop_in=2)
    with pytest.raises(ValueError, match=r"last\.pt .*best\.pt") as refused:
        t1.load_translator(tmp_path / "last.pt")
    assert "Delete" not in str(refused.value)  # the training goes on from this file
    with pytest.raises(FileNotFoundError, match=r"best\.pt"):
        t1.load_translator(tmp_path / "best.pt")


@table("key, value", [("settings", {"other": 1}), ("weights", {})])
def test_a_translator_of_another_tutorial_is_refused(tmp_path, key, value) -> None:
    train(tmp_path)
    content = torch.load(tmp_path / "best.pt")
    torch.save(content | {key: value}, tmp_path / "best.pt")
    with pytest.raises(ValueError, match=r"best\.pt is of another tutorial"):
        t1.load_translator(tmp_path / "best.pt")


@pytest.mark.parametrize("beam_size", [0, -1])
def test_a_beam_without_hypotheses_is_refused(beam_size) -> None:
    with pytest.raises(ValueError, match="beam_size must be at least 1"):
        t1.translate(make_translator(), "Ein Hund.", beam_size)


@pytest.mark.parametrize("pace", [100, 0])
def test_two_runs_in_one_folder_stop_the_later(tmp_path, monkeypatch, pace) -> None:
    original = t1.validate

    def validate(*arguments) -> dict:
        (tmp_path / "last.pt").write_bytes(b"of another run")
        return original(*arguments)

    monkeypatch.setattr(t1, "validate", validate)
    with pytest.raises(t1.TrainingStopped, match=r"another run .*last\.pt"):
        train(tmp_path, pace=pace)
    assert (tmp_path / "last.pt").read_bytes() == b"of another run"
    assert listed(tmp_path) == {"last.pt"}


def test_a_failed_save_leaves_the_old_file_alone(tmp_path, monkeypatch) -> None:
    path = tmp_path / "new" / "best.pt"
    t1.save_file({"value": 1}, path)

    def save(content: dict, temporary: Path) -> None:
        Path(temporary).write_bytes(b"half")
        raise OSError("No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space"):
        patch.setattr(torch, "save", save)
        t1.save_file({"value": 2}, path)
    assert listed(path.parent) == {"best.pt"}
    assert torch.load(path, weights_only=True) == {"value": 1}


def test_a_loss_that_is_not_finite_is_not_saved(tmp_path, monkeypatch) -> None:
    with pytest.raises(t1.TrainingStopped):
        train(tmp_path, stop_in=3)
    before = (tmp_path / "last.pt").read_bytes()
    monkeypatch.setattr(t1, "perplexity", lambda *_: math.nan)
    with pytest.raises(FloatingPointError, match="learning_rate"):
        train(tmp_path)
    assert (tmp_path / "last.pt").read_bytes() == before


@pytest.mark.parametrize("name", ["n_epochs", "batch_size", "n_layers"])
def test_settings_that_cannot_be(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        t1.Settings(**{name: 0})


def test_the_length_penalty_is_kept_and_used(tmp_path) -> None:
    translator = make_translator()
    translator.length_penalty = 1.7
    t1.save_translator(translator, str(tmp_path / "best.pt"))
    loaded = t1.load_translator(tmp_path / "best.pt")
    with mock.patch.object(t1, "beam_search", wraps=t1.beam_search) as search:
        t1.translate(loaded, GERMAN, 3)
    assert search.call_args.kwargs == {"beam_size": 3, "length_penalty": 1.7}


# --- another process ------------------------------------------------------------------


CELLS = [
    "from __future__ import annotations\nimport functools\nnot_kept = 1 / 0",
    "def early(x: Later) -> Later:\n    return x",
    "class Later:\n    pass",
    "this did not parse, so it has not run",
    "@functools.cache\ndef cached():\n    return 'a\u2028b\fc' + f'{1}\u2028\f'",
    'def documented():\n    """A\u2028line, a\fpage."""\n    return documented.__doc__',
]


def test_a_written_module_can_be_imported(tmp_path) -> None:
    t1.write_module(CELLS, tmp_path / "written.py")
    program = "import written; print(ascii([written.cached(), written.documented()]))"
    command = [sys.executable, "-c", program]
    fresh = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert fresh.stderr == ""
    found = ast.literal_eval(fresh.stdout)
    assert found == ["a\u2028b\fc1\u2028\f", "A\u2028line, a\fpage."]


def test_the_notebooks_module_translates(tmp_path, monkeypatch) -> None:
    t1.save_translator(make_translator(4, seed=4), tmp_path / "best.pt")
    cells = notebooks.code_cells(notebooks.load(NOTEBOOK))
    cells = [ast.unparse(notebooks.parse(cell["source"])) for cell in cells]
    t1.write_module(cells, tmp_path / "written_tutorial.py")
    monkeypatch.syspath_prepend(tmp_path)
    import written_tutorial

    found, expected = (
        module.translate(module.load_translator(tmp_path / "best.pt"), GERMAN)
        for module in (written_tutorial, t1)
    )
    assert found == expected and len(set(found)) > 1


def test_the_guide_from_torchtext_fits(tmp_path, monkeypatch) -> None:
    """Its code after torchtext runs with what tutorial 1 defines."""
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    for split in ("train", "val", "test"):
        Path(f"data/{split}.tsv").write_text("de\ten\n" + "Ein Hund.\tA dog.\n" * 2)
    known = vars(t1) | {"src_tokenizer": DE, "trg_tokenizer": EN, "device": "cpu"}
    known |= {"pairs": t1.load_pairs("data", ("de", "en")), "n_epochs": 1}
    known["src_vocabulary"] = known["trg_vocabulary"] = t1.Vocabulary.build([], 1)
    guide = (notebooks.ROOT / "legacy" / "README.md").read_text("utf-8")
    parts = re.findall(r"\nAfter: .+?```python\n(.+?)```", guide, re.DOTALL)
    parts = [part for part in parts if "bentrevett" not in part]
    assert len(parts) == 6
    for part in parts:
        exec(part, known)
    assert known["ids"] == [4, 5] and known["src"].shape == (2, 3)
    assert 0 < known["score"] < 100
