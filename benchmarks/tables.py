"""The lines in results/, and the tables of README.md that are made from them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from statistics import mean, median

from readme import between

HERE = Path(__file__).resolve().parent
RESULTS, README = HERE / "results", HERE / "README.md"
TUTORIALS = (1, 2, 3, 4, 5, 6)
FIRST = TUTORIALS[:3]  # whose search and ensembles are measured
MISSING = "not measured yet"


def read(path: Path) -> list[dict]:
    """Return the lines of a file; none if there is no file."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [json.loads(line) for line in text.splitlines()]


def append(path: Path, line: dict) -> None:
    """Add a line with one write: another program may add its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")


def write() -> None:
    """Write the tables of README.md."""
    text = with_tables(README.read_text("utf-8"), read(RESULTS / "multi30k.jsonl"))
    README.write_text(text, encoding="utf-8")


def with_tables(text: str, lines: list[dict]) -> str:
    """Return a text with the tables between their markers, `<!-- search -->` ..."""
    for table in (headline, changes, speed, search, ensemble):
        text = between(text, table.__name__, table(lines) or MISSING, README)
    return text


def markdown(head: list[str], rows: Iterable[list[str]], left: int = 1) -> str:
    """Return a table, aligned to the left in the first columns; "" without rows."""
    rows = list(rows)
    rule = ["---"] * left + ["--:"] * (len(head) - left)
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, rule, *rows] if rows)


def chosen(lines: list[dict], tutorial: int, experiment: str) -> list[dict]:
    """Return the lines of an experiment with a tutorial."""
    wanted = (tutorial, experiment)
    return [one for one in lines if (one["tutorial"], one["experiment"]) == wanted]


def found(lines: list[dict], tutorial: int, experiment: str, key="results") -> dict:
    """Return what an experiment has found, {seed: dict}; its last lines count."""
    return {one["seed"]: one[key] for one in chosen(lines, tutorial, experiment)}


def full_runs(lines: list[dict], tutorial: int) -> list[dict]:
    """Return the results of a tutorial as it is: all seeds, on all machines."""
    return [one["results"] for one in chosen(lines, tutorial, "seeds")]


def averaged(values: list[float], digits: int = 1) -> str:
    """Return the mean and, of several values, the lowest and the highest."""
    text = f"{mean(values):.{digits}f}"
    if len(values) > 1:
        text += f" ({min(values):.{digits}f} to {max(values):.{digits}f})"
    return text


def headline(lines: list[dict]) -> str:
    """The tutorials as they are."""
    head = ["Tutorial", "Runs", "Perplexity", "BLEU, greedy", "BLEU, beam", "chrF"]
    digits = {"test_perplexity": 2, "bleu_greedy": 1, "bleu_beam": 1, "chrf": 1}
    rows = []
    for tutorial in TUTORIALS:
        runs = full_runs(lines, tutorial)
        if runs:
            row = [averaged([run[key] for run in runs], digits[key]) for key in digits]
            fastest = min(runs, key=lambda run: run["training_seconds"])
            time = f"{fastest['training_seconds'] / 60:.1f}: {fastest['device']}"
            rows.append([str(tutorial), str(len(runs)), *row, time])
    return markdown([*head, "Minutes of training"], rows)


def changes(lines: list[dict]) -> str:
    """One change at a time: perplexity / BLEU / difference to a run that is as long."""
    names = {line["experiment"] for line in lines if not line.get("cell")} - {"seeds"}
    columns = [n for n in TUTORIALS if any(found(lines, n, name) for name in names)]
    rows = []
    for name in sorted(names):
        rows.append([name, *(change(lines, number, name) for number in columns)])
    spreads = []
    for number in columns:
        several = len(full_runs(lines, number)) > 1
        spreads.append(f"{spread(lines, number):.1f}" if several else "one run so far")
    rows += [["*spread of full runs*", *spreads]] * bool(rows)
    return markdown(["Change", *(f"Tutorial {number}" for number in columns)], rows)


def spread(lines: list[dict], tutorial: int) -> float:
    """Return how far the full runs of a tutorial lie apart in BLEU."""
    scores = [run["bleu_beam"] for run in full_runs(lines, tutorial)] or [0.0]
    return max(scores) - min(scores)


def change(lines: list[dict], tutorial: int, name: str) -> str:
    """Return a cell of the table of changes."""
    runs = found(lines, tutorial, name)
    if not runs:
        return ""
    cell = [f"{mean(run['test_perplexity'] for run in runs.values()):.2f}"]
    cell.append(f"{mean(run['bleu_beam'] for run in runs.values()):.1f}")
    short = found(lines, tutorial, "8 epochs")
    epochs = {run["epochs"] for run in short.values()}
    is_short = all(run["epochs"] in epochs for run in runs.values())
    bases = short if is_short else found(lines, tutorial, "seeds")
    pairs = [(runs[seed], bases[seed]) for seed in runs if seed in bases]
    if pairs and name != "8 epochs":
        lost = mean(run["bleu_beam"] - base["bleu_beam"] for run, base in pairs)
        none = abs(lost) <= spread(lines, tutorial)
        cell.append("none" if none else f"{lost:+.1f}")
    return " / ".join(cell)


def speed(lines: list[dict]) -> str:
    """The ladder on each device: rates, and how many times that of the rung before."""
    measured = [line for line in lines if line["experiment"] == "speed"]
    tables = []
    for device in dict.fromkeys(line["results"]["device"] for line in measured):
        here = [line for line in measured if line["results"]["device"] == device]
        runs = {line["tutorial"]: line["measured"] for line in here}
        rows = []
        for what in ("training", "greedy search", "beam of 5"):
            ladders = [runs[number].get(what, {}) for number in sorted(runs)]
            for rung in max(ladders, key=len):
                rows.append([what, rung, *(step(ladder, rung) for ladder in ladders)])
        head = ["", device, *(f"Tutorial {number}" for number in sorted(runs))]
        tables.append(markdown(head, rows, left=2))
    return "\n\n".join(tables)


def step(ladder: dict[str, list[float]], rung: str) -> str:
    """Return a rate, its ratio to the rung before and, at the top, to the foot."""
    if rung not in ladder:
        return ""
    rates = {name: median(found) for name, found in ladder.items()}
    *below, here = list(rates.values())[: list(rates).index(rung) + 1]
    ratios = [f"×{here / below[-1]:.1f}"] if below else []
    if len(below) > 1 and rung == list(rates)[-1]:
        ratios.append(f"in all ×{here / below[0]:.1f}")
    return f"{here:,.0f}" + (f" ({', '.join(ratios)})" if ratios else "")


def search(lines: list[dict]) -> str:
    """Validation BLEU by the size of the beam and the length penalty."""
    rows, penalties = [], ["0.0", "0.5", "1.0", "1.5"]
    for tutorial in FIRST:
        grid = found(lines, tutorial, "search", "measured").get(1, {})
        for size, scores in grid.items():
            cells = [f"{scores[p]:.1f}" if p in scores else "" for p in penalties]
            rows.append([str(tutorial), size, *cells])
    return markdown(["Tutorial", "Beam", *(f"Penalty {p}" for p in penalties)], rows, 2)


def ensemble(lines: list[dict]) -> str:
    """Test BLEU of models alone and together."""
    rows = []
    for tutorial in FIRST:
        for run in found(lines, tutorial, "ensemble", "measured").values():
            cells = [str(len(run["alone"])), averaged(run["alone"])]
            rows.append([str(tutorial), *cells, f"{run['together']:.1f}"])
    return markdown(["Tutorial", "Models", "BLEU alone", "BLEU together"], rows)
