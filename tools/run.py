"""Run the tutorials: `run.py [--dataset FOLDER or OWNER/NAME] [--only N] [--in-place]`.

Executed notebooks and their pages go to build/; with --in-place, the notebooks keep
their new outputs themselves. Without either option, a quick form of each runs on the
small corpus in assets/captions, offline.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[1]
CORPUS = "assets/captions"
# What makes a tutorial quick enough on the small corpus.
SHORT = {"embedding_dim": 128, "dropout": 0.1, "batch_size": 32, "n_epochs": 7}
RECURRENT = SHORT | {"hidden_dim": 256, "learning_rate": 4e-3}
PARALLEL = SHORT | {"n_layers": 2, "learning_rate": 2e-3}
SMALL = {1: RECURRENT, 2: RECURRENT, 3: RECURRENT | {"n_epochs": 5}, 4: RECURRENT}
SMALL |= {5: PARALLEL | {"hidden_dim": 128}, 6: PARALLEL | {"feed_forward_dim": 256}}
SMALL[7] = {}
MATHJAX = "mathjax/MathJax.js?config=TeX-AMS-MML_HTMLorMML-full,Safe"
# The copy in build/ has this font alone; looking for others, it fails on arrows.
FONT = (
    '<script type="text/x-mathjax-config">MathJax.Hub.Config({"HTML-CSS": {'
    'availableFonts: [], preferredFont: null, imageFont: null, webFont: "STIX-Web"'
    "}});</script>"
)
KERNEL = {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
KERNEL |= {"HF_HUB_DISABLE_PROGRESS_BARS": "1"}  # a page can't show these widgets
KERNEL |= {"HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
HEADER = f"{'':34}  seconds  perplexity  BLEU greedy  BLEU beam"
ROW = "Tutorial {tutorial}  {device:22}  {notebook_seconds:7.0f}"
ROW += "  {test_perplexity:10.2f}  {bleu_greedy:11.2f}  {bleu_beam:>9}"


class ToolError(Exception):
    """Something the user can mend; the message is one line."""


class Client(NotebookClient):
    """Shows what a training prints: lines of epochs stay, bars come and go."""

    def output(self, outs, msg, display_id, cell_index):
        if msg["msg_type"] == "stream":
            for piece in re.split(r"[\r\n]+", msg["content"]["text"]):
                if piece.startswith("epoch ") or "%|" in piece:
                    say(piece, stays=piece.startswith("epoch "))
        return super().output(outs, msg, display_id, cell_index)


def main(argv: list[str] | None = None, root: Path = ROOT) -> int:
    """Run the tutorials in root; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dataset")
    parser.add_argument("--only", metavar="N", help="run tutorial N alone")
    parser.add_argument("--in-place", action="store_true", help="refresh the outputs")
    given = parser.parse_args(argv)
    rows, path, status = [], None, 0
    try:
        paths = tutorials(root, given.only)
        dataset = data_argument(given.dataset) if given.dataset else ""
        for path in paths:
            found = run(path, root, dataset, given.in_place)
            rows.append(ROW.format(**{"bleu_beam": "", **found}))
    except (ToolError, OSError) as error:
        print(error, file=sys.stderr)
        status = 1
    except KeyboardInterrupt:
        only = f" with ONLY={path.name[0]}," if path else ""
        message = f"Interrupted:{only} the same command resumes from the last save."
        say("", stays=False)
        print(message, file=sys.stderr, flush=True)
        status = 130
    if rows:
        say("\n".join(["", HEADER, *rows]))
        if found["dataset"] == Path(CORPUS).name:
            say("These scores are of a small generated corpus, not of Multi30k.")
    if status == 130:
        os._exit(130)  # does not wait for the kernel, which ends, too
    return status


def data_argument(name: str) -> str:
    """Return the absolute path of a folder, or a name on the Hub as it is."""
    path = Path(os.path.expanduser(name))
    if path.is_dir():
        return os.path.abspath(path)
    if not re.fullmatch(r"[\w-][\w.-]*/[\w-][\w.-]*", name) or path.parent.is_dir():
        hint = "Give a folder with train, validation and test, or owner/name on the Hub"
        raise ToolError(f"{hint}: there is no folder {name!r}.")
    return name


def run(path: Path, root: Path, dataset: str, in_place: bool) -> dict:
    """Run a tutorial and keep what it shows; return its results."""
    name, build = f"Tutorial {path.name[0]}", root / "build"
    failed, notebook = build / f"{path.stem}.failed.ipynb", read(path)
    environment = os.environ | KERNEL
    environment.pop("SEQ2SEQ_DATASET", None)  # for notebooks that are run by hand
    if dataset:
        environment["SEQ2SEQ_DATASET"] = dataset
    elif not in_place:
        corpus = os.path.relpath(root / CORPUS, path.parent)
        add_settings(notebook, Path(corpus).as_posix(), SMALL[int(path.name[0])])
    if os.path.isabs(dataset) or not (dataset or in_place):
        environment["HF_HUB_OFFLINE"] = "1"
    say(f"{name}: {path.stem[4:]}")
    build.mkdir(exist_ok=True)
    try:
        execute(notebook, path.parent, environment)
        found = results(notebook, path.name)
    except Exception as error:
        write(failed, nbformat.writes(notebook))
        where = f"(See build/{failed.name}.)"
        say("", stays=False)
        raise ToolError(f"{name} stopped: {explained(error)} {where}") from error
    failed.unlink(missing_ok=True)
    if in_place:
        write(path, nbformat.writes(notebook))
        return found
    write(build / path.name, nbformat.writes(notebook))
    write(build / f"{path.stem}.html", page(notebook, path.stem, root))
    say(f"{name} is done: build/{path.stem}.html")
    return found


def add_settings(notebook: NotebookNode, dataset: str, settings: dict) -> None:
    """Add a cell with data and settings below the one tagged parameters."""
    source = f"""\
from dataclasses import replace

dataset = {dataset!r}
train_anew = True  # the code may have changed since
settings = replace(settings, **{settings})"""
    (place,) = (n for n, c in enumerate(notebook.cells) if has_tag(c, "parameters"))
    notebook.cells.insert(place + 1, nbformat.v4.new_code_cell(source))


def execute(notebook: NotebookNode, folder: Path, environment: dict[str, str]) -> None:
    """Execute a notebook in a folder, with this Python; Ctrl-C ends it.

    What was printed before an error is in the notebook.
    """
    for cell in notebook.cells:  # what another run left is no part of this one
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    specs = KernelSpecManager(kernel_dirs=[])  # no kernel that is registered elsewhere
    manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=specs)
    client = Client(
        notebook,
        manager,
        timeout=None,
        startup_timeout=180,
        coalesce_streams=True,
        on_cell_execute=lambda cell, cell_index: say(
            f"cell {cell_index + 1} of {len(notebook.cells)}", stays=False
        ),
    )
    options = {"env": environment, "cwd": str(folder), "cleanup_kc": True}
    options |= dict.fromkeys(("stdout", "stderr"), subprocess.DEVNULL)
    try:  # in a thread, where nbclient leaves Ctrl-C alone
        ThreadPoolExecutor(1).submit(client.execute, **options).result()
    finally:
        normalise(notebook)


def normalise(notebook: NotebookNode) -> None:
    """Remove what differs from run to run without meaning anything."""
    spec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata |= {"kernelspec": spec, "language_info": {"name": "python"}}
    for cell in notebook.cells:
        for key in ("ExecuteTime", "collapsed", "execution", "scrolled"):
            cell.metadata.pop(key, None)
        for output in cell.get("outputs", []):
            if "text" in output:  # a carriage return overwrites what stood there
                output.text = re.sub(r".*\r", "", output.text)
        if cell.cell_type == "code":
            cell.outputs = [one for one in cell.outputs if one.get("text") != ""]


def explained(error: Exception) -> str:
    """Return one line on what stopped a notebook."""
    if isinstance(error, DeadKernelError):
        return "Python died, most likely out of memory."
    name, text = type(error).__name__, str(error)
    if isinstance(error, CellExecutionError):
        name, text = error.ename, error.evalue
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)  # colours
    return f"{name}: " + text.strip().split("\n")[0]


def page(notebook: NotebookNode, title: str, root: Path) -> str:
    """Return a page for build/, which needs no network: build/mathjax and assets/."""
    import jupyter_server_mathjax
    from nbconvert import HTMLExporter  # which takes its time

    resources = {"metadata": {"name": title}}
    mathjax = Path(jupyter_server_mathjax.__file__).parent / "static"
    shutil.copytree(mathjax, root / "build/mathjax", dirs_exist_ok=True)
    exporter = HTMLExporter(mathjax_url=MATHJAX)
    html, _ = exporter.from_notebook_node(notebook, resources)
    html = html.replace("</title>", f"</title>{FONT}", 1)
    return re.sub(r'(?<=src=")(?!data:)[^"]*(?=assets/[^"]+\.png")', "../", html)


def tutorials(root: Path, only: str | None = None) -> list[Path]:
    """Return the tutorials in their order, or number only alone."""
    found = [*root.glob("[0-9] - *.ipynb"), *root.glob("further/[0-9] - *.ipynb")]
    found = sorted(found, key=lambda path: path.name)
    found = [path for path in found if "-Copy" not in path.stem]  # JupyterLab's
    chosen = [path for path in found if only in (None, path.name[0])]
    if not chosen:
        numbers = ", ".join(path.name[0] for path in found) or "none"
        raise ToolError(f"There is no tutorial {only or ''}: ONLY is one of {numbers}.")
    return chosen


def read(path: Path) -> NotebookNode:
    """Read a notebook."""
    try:
        return nbformat.read(path, as_version=4)
    except ValueError:
        raise ToolError(f'"{path.name}" is not a notebook.') from None


def has_tag(cell: dict, tag: str) -> bool:
    """Say whether a cell has a tag."""
    return tag in cell["metadata"].get("tags", [])


def results(notebook: dict, name: str) -> dict:
    """Return the dict to which the cell tagged results evaluated."""
    cells = [cell for cell in notebook["cells"] if has_tag(cell, "results")]
    data = [one.get("data", {}) for cell in cells for one in cell["outputs"]]
    text = "".join("".join(one.get("text/plain", "")) for one in data)
    try:
        return dict(ast.literal_eval(text))
    except (ValueError, TypeError, SyntaxError):
        hint = "its cell tagged results must evaluate to one dict of plain values"
        raise ToolError(f'"{name}": {hint}.') from None


def write(path: Path, text: str) -> None:
    """Write a file so that path holds the old text or the new one, never a part."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(text.rstrip("\n") + "\n", encoding="utf-8", newline="\n")
    part.replace(path)


def say(text: str, stays: bool = True) -> None:
    """Print a line; on a terminal alone also those that do not stay."""
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns - 1
        text = "\r\x1b[K" + (text if stays else text[:width])
    if stays or sys.stdout.isatty():
        print(text, end="\n" if stays else "", flush=True)


if __name__ == "__main__":
    sys.exit(main())
