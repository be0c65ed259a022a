"""Run the experiments behind the tutorials' claims: `benchmark.py [--dataset X] [--only TEXT] [--list] [--table]`.

An experiment is a tutorial with some parameters changed, or a line of its code edited, run once for each seed. Every
finished run is one line of JSON; runs that have their line, from a device of the same name, are skipped, so an
interrupted benchmark goes on where it was, and the tutorials themselves resume after their last whole epoch. Without
`--dataset` a quick form runs on the embedded corpus. `--table` runs nothing: it writes the tables of
benchmarks/README.md and draws its plots.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

from common import (
    CORPUS,
    ROOT,
    Parser,
    ToolError,
    between,
    clock,
    dataset_argument,
    device,
    execute,
    explain,
    fail,
    plain_settings,
    read_notebook,
    results,
    say,
    tutorials,
    write_text,
)
from plots import changes, draw_changes, draw_seeds, fingerprint, save, seed_points, stored_fingerprint
from progress import Progress
from run import OFFLINE, SMALL, parametrised
from tables import (
    ensemble_table,
    paired_table,
    probe_table,
    profile_table,
    read_lines,
    report,
    search_table,
    speed_table,
    stored_line,
    stored_lines,
    words_table,
)

RESULTS = Path("benchmarks") / "results"
QUICK_RESULTS = Path("build") / "benchmark"
PACKAGES = ("torch", "spacy", "datasets", "sacrebleu", "numpy")
SHORT = {"n_epochs": 8}  # ablations compare with a run of their own that is as short


@dataclass(frozen=True)
class Experiment:
    """One tutorial with `changes` to its parameters and `edits`, (old, new), to its code, for each of `seeds`."""

    name: str
    tutorial: int
    changes: Mapping[str, Any] = field(default_factory=dict)
    edits: tuple[tuple[str, str], ...] = ()
    seeds: tuple[int, ...] = (1,)


AS_IT_IS = "as it is"
NO_BUCKETS = (("pad_id: int, pool_size: int = 50) -> DataLoader", "pad_id: int, pool_size: int = 1) -> DataLoader"),)
MODEL = "model = build_model(configuration, src_vocabulary, trg_vocabulary).to(device)"
# After the notebook's own checks, which would fail without the mask.
LOOK_EVERYWHERE = """
attention, with_mask = model.decoder.attention, model.decoder.attention.forward
attention.forward = lambda query, keys, states, mask: with_mask(query, keys, states, torch.ones_like(mask))"""
NO_MASK = ((MODEL, MODEL + LOOK_EVERYWHERE),)
LARGE_SOURCE = (  # PyTorch's default; the words fed start as large as before
    ("std=embedding_dim**-0.5)  # small, so that", "std=1.0)  # large, so that"),
    ("self.embedding_scale = embedding_dim**0.5", "self.embedding_scale = 1.0"),
)
LARGE_SHARED = (  # the words fed and the logits start as large as before
    ("std=embedding_dim**-0.5)  # small, as", "std=embedding_dim**-0.25)  # larger, not as"),
    (
        "self.embedding_scale, self.logit_scale = embedding_dim**0.5, embedding_dim**0.25",
        "self.embedding_scale, self.logit_scale = embedding_dim**0.25, 1.0",
    ),
)
STATE_ALONE = (  # as in the paper: the previous word does not ask
    (
        "Attention(hidden_dim + embedding_dim, state_dim, attention_dim)",
        "Attention(hidden_dim, state_dim, attention_dim)",
    ),
    ("query = torch.cat([hidden, word], dim=1)  # [batch size, hidden dim + embedding dim]", "query = hidden"),
)
PADDED = "        padded = pad_sequence(sentences, batch_first=True, padding_value=pad_id)  # [batch size, longest]\n"
TO_50 = "        padded = padded if sides else F.pad(padded, (0, max(0, 50 - padded.shape[1])), value=pad_id)\n"
MUCH_PADDING = ((PADDED, PADDED + TO_50),)  # of sources, in training and validation

# In the order in which they run: what the text claims first, then what is good to know.
EXPERIMENTS = [
    *(Experiment(AS_IT_IS, number, seeds=(seed,)) for seed in (1, 2, 3) for number in (1, 2, 3)),
    Experiment("longer", 2, {"n_epochs": 20, "dropout": 0.35}),
    Experiment("18 epochs", 3, {"n_epochs": 18}),
    *(Experiment("short", number, SHORT) for number in (3, 2, 1)),
    Experiment("no mask", 3, SHORT, NO_MASK),
    Experiment("padded to 50", 3, SHORT, MUCH_PADDING),
    Experiment("no mask, padded to 50", 3, SHORT, NO_MASK + MUCH_PADDING),
    Experiment("context only at the start", 2, {**SHORT, "context_at_every_step": False}),
    Experiment("source as it is written", 1, {**SHORT, "reverse_source": False}),
    Experiment("the state alone asks", 3, SHORT, STATE_ALONE),
    *(Experiment("source embedding starts at 1", number, SHORT, LARGE_SOURCE) for number in (3, 2)),
    *(Experiment("shared weights start at 1/4", number, SHORT, LARGE_SHARED) for number in (3, 2)),
    *(Experiment("plain shuffle", number, SHORT, NO_BUCKETS) for number in (3, 2)),
    *(Experiment("no label smoothing", number, {**SHORT, "label_smoothing": 0.0}) for number in (3, 2, 1)),
    *(Experiment("float32", number, {**SHORT, "mixed_precision": False}) for number in (3, 2)),
    *(
        Experiment(f"teacher forcing {ratio}", number, {**SHORT, "teacher_forcing_ratio": ratio})
        for ratio in (0.75, 0.5)
        for number in (3, 2)
    ),
    *(
        Experiment(f"minimum frequency {least}", number, {**SHORT, "minimum_frequency": least})
        for least in (1, 3)
        for number in (3, 2, 1)
    ),
]
QUICK = {**SMALL, "n_epochs": 3}
QUICK_NAMES = {AS_IT_IS, "no mask", "context only at the start", "source as it is written"}


def main(argv: list[str] | None = None, root: Path = ROOT) -> int:
    """Run what has no line yet; return the exit status."""
    arguments = parser().parse_args(argv)
    try:
        if arguments.table:
            write_tables(root)
            return 0
        dataset, quick = chosen_dataset(arguments.dataset, root)
        path = lines_path(dataset, quick, root)
        wanted = plan(EXPERIMENTS, done_before(path, root), dataset, quick, arguments.only, root)
        if not wanted:
            raise ToolError(f"No experiment has {arguments.only!r} in its label; --list shows all labels.", 2)
        if arguments.list:
            print("\n".join(f"{one.label}{'' if one.todo else '  (done)'}" for one in wanted))
            return 0
        for one in wanted:
            if one.todo:
                append_line(path, run(one, dataset, quick, root))
        print(report(read_lines(path)))
    except (ToolError, OSError) as error:
        return fail(error)
    except KeyboardInterrupt:
        print(
            "Interrupted; finished runs have their line. The same command goes on from here "
            "(a training that had come to its end, but has no line yet, starts again).",
            file=sys.stderr,
        )
        return 130
    return 0


def parser() -> Parser:
    """The command line."""
    found = Parser(prog="benchmark.py", description="Run the experiments behind the tutorials' claims.")
    found.add_argument("--dataset", help="a folder with the three splits, or a name on the Hub like owner/name")
    found.add_argument("--only", metavar="TEXT", help="only experiments whose label contains this text")
    found.add_argument("--list", action="store_true", help="say what would run, and run nothing")
    found.add_argument(
        "--table", action="store_true", help="write tables and plots of benchmarks/README.md, run nothing"
    )
    return found


def chosen_dataset(name: str | None, root: Path) -> tuple[str, bool]:
    """The data to hand to the tutorials, and whether the quick form runs."""
    return (dataset_argument(name, root), False) if name else (CORPUS.as_posix(), True)


def lines_path(dataset: str, quick: bool, root: Path, kind: str = "") -> Path:
    """The file that keeps the lines of a dataset; those of the quick form are not for keeping."""
    return root / (QUICK_RESULTS if quick else RESULTS) / f"{Path(dataset).name}{kind}.jsonl"


def done_before(path: Path, root: Path) -> list[dict[str, Any]]:
    """The lines of the runs that were finished on this device, those stored in the notebooks among them."""
    lines = read_lines(path)
    for notebook in tutorials(root):
        with contextlib.suppress(ToolError):  # a notebook without outputs
            lines.append(stored_line(notebook, AS_IT_IS))
    here = device_name()
    return [line for line in lines if device(line["results"]).rpartition(",")[0] == here]


def device_name() -> str:
    """The device as the tutorials name it: a GPU's name, or the CPU's number of threads."""
    import torch  # slow to import, and `--table` needs none

    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    threads = torch.get_num_threads()
    return f"CPU, {threads} thread{'s' * (threads > 1)}"


# Planning


@dataclass(frozen=True)
class Run:
    """One run of an experiment: what decides its outcome, and whether it is still to do."""

    experiment: Experiment
    seed: int
    parameters: Mapping[str, Any]
    todo: bool

    @property
    def label(self) -> str:
        """What people read: the tutorial, the experiment, the seed."""
        return f"tutorial {self.experiment.tutorial}, {self.experiment.name}, seed {self.seed}"


def plan(
    experiments: Iterable[Experiment],
    lines: list[dict[str, Any]],
    dataset: str,
    quick: bool,
    only: str | None,
    root: Path,
) -> list[Run]:
    """All runs in their order. One is done when a line of the same name has its very parameters."""
    numbers = {int(path.name[0]): path for path in tutorials(root)}
    done = [(line["tutorial"], line["experiment"], line["dataset"], line["parameters"]) for line in lines]
    found = []
    for experiment in experiments:
        if experiment.tutorial not in numbers or (quick and experiment.name not in QUICK_NAMES):
            continue
        defaults = plain_settings(read_notebook(numbers[experiment.tutorial]))
        for seed in experiment.seeds:
            if quick and seed > 1:
                continue
            small = {name: value for name, value in QUICK.items() if quick and name in defaults}
            changes = {**experiment.changes, **small, "seed": seed}
            if unknown := sorted(set(changes) - set(defaults)):
                raise ToolError(f"Tutorial {experiment.tutorial} has no parameter {', '.join(unknown)}.")
            parameters = {**defaults, **changes}
            key = (experiment.tutorial, experiment.name, Path(dataset).name, parameters)
            one = Run(experiment, seed, parameters, key not in done)
            if only is None or only in one.label:
                found.append(one)
    return found


# Running


def edited(notebook: Any, edits: Iterable[tuple[str, str]]) -> None:
    """Replace code in the notebook's cells; each old text must occur exactly once."""
    for old, new in edits:
        cells = [cell for cell in notebook.cells if cell.cell_type == "code" and old in cell.source]
        if sum(cell.source.count(old) for cell in cells) != 1:
            raise ToolError(f"Expected the code {old!r} exactly once in the notebook; it has changed.")
        cells[0].source = cells[0].source.replace(old, new)


def run(one: Run, dataset: str, quick: bool, root: Path) -> dict[str, Any]:
    """Execute the tutorial with the experiment's changes; return its line."""
    (path,) = tutorials(root, one.experiment.tutorial)
    notebook = read_notebook(path)
    edited(notebook, one.experiment.edits)
    # An edit changes what the checkpoint's name does not know of.
    place = f"checkpoints/benchmark/{one.experiment.name.replace(' ', '-')}"
    settings = {**one.parameters, "dataset": dataset, "checkpoint_folder": place, "train_anew": True}
    notebook = parametrised(notebook, settings, path.name)
    progress = Progress(one.label, sys.stdout)
    offline = quick or os.path.isabs(dataset)
    try:
        execute(notebook, root, progress, dict.fromkeys(OFFLINE, "1") if offline else {})
        found = results(notebook, path.name)
    except Exception as error:
        why = str(error) if isinstance(error, ToolError) else explain(error)
        raise ToolError(f"{one.label} stopped: {why} (Runs finished before have their line.)") from error
    say(f"{one.label} done in {clock(found['notebook_seconds'])}\n")  # an error here would lose the run's line
    return {
        "experiment": one.experiment.name,
        "tutorial": one.experiment.tutorial,
        "dataset": Path(dataset).name,
        "seed": one.seed,
        "edits": [list(edit) for edit in one.experiment.edits],
        "parameters": dict(one.parameters),
        "results": found,
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """The versions that decide the outcome, and the processor that decides the speed."""
    return {
        "python": platform.python_version(),
        "processor": processor(),
        **{name: version(name) for name in PACKAGES},
    }


def processor() -> str:
    """The model of the CPU; where the system does not tell, its kind, such as x86_64."""
    with contextlib.suppress(OSError):  # Linux alone has this file
        found = re.search(r"^model name\s*: *(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
        if found:
            return found[1]
    return platform.processor() or platform.machine()


def append_line(path: Path, line: Mapping[str, Any]) -> None:
    """Add one line of JSON, even if the last one lacks its end; with one write, so that two programs lose nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n"
    with path.open("a+b") as file:
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            text = text if file.read(1) == b"\n" else "\n" + text
        file.write(text.encode())


# Tables and plots


def tables(root: Path) -> tuple[str, str]:
    """benchmarks/README.md as it is, and as the finished runs on Multi30k make it."""
    name = "benchmarks/README.md"
    old = (root / name).read_text(encoding="utf-8")
    kinds = ("", "-paired", "-speed", "-profile", "-search", "-ensemble", "-words", "-probes")
    lines = {kind: read_lines(root / RESULTS / f"multi30k{kind}.jsonl") for kind in kinds}
    new = between(old, "tables", report([*stored_lines(root, AS_IT_IS), *lines[""]]), name)
    new = between(new, "paired", paired_table(lines["-paired"]), name)
    new = between(new, "speed", speed_table(lines["-speed"]), name)
    new = between(new, "profile", profile_table(lines["-profile"]), name)
    new = between(new, "search", search_table(lines["-search"]), name)
    new = between(new, "ensemble", ensemble_table(lines["-ensemble"]), name)
    new = between(new, "words", words_table(lines["-words"]), name)
    return old, between(new, "probes", probe_table(lines["-probes"]), name)


def write_tables(root: Path) -> None:
    """Write the tables of benchmarks/README.md, and draw those plots whose data have changed."""
    old, new = tables(root)
    if old != new:
        write_text(root / "benchmarks" / "README.md", new)
    for name, (draw, data) in plots(root).items():
        path = root / "benchmarks" / "figures" / name
        if data and stored_fingerprint(path) != fingerprint(data):
            save(draw(data), data, path)


def plots(root: Path) -> dict[str, tuple[Callable[[Any], Figure], Any]]:
    """For each plot of the finished runs on Multi30k the function that draws it, and what it shows."""
    lines = [*stored_lines(root, AS_IT_IS), *read_lines(root / RESULTS / "multi30k.jsonl")]
    return {
        "seeds.png": (draw_seeds, seed_points(lines, AS_IT_IS)),
        "changes.png": (draw_changes, changes(lines, "short")),
    }


if __name__ == "__main__":
    sys.exit(main())
