"""What the tutorials say about each other: scores of the earlier ones, and the tables that compare them."""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

import notebooks
from test_definitions import make_translator

LABELS = ["1-7", "8-9", "10-11", "12-13", "14-16", "17-20", "21 and more"]
LENGTH_TAGS = ("shared:plot_bleu_by_length", "shared:score_by_length")
COLUMNS = ["", "1: LSTM", "2: GRU, context at every step", "3: attention"]

Notebook = dict[str, Any]
Table = list[list[str]]


def scores_by_length(book: Notebook) -> dict[str, float]:
    """BLEU by length of the source, as the notebook printed it when it was stored: the line that is a dict."""
    cells = [cell for tag in LENGTH_TAGS for cell in notebooks.cells_with_tag(book, tag)]
    texts = [out["text"] for cell in cells for out in cell["outputs"] if out.get("name") == "stdout"]
    lines = [line for text in texts for line in text.splitlines() if line.startswith("{")]
    assert len(lines) == 1, f"expected one printed dict of BLEU by length, found {lines}"
    found = ast.literal_eval(lines[0])
    assert list(found) == LABELS and all(type(score) is float and 0 < score < 100 for score in found.values())
    return found


def compared_by_length(book: Notebook) -> dict[str, dict[str, float]]:
    """The scores of earlier tutorials that the notebook found and printed when it was stored."""
    cells = [cell for cell in notebooks.code_cells(book) if "stored_by_length(" in cell["source"]]
    texts = [out["text"] for cell in cells for out in cell["outputs"] if out.get("name") == "stdout"]
    assert len(texts) == 1, f"expected the scores of the earlier tutorials, printed once, found {texts}"
    return ast.literal_eval(texts[0])


def section(book: Notebook, number: int) -> str:
    """The Markdown of a section, from its heading to the next one."""
    text = "\n\n".join(cell["source"] for cell in book["cells"] if cell["cell_type"] == "markdown")
    found = re.search(rf"^## {number}\. .*?(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert found, f"no section {number}"
    return found[0]


def tables(text: str) -> list[Table]:
    """The cells of each table in a Markdown text, the line under the header left out, bold type dropped."""
    found = []
    for block in re.findall(r"(?:^\|.*\|[ ]*(?:\n|\Z))+", text, re.MULTILINE):
        rows = [[cell.strip().strip("*") for cell in line.strip()[1:-1].split("|")] for line in block.splitlines()]
        assert all(re.fullmatch(r":?-+:?", cell) for cell in rows[1]), f"no line under the header of {rows[0]}"
        found.append([rows[0], *rows[2:]])
    return found


def table_beginning(text: str, corner: str, second: str) -> Table:
    """The one table in a Markdown text whose header begins with these two cells."""
    found = [table for table in tables(text) if table[0][:2] == [corner, second]]
    assert len(found) == 1, f"expected one table that begins with | {corner} | {second} |, found {len(found)}"
    return found[0]


def comparison(runs: list[Mapping[str, Any]]) -> Table:
    """The table that sets the stored results of the tutorials side by side."""
    formats = {
        "weights": lambda run: f"{run['parameters'] / 1e6:.1f} million",
        "perplexity": lambda run: f"{run['test_perplexity']:.2f}",
        "BLEU, greedy": lambda run: f"{run['bleu_greedy']:.1f}",
        "BLEU, beam of 5": lambda run: f"{run['bleu_beam']:.1f}",
        "chrF": lambda run: f"{run['chrf']:.1f}",
        "seconds an epoch": lambda run: f"{run['seconds_per_epoch']:.0f}",
        "epochs": lambda run: f"{run['epochs']}",
        "training, minutes": lambda run: f"{run['training_seconds'] / 60:.0f}",
        # Stored with one decimal: half up, as the notebook printed its 80.5 from more digits, not to the even number.
        "sentences translated a second": lambda run: f"{int(run['translate_sentences_per_second'] + 0.5)}",
        "peak memory, MiB": lambda run: f"{run['peak_memory_mib']:,.0f}",
    }
    columns = [COLUMNS[0], *COLUMNS[-len(runs) :]]
    return [columns, *([label, *map(write, runs)] for label, write in formats.items())]


def length_table(scores: Mapping[str, float]) -> Table:
    """The table of BLEU by length."""
    return [["tokens in the source", *scores], ["BLEU", *(f"{score:.1f}" for score in scores.values())]]


def as_markdown(table: Table) -> str:
    """A table as it should stand in the notebook."""
    under = ["---", *["--:"] * (len(table[0]) - 1)]
    return "\n" + "\n".join(f"| {' | '.join(row)} |" for row in [table[0], under, *table[1:]])


# What the tests are made of, on made-up notebooks.


def stored(*texts: str, tag: str = LENGTH_TAGS[0]) -> Notebook:
    """A made-up notebook whose cell of BLEU by length printed `texts`."""
    outputs = [{"output_type": "stream", "name": "stdout", "text": text} for text in texts]
    return {"cells": [{"cell_type": "code", "source": "1", "outputs": outputs, "metadata": {"tags": [tag]}}]}


def made_up(*cells: tuple[str, str]) -> Notebook:
    """A made-up notebook of (type, source)."""
    return {"cells": [{"cell_type": kind, "source": source, "outputs": [], "metadata": {}} for kind, source in cells]}


MADE_UP_SCORES = dict(zip(LABELS, (30.5, 31.0, 29.0, 28.5, 27.0, 26.5, 20.0), strict=True))
MADE_UP_RUN = {
    "parameters": 10_987_654,
    "test_perplexity": 7.456,
    "bleu_greedy": 26.94,
    "bleu_beam": 27.82,
    "chrf": 45.72,
    "seconds_per_epoch": 203.6,
    "epochs": 16,
    "training_seconds": 3364.8,
    "translate_sentences_per_second": 87.4,
    "peak_memory_mib": 1771.5,
}


@pytest.mark.parametrize("tag", LENGTH_TAGS)
def test_printed_scores_are_read(tag: str) -> None:
    assert scores_by_length(stored(f"before\n{MADE_UP_SCORES}\n", tag=tag)) == MADE_UP_SCORES
    wrong = ["", f"{MADE_UP_SCORES}\n{MADE_UP_SCORES}", str(MADE_UP_SCORES | {"1-7": 0.0}), "{'1-7': 30.5}"]
    for text in wrong:
        with pytest.raises(AssertionError):
            scores_by_length(stored(text, tag=tag))
    with pytest.raises(AssertionError):
        scores_by_length(stored(str(MADE_UP_SCORES), tag="shared:other"))


def test_compared_scores_are_read() -> None:
    source = "names = {1}\nearlier = [stored_by_length(name) for name in names]\nprint(earlier)"
    book, other = stored(str({"tutorial 1": MADE_UP_SCORES})), stored("2")
    for cell in book["cells"]:
        cell["source"] = source
    assert compared_by_length({"cells": other["cells"] + book["cells"]}) == {"tutorial 1": MADE_UP_SCORES}
    for wrong in (other, {"cells": book["cells"] * 2}):
        with pytest.raises(AssertionError):
            compared_by_length(wrong)


def test_tables_are_read_from_their_section() -> None:
    table = comparison([MADE_UP_RUN] * 3)
    book = made_up(
        ("markdown", "# Title\n\n## 1. The idea\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\ntext"),
        ("code", "## 2. no heading"),
        ("markdown", f"more{as_markdown(length_table(MADE_UP_SCORES))}\n\n## 16. Last\n{as_markdown(table)}"),
    )
    assert table_beginning(section(book, 1), "tokens in the source", "1-7") == length_table(MADE_UP_SCORES)
    assert table_beginning(section(book, 16), *COLUMNS[:2]) == table
    assert tables(section(book, 1))[0] == [["a", "b"], ["1", "2"]]
    for number, corner in ((1, ""), (16, "tokens in the source"), (2, "")):
        with pytest.raises(AssertionError):
            table_beginning(section(book, number), corner, COLUMNS[1])


def test_comparison_is_written_as_readers_expect_it() -> None:
    column = [row[1] for row in comparison([MADE_UP_RUN] * 3)[1:]]
    assert column == ["11.0 million", "7.46", "26.9", "27.8", "45.7", "204", "16", "56", "87", "1,772"]


# The tutorials themselves.


def write_run(folder: Path, source: Path, outputs: Mapping[str, str]) -> None:
    """Copy a notebook into a folder; the cells with a key of outputs in their source printed its text."""
    book = notebooks.load(source)
    for cell in notebooks.code_cells(book):
        printed = [text for part, text in outputs.items() if part in cell["source"]]
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": [f"{text}\n"]} for text in printed]
    (folder / source.name).write_text(json.dumps(book, indent=1, ensure_ascii=False), encoding="utf-8")


@pytest.mark.parametrize(("number", "least"), [(1, 30), (2, 31), (3, 41)])
def test_the_stored_run_is_on_the_real_data(number: int, least: float) -> None:
    stored = notebooks.results(notebooks.tutorials()[number - 1])
    assert stored["dataset"] == "multi30k" and stored["bleu_beam"] > least
    assert 1 < stored["test_perplexity"] < 20 and stored["train_pairs"] == 29_000
    # not training < notebook: a notebook may take up a training that was made before
    assert 0 < stored["training_seconds"] < math.inf and 0 < stored["notebook_seconds"] < math.inf


@pytest.mark.parametrize("reader", [2, 3])
def test_stored_scores_are_found_beside_the_notebook(reader: int, tmp_path: Path) -> None:
    paths = notebooks.tutorials()
    stored_by_length = notebooks.definitions(paths[reader - 1]).stored_by_length
    assert stored_by_length(2, tmp_path) == {}  # no notebook
    write_run(tmp_path, paths[1], {})
    assert stored_by_length(2, tmp_path) == {}  # no outputs: its own code is no score
    own = "print({label: round(height, 1) for label, height in zip(labels, heights, strict=True)})"
    other = {label: score + 1 for label, score in MADE_UP_SCORES.items()}
    write_run(tmp_path, paths[1], {own: str(MADE_UP_SCORES), "print(compared)": str({"tutorial 1, LSTM": other})})
    assert str(other) in (tmp_path / paths[1].name).read_text(encoding="utf-8")
    assert stored_by_length(2, tmp_path) == MADE_UP_SCORES  # its own, not those it compares with
    assert stored_by_length(1, tmp_path) == {}


def test_scores_of_tutorial_2_are_those_it_printed() -> None:
    _, second, third = (notebooks.load(path) for path in notebooks.tutorials())
    assert compared_by_length(third)["tutorial 2, GRU"] == scores_by_length(second)


def test_the_bottleneck_is_that_of_tutorial_2() -> None:
    _, second, third = (notebooks.load(path) for path in notebooks.tutorials())
    expected = length_table(scores_by_length(second))
    found = table_beginning(section(third, 1), *expected[0][:2])
    assert found == expected, as_markdown(expected)


def test_the_comparison_is_that_of_the_stored_results() -> None:
    """The column of tutorial 1 is that of its former version."""
    second, third = notebooks.later_tutorials()
    expected = comparison([notebooks.results(path) for path in (second, third)])
    found = table_beginning(section(notebooks.load(third), 16), *COLUMNS[:2])
    assert [row[:1] + row[2:] for row in found] == expected, as_markdown(expected)


@pytest.mark.parametrize("number", [2, 3])
def test_gated_units_start_with_a_long_memory(number: int) -> None:
    """Recurrent weights that keep a state's length, and update gates that keep 73% of it, in every GRU."""
    model = make_translator(notebooks.definitions(notebooks.tutorials()[number - 1])).model
    recurrent = {"weight_hh": "bias_hh", "hidden_to_gates.weight": "hidden_to_gates.bias"}
    found = 0
    for name, weight in model.named_parameters():
        for part, bias in recurrent.items():
            if part in name:
                found += 1
                for block in weight.chunk(3):
                    torch.testing.assert_close(block @ block.T, torch.eye(len(block)), atol=1e-5, rtol=0)
                update = model.get_parameter(name.replace(part, bias)).chunk(3)[1]
                assert torch.equal(update, torch.ones_like(update))
    assert found == 3  # both directions of the encoder, and the decoder


def test_embeddings_start_small_and_are_fed_large(later_tutorial: Path) -> None:
    """A step moves a weight by about the learning rate: rare words learn faster when their vectors are small."""
    model = make_translator(notebooks.definitions(later_tutorial), embedding_dim=256).model
    for part in (model.encoder, model.decoder):
        assert abs(part.embedding.weight.std().item() - 1 / 16) < 0.003
        assert part.embedding_scale == 16
    assert model.decoder.logit_scale == 4
