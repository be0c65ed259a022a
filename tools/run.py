"""Run the tutorials: `python tools/run.py [--dataset FOLDER or OWNER/NAME] [--only N]`.

Without `--dataset` they run with small settings on the corpus in assets/captions, which takes minutes and
needs no network. The executed notebooks and web pages go to build/.
"""

from __future__ import annotations

import ast
import base64
import contextlib
import logging
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from common import (
    CORPUS,
    ROOT,
    Parser,
    ToolError,
    align,
    class_settings,
    clock,
    dataset_argument,
    device,
    execute,
    explain,
    fail,
    has_tag,
    normalise,
    number,
    only_number,
    read_notebook,
    refuse_environment,
    results,
    say,
    tutorials,
    write_notebook,
    write_text,
)
from progress import Progress

# What makes a tutorial quick enough on the embedded corpus; with `--dataset` its own settings hold.
SMALL = {
    "embedding_dim": 128,
    "hidden_dim": 256,
    "dropout": 0.1,
    "batch_size": 32,
    "n_epochs": 9,
    "learning_rate": 4e-3,
    "train_anew": True,  # the code may have changed since the training before
}

OFFLINE = ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_EVALUATE_OFFLINE")
BUILD = "build"
MATHJAX = "mathjax/MathJax.js?config=TeX-AMS-MML_HTMLorMML-full,Safe"
# The copy holds this font alone; without being told, MathJax looks for others and fails on arrows and primes.
MATHJAX_FONT = """<script type="text/x-mathjax-config">
MathJax.Hub.Config({"HTML-CSS": {availableFonts: [], preferredFont: null, webFont: "STIX-Web", imageFont: null}});
</script>
"""
HEADER = ["tutorial", "device", "seconds", "perplexity", "BLEU greedy", "BLEU beam"]


def main(argv: list[str] | None = None, root: Path = ROOT) -> int:
    """Run the tutorials in `root`; return the exit status."""
    arguments = parser().parse_args(argv)
    rows: list[list[str]] = []
    running = None
    try:
        chosen = tutorials(root, arguments.only)
        if not arguments.dataset:
            refuse_environment()
        dataset, settings, offline = data_settings(arguments.dataset, root)
        (root / BUILD).mkdir(exist_ok=True)
        for running in chosen:
            found = run(running, {"dataset": dataset, **settings}, offline, f"Tutorial {number(running)}", root)
            rows.append(row(running, found))
    except (ToolError, OSError) as error:
        return fail(error)
    except KeyboardInterrupt:
        during = f" during tutorial {number(running)}" if running else ""
        go_on = f" With ONLY={number(running)} the same command goes on from the last save." if running else ""
        say(f"Interrupted{during}; the earlier results in {BUILD}/ are as they were.{go_on}\n", sys.stderr)
        return 130
    finally:
        if rows:
            report(rows, embedded=is_embedded(arguments.dataset, root))
    return 0


def parser() -> Parser:
    """The command line."""
    found = Parser(prog="run.py", description="Run the tutorials.")
    found.add_argument("--dataset", help="a folder with the three splits, or a name on the Hub like owner/name")
    found.add_argument("--only", type=only_number, metavar="N", help="run tutorial N alone")
    return found


def is_embedded(dataset: str | None, root: Path) -> bool:
    """Whether `--dataset` stands for the embedded corpus."""
    return not dataset or Path(dataset).expanduser().resolve() == (root / CORPUS).resolve()


def data_settings(dataset: str | None, root: Path) -> tuple[str, dict[str, Any], bool]:
    """The data to hand to the tutorials, the settings that go with it, and whether no network is needed."""
    if dataset:
        found = dataset_argument(dataset, root)
        return found, {}, Path(found).is_absolute()
    if not (root / CORPUS).is_dir():
        raise ToolError(f"Expected the embedded corpus in {CORPUS.as_posix()}, found no such folder.", 2)
    return CORPUS.as_posix(), dict(SMALL), True


def run(path: Path, settings: dict[str, Any], offline: bool, label: str, root: Path) -> dict[str, Any]:
    """Run one tutorial and put the executed notebook and its page into build/; return its results."""
    failed = root / BUILD / f"{path.stem}.failed.ipynb"
    notebook = parametrised(read_notebook(path), settings, path.name)
    notebook.cells.insert(0, note(settings["dataset"], embedded="n_epochs" in settings))
    started = time.time()
    environment = dict.fromkeys(OFFLINE, "1") if offline else {}
    progress = Progress(label, sys.stdout)
    try:
        execute(notebook, root, progress, environment)
        normalise(notebook)
        found = results(notebook, path.name)
        row(path, found)  # incomplete results fail here, before anything is replaced
        page = html(notebook, path.stem, root)
    except Exception as error:
        normalise(notebook)
        write_notebook(notebook, failed)
        why = str(error) if isinstance(error, ToolError) else explain(error)
        if "SEQ2SEQ_DATASET" in why:  # what the tutorial advises those who run it by hand
            why += " With make, add DATASET=folder."
        where = f"{BUILD}/{failed.name}"
        raise ToolError(f"Tutorial {number(path)} stopped: {why} (See {where}.)") from error
    write_notebook(notebook, root / BUILD / path.name)
    write_text(root / BUILD / f"{path.stem}.html", page)
    failed.unlink(missing_ok=True)
    taken = clock(float(found["notebook_seconds"]))
    say(f"{label} done in {taken}: {BUILD}/{path.stem}.html{trained(root, started)}\n")
    return found


def note(dataset: str, embedded: bool) -> Any:
    """A cell for the top of the page that says which run it shows: the text tells of another one."""
    import nbformat

    what = "the small generated corpus, with small settings" if embedded else f"`{Path(dataset).name}`"
    return nbformat.v4.new_markdown_cell(
        f"> **This is a run on {what}.** The text tells of the run on Multi30k that is stored in the repository, so "
        "its scores, times and examples are not those of the outputs below."
    )


def trained(root: Path, since: float) -> str:
    """The translators that were written since then, for people to find them."""
    found = [path for path in root.glob("checkpoints/*/best.pt") if path.stat().st_mtime >= since]
    return "".join(f", {path.relative_to(root).as_posix()}" for path in sorted(found))


def parametrised(notebook: Any, settings: dict[str, Any], name: str) -> Any:
    """`notebook` with `settings` in a cell below the one tagged `parameters`."""
    import nbformat

    (index,) = (place for place, cell in enumerate(notebook.cells) if has_tag(cell, "parameters"))
    nodes = ast.walk(ast.parse(notebook.cells[index].source))
    assigned = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    fields = set(class_settings(notebook))
    if missing := ", ".join(sorted(set(settings) - assigned - fields)):
        raise ToolError(f'"{name}": expected in the cell tagged parameters, but not found: {missing}')
    lines = [f"{key} = {value!r}" for key, value in settings.items() if key in assigned]
    if changed := [f"{key}={value!r}" for key, value in settings.items() if key in fields]:
        lines += ["import dataclasses", f"settings = dataclasses.replace(settings, {', '.join(changed)})"]
    cell = nbformat.v4.new_code_cell("\n".join(lines), metadata={"tags": ["injected-parameters"]})
    notebook.cells.insert(index + 1, cell)
    return notebook


def html(notebook: Any, title: str, root: Path) -> str:
    """The notebook as a web page that needs nothing but the copy of MathJax in build/, and no network."""
    install_mathjax(root / BUILD)
    with quiet_logs("traitlets"):
        from nbconvert import HTMLExporter

        exporter = HTMLExporter(mathjax_url=MATHJAX, require_js_url="", mermaid_js_url="")
        page, _ = exporter.from_notebook_node(notebook, {"metadata": {"name": title}})
    script = f'<script src="{MATHJAX}"'
    if page.count(script) != 1:
        raise ToolError(f"Expected one {script} in the page, found {page.count(script)}.")
    return embed_images(page.replace(script, MATHJAX_FONT + script), root)


def embed_images(page: str, root: Path) -> str:
    """`page` with the images of the repository inside; nbconvert's own way would close every <details> early."""

    def embedded(found: re.Match[str]) -> str:
        path = root / unquote(found["url"])
        if not path.is_file():
            return found[0]
        data = base64.b64encode(path.read_bytes()).decode()
        return f"{found['head']}data:image/{path.suffix[1:]};base64,{data}"

    return re.sub(r'(?P<head><img\b[^>]*?\bsrc=")(?P<url>[^":]+)', embedded, page)


def install_mathjax(folder: Path) -> None:
    """Copy MathJax, which sets the formulas, into `folder` unless it is there."""
    import jupyter_server_mathjax

    if not (folder / "mathjax").is_dir():
        with tempfile.TemporaryDirectory(dir=folder, prefix="mathjax-") as part:
            copy = shutil.copytree(Path(jupyter_server_mathjax.__file__).parent / "static", Path(part) / "mathjax")
            with contextlib.suppress(OSError):  # another run was quicker
                copy.rename(folder / "mathjax")


@contextlib.contextmanager
def quiet_logs(name: str) -> Any:
    """Keep the warnings of the logger `name` off the screen."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def row(path: Path, found: dict[str, Any]) -> list[str]:
    """A tutorial's line of the closing table."""
    try:
        numbers = [f"{found['notebook_seconds']:.0f}"]
        numbers += [f"{found[key]:.2f}" for key in ("test_perplexity", "bleu_greedy", "bleu_beam")]
        return [path.stem, device(found), *numbers]
    except KeyError as error:
        raise ToolError(f'"{path.name}": expected {error} among its results, found no such key.') from None
    except (TypeError, ValueError):
        raise ToolError(f'"{path.name}": expected numbers in its results, found something else.') from None


def report(rows: list[list[str]], embedded: bool) -> None:
    """Print the closing table."""
    say(f"\n{align([HEADER, *rows])}\n")
    if embedded:
        say("\nThese scores are of a small generated corpus: they say nothing about Multi30k.\n")


if __name__ == "__main__":
    sys.exit(main())
