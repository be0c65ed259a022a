"""Measure what the lessons claim: `benchmark.py [--dataset FOLDER] [--list]`.

An experiment is a tutorial's notebook, executed with other settings, with other code at
one place, or with a cell of cells/ behind it. A finished run is a line in results/ and
is not repeated; after an interruption, the same command resumes from the last save.
Without --dataset, a quick form on the small corpus tries the program: its scores
mean nothing.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import subprocess
import sys
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path

import nbformat
from nbclient import NotebookClient

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

import tables
from run import ROOT, SMALL, ToolError, data_argument, has_tag, tutorials

BUILD, CORPUS = ROOT / "build" / "benchmark", ROOT / "assets" / "captions"
CELLS = ROOT / "benchmarks" / "cells"
TUTORIALS = {int(path.name[0]): path for path in tutorials(ROOT)}
QUICK = {"n_epochs": 1, "embedding_dim": 32, "hidden_dim": 64, "batch_size": 64}


@dataclass(frozen=True)
class Experiment:
    """Tutorials that are executed with one thing changed."""

    name: str
    tutorials: tuple[int, ...]
    settings: dict = field(default_factory=dict)
    edits: tuple[tuple[str, str], ...] = ()  # (old, new) text in the code
    seeds: tuple[int, ...] = (1,)
    epochs: int | None = 8  # with a schedule of that length; None: the tutorial's own
    cell: str = ""  # a file in cells/ that runs in the end


LOOP = """\
state, words, steps = model.encode(src, batch.src_lengths), trg[:, 0], []
        for right in expected.unbind(dim=1):
            logits, state = model.decode_step(words, state)
            steps.append(logits)
            forced = torch.rand(len(right), device=device) < 0.5
            words = torch.where(forced, right, logits.argmax(dim=1))
        logits = torch.stack(steps, dim=1)"""
TEACHER = "logits = model(src, batch.src_lengths, decoder_input)"
FORCING = ((TEACHER, LOOP),)
EPSILON = "20 / (20 + math.exp(5 * scheduler.last_epoch / scheduler.total_steps))"
SAMPLING = ((TEACHER, LOOP.replace("0.5", EPSILON)),)
START_ONLY = (("context[0].unsqueeze(1)", "torch.zeros_like(context[0]).unsqueeze(1)"),)
SCORES = "scores = self.score(query, keys)  # [batch size, src length]"
OFF = ((SCORES, "scores = torch.zeros_like(mask, dtype=values.dtype)"),)
SOURCES = "src = pad_sequence([example.src for example in examples], batch_first=True)"
PAD = "\n    src = F.pad(src, (0, max(0, 50 - src.shape[1])))"
PADDED = ((SOURCES, SOURCES + PAD),)
MASK = "mask = src != Vocabulary.pad_id"
UNMASKED = ((MASK, "mask = torch.ones_like(src, dtype=torch.bool)"),)
STATE_ASKS = (
    ("AdditiveScore(query_dim, value_dim", "AdditiveScore(hidden_dim, value_dim"),
    ("query = torch.cat([hidden, word], dim=1)", "query = hidden"),
)
SHUFFLE = (("50 * batch_size", "batch_size"),)  # pools of one batch: nothing to sort
LARGE = (  # nn.Embedding as it is
    ("nn.init.normal_(self.weight, std=embedding_dim**-0.5)", "pass"),
    ("super().forward(ids) * self.embedding_dim**0.5", "super().forward(ids)"),
    ("self.logit_scale = embedding_dim**0.25", "self.logit_scale = 1.0"),
)
UNTIED = (("self.output_layer.weight = self.embedding.weight", "pass"),)
PLAIN_GRU = (("start_remembering(self.gru)", "pass"),)

EXPERIMENTS = (  # in the order in which they run
    Experiment("seeds", (1, 2, 3, 4, 5, 6), seeds=(1, 2, 3), epochs=None),
    Experiment("8 epochs", (1, 2, 3, 4)),
    Experiment("not reversed", (1,), {"reverse_source": False}),
    Experiment("teacher forcing 0.5", (1,), edits=FORCING),
    Experiment("context only at the start", (2,), edits=START_ONLY),
    Experiment("attention off, all epochs", (3,), edits=OFF, epochs=None),
    Experiment("sources padded to 50", (3,), edits=PADDED),
    Experiment("sources padded to 50, no mask", (3,), edits=PADDED + UNMASKED),
    Experiment("the state alone asks", (3,), edits=STATE_ASKS),
    Experiment("no label smoothing", (1,), {"label_smoothing": 0.0}),
    Experiment("plain shuffle", (1,), edits=SHUFFLE),
    Experiment("embeddings start at 1", (1,), edits=LARGE),
    Experiment("output not tied", (1,), edits=UNTIED),
    Experiment("no start_remembering", (2,), edits=PLAIN_GRU),
    Experiment("dot", (4,), {"score": "dot"}),
    Experiment("concat", (4,), {"score": "concat"}),
    Experiment("input feeding", (4,), {"input_feeding": True}),
    Experiment("monotonic", (4,), {"attention": "monotonic"}),
    Experiment("predictive", (4,), {"attention": "predictive"}),
    Experiment("scheduled sampling", (4,), edits=SAMPLING),
    Experiment("search", (1, 3), epochs=None, cell="search.py"),
    Experiment("ensemble", (1, 2, 3), epochs=None, cell="ensemble.py"),
    Experiment("speed", (1, 3), epochs=None, cell="speed.py"),
)
KEEP = r"""
by_length = []
for low, high in pairwise([1, 8, 10, 12, 14, 17, 21, 1000]):
    rows = [n for n, source in enumerate(test_sources) if low <= len(source) < high]
    texts = translations, references["test"]
    found, right = ([part[row] for row in rows] for part in texts)
    by_length.append(round(bleu_score(found, right), 1) if rows else None)
kept = {"results": results | {"bleu_by_length": by_length}}
kept |= {"measured": measured} if "measured" in globals() else {}
Path(experiment + ".json").write_text(json.dumps(kept))
for name, texts in ((experiment, translations), ("references", references["test"])):
    Path(name + ".txt").write_text("\n".join([*texts, ""]), encoding="utf-8")"""


def main(argv: list[str] | None = None) -> int:
    """Run what has no line yet; return how many runs failed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dataset", help="a folder, or a name on the Hub")
    parser.add_argument("--only", default="", metavar="TEXT", help="what contains it")
    parser.add_argument("--jobs", type=int, default=1, help="runs beside each other")
    parser.add_argument("--again", action="store_true", help="also what has a line")
    parser.add_argument("--list", action="store_true", help="say what there is to run")
    parser.add_argument("--table", action="store_true", help="write README's tables")
    given = parser.parse_args(argv)
    if given.table:
        tables.write()
        return 0
    quick = not given.dataset
    try:
        dataset = data_argument(given.dataset or str(CORPUS))
    except ToolError as error:
        print(error, file=sys.stderr)
        return 1
    if os.path.isabs(dataset):
        os.environ["HF_HUB_OFFLINE"] = "1"
    name = Path(dataset).name
    path = (BUILD if quick else tables.RESULTS) / f"{name}.jsonl"
    some = "teacher forcing" if quick and not given.list else ""  # one, to try
    only = given.only or some
    runs = [run for run in plan(name, quick) if only in label(run)]
    if not runs:
        print(f"No run's name has {only!r} in it: --list shows them.", file=sys.stderr)
        return 1
    lines = [] if given.again else tables.read(path)
    done = [run for run in runs if any(run.items() <= line.items() for line in lines)]
    if given.list:
        print(*(label(run) + " (done)" * (run in done) for run in runs), sep="\n")
        return 0
    if given.jobs > 1:
        os.environ.setdefault("OMP_NUM_THREADS", "1")
    todo = [run for run in runs if run not in done]
    try:
        pool = ThreadPoolExecutor(given.jobs)
        return sum(pool.map(attempt, todo, repeat(dataset), repeat(path)))
    except KeyboardInterrupt:
        print("Interrupted. The same command resumes from the last save.", flush=True)
        os._exit(130)  # does not wait for other runs; their kernels end, too


def plan(dataset: str, quick: bool) -> Iterator[dict]:
    """Yield each run as the beginning of its line."""
    for experiment in EXPERIMENTS:
        for seed in experiment.seeds[:1] if quick else experiment.seeds:
            for tutorial in experiment.tutorials:
                settings = {"n_epochs": experiment.epochs} if experiment.epochs else {}
                known = SMALL[tutorial] if quick else ()
                settings |= {name: QUICK[name] for name in known if name in QUICK}
                settings |= experiment.settings
                run = {"dataset": dataset, "tutorial": tutorial, "seed": seed}
                run |= {"experiment": experiment.name, "settings": settings}
                edits = [list(edit) for edit in experiment.edits]
                yield run | {"edits": edits, "cell": experiment.cell}


def label(run: dict) -> str:
    """Name a run for people."""
    return "tutorial {tutorial}, {experiment}, seed {seed}".format(**run)


def attempt(run: dict, dataset: str, path: Path) -> bool:
    """Do a run and add its line; return whether it failed."""
    print(f"{label(run)}: started", flush=True)
    try:
        found = execute(run, dataset)
    except Exception as error:
        why = getattr(error, "evalue", error)  # of a cell, without the traceback
        print(f"{label(run)}: failed: {why}", flush=True)
        return True
    scores = "perplexity {test_perplexity}, BLEU {bleu_beam}, {notebook_seconds:.0f} s"
    print(f"{label(run)}: {scores.format(**found['results'])}", flush=True)
    if run["cell"]:  # the training may be an earlier one, on another machine
        del found["results"]["training_seconds"]
    tables.append(path, run | found)
    return False


def execute(run: dict, dataset: str) -> dict:
    """Execute the tutorial with the run's changes; return what it has kept."""
    notebook = nbformat.read(TUTORIALS[run["tutorial"]], as_version=4)
    cells = notebook.cells = edited(notebook.cells, run["edits"])
    # The folder's name tells all that decides the training, which is resumed there.
    code = "\n".join([cell.source for cell in cells] + [json.dumps(run["settings"])])
    name = f"{run['tutorial']}-{zlib.crc32(code.encode()):08x}-seed-{run['seed']}"
    folder = BUILD / run["dataset"] / name
    folder.mkdir(parents=True, exist_ok=True)
    changed = run["settings"] | {"seed": run["seed"]}
    (parameters,) = (cell for cell in cells if has_tag(cell, "parameters"))
    parameters.source += f"""
from dataclasses import replace
settings = replace(settings, **{changed})
checkpoint_folder, repository = {str(folder)!r}, Path({str(ROOT)!r})
experiment = {run["experiment"]!r}"""
    last = (CELLS / run["cell"]).read_text(encoding="utf-8") if run["cell"] else ""
    cells += [nbformat.v4.new_code_cell(source) for source in (last, KEEP)]
    environment = os.environ | {"SEQ2SEQ_DATASET": dataset}
    if run["edits"]:  # no assertions: the notebook's are about its own model
        environment["PYTHONOPTIMIZE"] = "1"
    resources = {"metadata": {"path": str(folder)}}
    try:
        client = NotebookClient(notebook, timeout=None, resources=resources)
        client.execute(env=environment, stderr=subprocess.DEVNULL)
    finally:
        nbformat.write(notebook, folder / f"{run['experiment']}.ipynb")
    return json.loads((folder / f"{run['experiment']}.json").read_text("utf-8"))


def edited(cells: list[dict], edits: list[tuple[str, str]]) -> list[dict]:
    """Return the cells that the results need, with new text in place of old.

    They end with the last cell that sets a name which the cell of results reads.
    """
    cells = [cell for cell in cells if cell.cell_type == "code"]
    cells = [cell for cell in cells if not has_tag(cell, "install")]
    (results,) = (cell for cell in cells if has_tag(cell, "results"))
    wanted = names(results, ast.Load) - names(results, ast.Store)
    cells = cells[: cells.index(results)]
    while not wanted & names(cells[-1], ast.Store):
        cells.pop()
    for old, new in edits:
        if not any(old in cell.source for cell in cells):
            raise ValueError(f"No cell has the code {old!r}.")
        for cell in cells:
            cell.source = cell.source.replace(old, new)
    return [*cells, results]


def names(cell: dict, context: type) -> set[str]:
    """Return the names that a cell reads (ast.Load) or sets (ast.Store) by itself."""
    inner = (ast.FunctionDef, ast.ClassDef)
    body = ast.parse(cell.source).body
    outer = [node for node in body if not isinstance(node, inner)]
    found = [node for node in ast.walk(ast.Module(outer, [])) if hasattr(node, "id")]
    return {name.id for name in found if isinstance(name.ctx, context)}


if __name__ == "__main__":
    sys.exit(main())
