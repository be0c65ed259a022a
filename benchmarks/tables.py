"""Tables of finished runs: mean and standard deviation over the seeds of each experiment."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from common import ToolError, device, number, plain_settings, read_notebook, results, tutorials

# Title of the column, key in the results, digits after the point.
COLUMNS = [
    ("Perplexity", "test_perplexity", 2),
    ("BLEU greedy", "bleu_greedy", 1),
    ("BLEU beam", "bleu_beam", 1),
    ("chrF", "chrf", 1),
    ("Epochs", "epochs", 0),
    ("Seconds an epoch", "seconds_per_epoch", 0),
    ("Tokens a second", "train_tokens_per_second", 0),
    ("Peak memory, MiB", "peak_memory_mib", 0),
]
HEADER = ["Tutorial", "Experiment", "Device", "Seeds", *(title for title, _, _ in COLUMNS)]
SPEEDS = ["Training, tokens a second", "Plain way", "Ratio", "Ratio in float32"]
SPEEDS += ["Translating, sentences a second", "Plain way", "Ratio"]
ALIGNMENT = ["--:", "---", "---", "---", *["--:"] * len(COLUMNS)]


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a results file; none when there is no file. Raises ToolError for a line that is no JSON."""
    if not path.exists():
        return []
    found = []
    for row, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            found.append(json.loads(text))
        except ValueError:
            raise ToolError(f"{path.name}, line {row}: expected JSON. Remove the line to run it again.") from None
    return found


def stored_lines(root: Path, name: str) -> list[dict[str, Any]]:
    """The runs whose outputs are stored in the notebooks, as lines: they need not run again to stand in a table."""
    return [stored_line(path, name) for path in tutorials(root)]


def stored_line(path: Path, name: str) -> dict[str, Any]:
    """The run whose outputs are stored in the notebook, as a line; raises ToolError when it has none."""
    notebook = read_notebook(path)
    found = results(notebook, path.name)
    identity = {"experiment": name, "tutorial": number(path), "dataset": found["dataset"], "seed": found["seed"]}
    return {**identity, "parameters": plain_settings(notebook), "results": found}


def report(lines: Iterable[Mapping[str, Any]]) -> str:
    """A Markdown table with a row for each tutorial, experiment and device; empty without lines.

    A later line of the same experiment, device and seed replaces an earlier one.
    """
    groups: dict[tuple[int, str, str], dict[int, Mapping[str, Any]]] = {}
    for line in lines:
        found = line["results"]
        groups.setdefault((line["tutorial"], line["experiment"], device(found)), {})[line["seed"]] = found
    if not groups:
        return ""
    rows = [HEADER, ALIGNMENT]
    for (tutorial, experiment, where), runs in sorted(groups.items(), key=lambda group: group[0][0]):
        seeds = ", ".join(map(str, sorted(runs)))
        cells = [[run[key] for run in runs.values() if key in run] for _, key, _ in COLUMNS]
        cells = [spread(values, digits) if values else "" for values, (*_, digits) in zip(cells, COLUMNS, strict=True)]
        rows.append([str(tutorial), experiment, where, seeds, *cells])
    return markdown(rows)


def markdown(rows: Iterable[list[str]]) -> str:
    """Rows of cells as a Markdown table."""
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def spread(values: list[float], digits: int) -> str:
    """The mean, and the standard deviation when there are several values: 28.4 ± 0.3."""
    mean = f"{statistics.mean(values):,.{digits}f}"
    return f"{mean} ± {statistics.stdev(values):,.{digits}f}" if len(values) > 1 else mean


# What measure.py measures


def ratios(line: Mapping[str, Any], what: str, way: str = "tutorial") -> str:
    """How many times faster than the plain way a way is, over the rounds: 3.4 ± 0.1."""
    return spread([one / other for one, other in zip(line[what][way], line[what]["plain"], strict=True)], 1)


def speed_table(lines: Iterable[Mapping[str, Any]]) -> str:
    """A Markdown table with a row for each measurement of speed; empty without any."""
    rows = [
        ["Tutorial", "Device", *SPEEDS],
        ["--:", "---", *["--:"] * len(SPEEDS)],
    ]
    for line in sorted(lines, key=lambda line: line["tutorial"]):
        training, translating = line["training"], line["translating"]
        cells = [spread(training["tutorial"], 0), spread(training["plain"], 0)]
        cells += [ratios(line, "training"), ratios(line, "training", "tutorial, float32")]
        cells += [spread(translating["tutorial"], 1), spread(translating["plain"], 1), ratios(line, "translating")]
        rows.append([str(line["tutorial"]), f"{line['device']}, {line['precision']}", *cells])
    return markdown(rows) if len(rows) > 2 else ""


def profile_table(lines: Iterable[Mapping[str, Any]]) -> str:
    """A Markdown table with a row for each profile; empty without any."""
    titles = ["Tutorial", "Device", "Products in a step, GFLOP a second", "One large product", "Share"]
    rows = [[*titles, "Most of the step's time"], ["--:", "---", "--:", "--:", "--:", "---"]]
    for line in sorted(lines, key=lambda line: line["tutorial"]):
        share = f"{line['gflops'] / line['gflops_product']:.0%}"
        operations = sorted(line["operations"].items(), key=lambda item: -item[1])
        most = ", ".join(f"`{name}` {part:.0%}" for name, part in operations)
        cells = [f"{line['gflops']:,.0f}", f"{line['gflops_product']:,.0f}", share, most]
        rows.append([str(line["tutorial"]), f"{line['device']}, {line['precision']}", *cells])
    return markdown(rows) if len(rows) > 2 else ""


def paired_table(lines: Iterable[Mapping[str, Any]]) -> str:
    """A Markdown table with a row for each comparison; empty without any."""
    rows = [["Compared", "BLEU", "Difference", "p", "chrF", "p"], ["---", "--:", "--:", "--:", "--:", "--:"]]
    for line in lines:
        for one in line["comparisons"]:
            cells = [" and ".join(one["bleu"])]
            cells.append(" and ".join(f"{bleu:.2f} ± {one['ci'][name]:.2f}" for name, bleu in one["bleu"].items()))
            low, high = one["difference"]
            cells += [f"{low:+.2f} to {high:+.2f}", f"{one['p']:.3f}"]
            cells += [" and ".join(f"{value:.2f}" for value in one["chrf"].values()), f"{one['p_chrf']:.3f}"]
            rows.append(cells)
    return markdown(rows) if len(rows) > 2 else ""


def search_table(lines: Iterable[Mapping[str, Any]]) -> str:
    """A Markdown table with a row for each model and beam size, a column for each power; empty without lines."""
    rows = []
    for line in sorted(lines, key=lambda line: line["tutorial"]):
        powers = sorted({one["length_normalisation"] for one in line["grid"]})
        if not rows:
            rows = [["Tutorial", "Model", "Beam", *(f"Power {power:g}" for power in powers), "Sentences a second"]]
            rows.append(["--:", "---", "--:", *["--:"] * (len(powers) + 1)])
        groups: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
        for one in line["grid"]:
            groups.setdefault((one["model"], one["beam_size"]), []).append(one)
        for (model, beam_size), group in groups.items():
            bleu = {one["length_normalisation"]: f"{one['bleu']:.2f}" for one in group}
            rate = statistics.mean(one["sentences_per_second"] for one in group)
            cells = [bleu.get(power, "") for power in powers]
            rows.append([str(line["tutorial"]), model, str(beam_size), *cells, f"{rate:.0f}"])
    return markdown(rows)


def ensemble_table(lines: Iterable[Mapping[str, Any]]) -> str:
    """A Markdown table with a row for each ensemble, beside its models alone; empty without any."""
    titles = ["Tutorial", "Models", "Validation, one model", "together", "Test BLEU, one model", "together"]
    rows = [[*titles, "Test chrF, one model", "together"], ["--:"] * (len(titles) + 2)]
    for line in sorted(lines, key=lambda line: line["tutorial"]):
        *alone, together = line["models"]
        cells = [str(line["tutorial"]), str(len(alone))]
        for key, digits in (("validation_bleu", 2), ("bleu", 2), ("chrf", 1)):
            cells += [spread([one[key] for one in alone], digits), f"{together[key]:.{digits}f}"]
        rows.append(cells)
    return markdown(rows) if len(rows) > 2 else ""


def words_table(lines: Iterable[Mapping[str, Any]]) -> str:
    """A Markdown table with a row for each model, a column for each group of words; empty without lines."""
    rows = []
    for line in sorted(lines, key=lambda line: line["tutorial"]):
        for model in line["models"]:
            if not rows:
                groups = [one["times"] for one in model["groups"]]
                titles = [f"{low} to {high} times" if high else f"{low} times or more" for low, high in groups]
                rows = [["Tutorial", "Model", *titles], ["--:", "---", *["--:"] * len(titles)]]
            shares = [(one["written"] / max(one["words"], 1), one["words"]) for one in model["groups"]]
            cells = [f"{share:.1%} of {total:,}" for share, total in shares]
            rows.append([str(line["tutorial"]), model["model"], *cells])
    return markdown(rows)


def probe_table(lines: Iterable[Mapping[str, Any]]) -> str:
    """A Markdown table with a row for each broken-off training: perplexity / greedy BLEU after each epoch."""
    lines = list(lines)
    if not lines:
        return ""
    shown = range(1, max(len(line["epochs"]) for line in lines) + 1)
    rows = [["Tutorial", "Changed", "Batch size", "Schedule", *(f"Epoch {epoch}" for epoch in shown)]]
    rows.append(["--:", "---", "--:", "--:", *["--:"] * len(shown)])
    for line in lines:
        settings = line["settings"]
        found = {one["epoch"]: f"{one['perplexity']:.2f} / {one['bleu_greedy']:.2f}" for one in line["epochs"]}
        cells = [str(line["tutorial"]), line["changed"], str(settings["batch_size"])]
        cells += [f"{settings['schedule_epochs']} epochs", *(found.get(epoch, "") for epoch in shown)]
        rows.append(cells)
    return markdown(rows)
