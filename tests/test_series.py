"""What the tutorials share, and what they say about each other."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

import notebooks
from notebooks import ROOT, code_cells, load, results, tutorials

LABELS = ["1-7", "8-9", "10-11", "12-13", "14-16", "17-20", "21+"]


def sources(path: Path) -> dict[str, str]:
    """The text of each function and class of a notebook, decorators included."""
    found = {}
    for cell in code_cells(load(path)):
        lines = cell["source"].split("\n")
        for node in notebooks.parse(cell["source"]).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                starts = [node.lineno, *(one.lineno for one in node.decorator_list)]
                found[node.name] = "\n".join(lines[min(starts) - 1 : node.end_lineno])
    return found


def is_folded(cell: dict) -> bool:
    return cell["metadata"].get("cellView") == "form"


def literal(path: Path, name: str):
    """The value of the notebook's one assignment of a literal to this name."""
    nodes = [
        node
        for cell in code_cells(load(path))
        for node in notebooks.parse(cell["source"]).body
    ]
    (found,) = (
        n.value
        for n in nodes
        if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == name
    )
    return ast.literal_eval(found)


def by_length(path: Path) -> dict[str, float]:
    """BLEU by length of the source, from the stored plot's description."""
    outputs = [output for cell in code_cells(load(path)) for output in cell["outputs"]]
    texts = [
        output.get("metadata", {}).get("image/png", {}).get("alt", "")
        for output in outputs
    ]
    (text,) = (one for one in texts if one.startswith("BLEU by the number of tokens"))
    return {
        label: float(score)
        for label, score in re.findall(r"(\d+(?:-\d+|\+)): ([\d.]+)", text)
    }


def test_blocks_are_the_originals_to_the_letter(later_tutorial: Path) -> None:
    """What a folded cell holds is what tutorial 1 or 3 has shown and explained."""
    originals = {str(n): sources(notebooks.tutorial(n)) for n in (1, 3)}
    here = sources(later_tutorial)
    folded = [cell for cell in code_cells(load(later_tutorial)) if is_folded(cell)]
    expected = {"train_epoch": originals["1"]["train_epoch"]}
    for cell in folded:
        body = notebooks.parse(cell["source"]).body
        title, number = re.match(
            r"# @title (.*) \(as in tutorial ([13])\)\n", cell["source"]
        ).groups()
        if title in ("Imports and device", "Scores on the test set", "Results"):
            continue  # not definitions
        assert all(isinstance(node, (ast.FunctionDef, ast.ClassDef)) for node in body)
        original = originals[number]
        expected |= {node.name: original[node.name] for node in body}
    assert {name: here[name] for name in expected} == expected


def test_the_first_lines_of_each_block_say_what_it_is(later_tutorial: Path) -> None:
    """One tokenized sentence, one batch and train_epoch are not folded."""
    cells = [cell for cell in code_cells(load(later_tutorial)) if not is_folded(cell)]
    shown = "\n".join(cell["source"] for cell in cells)
    assert "def train_epoch(" in shown and "print(source_ids(words" in shown
    assert "print(toy_batch.src)" in shown


@pytest.mark.parametrize(
    "number, least", [(1, 32.5), (2, 32), (3, 41), (4, 42), (5, 41), (6, 41)]
)
def test_the_stored_run_is_on_the_real_data(number: int, least: float) -> None:
    stored = results(tutorials()[number - 1])
    assert stored["dataset"] == "multi30k" and stored["train_pairs"] == 29_000
    assert stored["bleu_beam"] > least and 1 < stored["test_perplexity"] < 7


def test_tutorial_2_compares_with_the_stored_run_of_tutorial_1() -> None:
    stored = results(tutorials()[0])
    assert literal(tutorials()[1], "TUTORIAL_1") == {
        "perplexity": stored["test_perplexity"],
        "BLEU greedy": stored["bleu_greedy"],
        "BLEU beam": stored["bleu_beam"],
        "chrF": stored["chrf"],
    }


def test_later_tutorials_compare_with_the_stored_runs(later_tutorial: Path) -> None:
    """Each row of a table that holds scores of tutorials 1 to 3."""
    text = "\n".join(cell["source"] for cell in load(later_tutorial)["cells"])
    runs = [results(path) for path in (*tutorials()[:3], later_tutorial)]
    rows = {
        "perplexity": [f"{run['test_perplexity']:.2f}" for run in runs],
        "BLEU, greedy search": [f"{run['bleu_greedy']:.1f}" for run in runs],
        "BLEU, beam of 5": [f"{run['bleu_beam']:.1f}" for run in runs],
        "chrF": [f"{run['chrf']:.1f}" for run in runs],
        "million weights": [f"{run['parameters'] / 1e6:.1f}" for run in runs],
        "epochs": [str(run["epochs"]) for run in runs],
        "seconds of training": [f"{run['training_seconds']:,.0f}" for run in runs],
        "sentences a second, beam of 5": [
            f"{run['translate_sentences_per_second']:,.0f}" for run in runs
        ],
    }
    for number in (1, 2):
        scores = by_length(tutorials()[number - 1])
        assert list(scores) == LABELS
        rows[f"tutorial {number}"] = [str(score) for score in scores.values()]
    for name, cells in rows.items():
        for row in re.findall(rf"^\| {name} \| (.+) \|$", text, re.MULTILINE):
            found = row.replace(" (CPU)", "").split(" | ")
            assert found == cells[: max(3, len(found))], name
    if "EARLIER = {" in text:
        for name, scores in literal(later_tutorial, "EARLIER").items():
            earlier = by_length(notebooks.tutorial(int(name.split()[-1])))
            assert scores == list(earlier.values())


def test_attention_off_is_the_benchmark() -> None:
    lines = (ROOT / "benchmarks/results/multi30k.jsonl").read_text(encoding="utf-8")
    runs = [json.loads(line) for line in lines.splitlines()]
    *_, off = (one for one in runs if one["experiment"] == "attention off, all epochs")
    found = literal(tutorials()[2], "ATTENTION_OFF")
    assert found == off["results"]["bleu_by_length"]
    text = "\n".join(cell["source"] for cell in load(tutorials()[2])["cells"])
    on = results(tutorials()[2])
    assert f"| none | {on['test_perplexity']:.2f} | {on['bleu_beam']:.1f} |" in text


CLAIMS = [  # a tutorial, and the experiment behind a line of its text
    (1, "8 epochs"),
    (1, "not reversed"),
    (1, "no label smoothing"),
    (1, "output not tied"),
    (1, "plain shuffle"),
    (1, "teacher forcing 0.5"),
    (1, "embeddings start at 1"),
    (2, "8 epochs"),
    (2, "context only at the start"),
    (3, "attention off, all epochs"),
    (3, "8 epochs"),
    (3, "the state alone asks"),
    (3, "sources padded to 50"),
    (3, "sources padded to 50, no mask"),
    (4, "8 epochs"),
    (4, "dot"),
    (4, "concat"),
    (4, "input feeding"),
    (4, "monotonic"),
    (4, "predictive"),
    (4, "scheduled sampling"),
]


@pytest.mark.parametrize("number, experiment", CLAIMS)
def test_what_a_lesson_claims_was_measured(number, experiment) -> None:
    lines = (ROOT / "benchmarks/results/multi30k.jsonl").read_text(encoding="utf-8")
    runs = [json.loads(line) for line in lines.splitlines()]
    wanted = (number, experiment, 1)
    *_, run = (
        one["results"]
        for one in runs
        if (one["tutorial"], one["experiment"], one["seed"]) == wanted
    )
    perplexity, bleu = f"{run['test_perplexity']:.2f}", f"{run['bleu_beam']:.1f}"
    text = "\n".join(cell["source"] for cell in load(tutorials()[number - 1])["cells"])
    assert any(perplexity in line and bleu in line for line in text.splitlines())
