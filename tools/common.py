"""What the tools share: find, read, execute, clean and write the tutorial notebooks."""

from __future__ import annotations

import argparse
import ast
import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn, TextIO

ROOT = Path(__file__).resolve().parents[1]
CORPUS = Path("assets") / "captions"
DATA_SUFFIXES = {".arrow", ".csv", ".de", ".en", ".gz", ".json", ".jsonl", ".parquet", ".tsv", ".txt", ".zip"}
HUB_NAME = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*", re.ASCII)
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

# Errors that the tutorials raise about the data, with a message that needs no explanation.
EXPLAINED_ERRORS = {"ValueError", "FileNotFoundError", "ConnectionError"}
WIDGET_TYPES = {"application/vnd.jupyter.widget-view+json", "application/vnd.jupyter.widget-state+json"}


class ToolError(Exception):
    """Something the user can mend: the message is one line, `status` is the exit status."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(one_line(message))
        self.status = status


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Print `message` alone, without the usage, and leave with status 2."""
        self.exit(2, f"{self.prog}: {message}\n")


def fail(error: ToolError | OSError) -> int:
    """Print `error` as one line; return the exit status."""
    say(f"{one_line(str(error))}\n", sys.stderr)
    return getattr(error, "status", 1)


def say(text: str, stream: TextIO | None = None) -> None:
    """Write `text` to a stream, by default to stdout; one that is gone, as a closed terminal is, stops nothing."""
    stream = stream or sys.stdout
    try:
        stream.write(text)
        stream.flush()
    except OSError:
        with contextlib.suppress(OSError, ValueError):  # what is still in its buffer must not fail at exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def one_line(text: str) -> str:
    """`text` without colours and line breaks."""
    return " ".join(ANSI.sub("", text).split())


def clock(seconds: float) -> str:
    """Seconds as minutes and seconds: 83 is 1:23."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def align(rows: list[list[str]], left: int = 2) -> str:
    """`rows` as lines with aligned columns: the first `left` to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    pads = [str.ljust] * left + [str.rjust] * (len(widths) - left)
    cells = ([pad(cell, width) for pad, cell, width in zip(pads, row, widths, strict=True)] for row in rows)
    return "\n".join("  ".join(row).rstrip() for row in cells)


# Files


def number(path: Path) -> int:
    """The number a tutorial's file name begins with."""
    return int(path.name[0])


def tutorials(root: Path, only: int | None = None) -> list[Path]:
    """The tutorials in `root` in their order, or just number `only`."""
    found = sorted(path for path in root.glob("[0-9] - *.ipynb") if "-Copy" not in path.stem)  # JupyterLab's copies
    if not found:
        raise ToolError('No tutorial found: expected notebooks named like "1 - Title.ipynb".', 2)
    chosen = [path for path in found if only in (None, number(path))]
    if not chosen:
        numbers = ", ".join(str(number(path)) for path in found)
        raise ToolError(f"No tutorial {only}: expected one of {numbers}.", 2)
    return chosen


def read_notebook(path: Path) -> Any:
    """Read a notebook; every cell gets an id if it has none."""
    import nbformat
    from nbformat.validator import normalize

    try:
        notebook = nbformat.v4.reads(path.read_text(encoding="utf-8"))
        return normalize(notebook, version=4, version_minor=5)[1]
    except (ValueError, LookupError, TypeError, AttributeError):
        raise ToolError(f'"{path.name}" is not a notebook: expected JSON with a list of cells.', 2) from None


def write_notebook(notebook: Any, path: Path) -> None:
    """Write a notebook the way Jupyter does: all of it or nothing."""
    import nbformat

    write_text(path, nbformat.v4.writes(notebook).rstrip("\n") + "\n")


def write_text(path: Path, text: str) -> None:
    """Write `text` under a temporary name and move it to `path` once it is complete."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def between(text: str, marker: str, content: str, where: str) -> str:
    """`text` with `content`, lines of its own, between `<!-- marker -->` and `<!-- /marker -->`."""
    start, end = f"<!-- {marker} -->", f"<!-- /{marker} -->"
    if text.count(start) != 1 or text.count(end) != 1 or text.index(start) > text.index(end):
        raise ToolError(f"{where}: expected {start} and then {end}, once each.")
    head, rest = text.split(start)
    tail = rest.split(end)[1]
    return f"{head}{start}\n{content.strip()}\n{end}{tail}" if content else f"{head}{start}\n{end}{tail}"


def dataset_argument(name: str, root: Path) -> str:
    """Check `--dataset`: an existing folder becomes an absolute path, a Hub name stays as it is."""
    try:
        path = Path(name).expanduser()
    except RuntimeError:  # ~somebody who has no home here
        raise ToolError(f"Expected an existing folder, found no home folder for: {name}", 2) from None
    if path.is_dir():
        return os.path.abspath(path)  # a link keeps its name, which names the data in the results
    if path.exists():
        raise ToolError(f"Expected a folder with the three splits, found a file: {name}", 2)
    looks_like_path = name.startswith((".", "/", "~", os.sep)) or "\\" in name or name.count("/") > 1
    in_a_folder = "/" in name and (path.parent.is_dir() or (root / path.parent).is_dir())
    if looks_like_path or in_a_folder or path.suffix.lower() in DATA_SUFFIXES:
        raise ToolError(f"Expected an existing folder, found nothing at: {name}", 2)
    if not HUB_NAME.fullmatch(name):
        message = f"Expected an existing folder or a name on the Hub like owner/name, found no folder: {name!r}"
        raise ToolError(message, 2)
    return name


def refuse_environment() -> None:
    """Raise ToolError when SEQ2SEQ_DATASET names data that no option names: it is for notebooks run by hand."""
    if name := os.environ.get("SEQ2SEQ_DATASET"):
        raise ToolError(
            f"Expected no SEQ2SEQ_DATASET in the environment, found {name}: unset it, or add DATASET={name} to make.", 2
        )


def only_number(text: str) -> int:
    """The number in ONLY=N; for argparse."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected the number of one tutorial, as in ONLY=2, found {text!r}")
    return int(text)


# Contents


def has_tag(cell: Mapping[str, Any], tag: str) -> bool:
    """Whether `cell` carries `tag`."""
    return tag in cell.get("metadata", {}).get("tags", [])


def results(notebook: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The dict to which the cell tagged `results` evaluated, as stored in `notebook`."""
    outputs = [out for cell in notebook["cells"] if has_tag(cell, "results") for out in cell["outputs"]]
    text = "".join("".join(out["data"].get("text/plain", "")) for out in outputs if "data" in out)
    try:
        found = ast.literal_eval(re.sub(r"\bnan\b", "None", text))  # a number that the machine can't tell
    except (ValueError, SyntaxError):
        found = None
    if not isinstance(found, dict):
        raise ToolError(f'"{name}": expected the cell tagged results to evaluate to one dict.')
    return found


def device(found: Mapping[str, Any]) -> str:
    """The device and the precision in a tutorial's results, for people: CPU, 2 threads, float32."""
    name = re.sub(r"^cpu, threads: (\d+)$", r"CPU, \1 threads", str(found["device"]))
    name = re.sub(r"\b1 threads", "1 thread", name)
    return f"{name}, {found.get('precision', 'float32')}"


def class_settings(notebook: Mapping[str, Any]) -> dict[str, ast.expr]:
    """The settings in the class `Settings`; none where each setting is an assignment of its own."""
    sources = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    trees = [ast.parse(source) for source in sources if "class Settings:" in source]
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.AnnAssign)]
    return {node.target.id: node.value for node in nodes}


def plain_settings(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """The settings whose values stand in the class `Settings` and in the cells tagged `parameters`, and are no call."""
    written = class_settings(notebook)
    for cell in notebook["cells"]:
        if has_tag(cell, "parameters"):
            for node in ast.parse("".join(cell["source"])).body:
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    written[node.targets[0].id] = node.value
    found = {}
    for name, value in written.items():
        with contextlib.suppress(ValueError):  # a call such as os.environ.get
            found[name] = ast.literal_eval(value)
    return found


def settle(text: str) -> str:
    """`text` as a terminal leaves it: what a carriage return overwrites is gone."""

    def settled(line: str) -> str:
        shown = ""
        for piece in line.split("\r"):
            shown = piece + shown[len(piece) :]
        return shown.rstrip()

    return "\n".join(settled(line) for line in text.split("\n"))


def normalise(notebook: Any) -> None:
    """Remove from an executed notebook all that differs from run to run without meaning anything."""
    for key in ("widgets", "signature"):
        notebook.metadata.pop(key, None)
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata["language_info"] = {"name": "python"}
    count = 0
    for cell in notebook.cells:
        for key in ("ExecuteTime", "collapsed", "execution", "scrolled"):
            cell.metadata.pop(key, None)
        if not cell.metadata.get("tags", True):
            del cell.metadata["tags"]
        if cell.cell_type == "code":
            executed = cell.execution_count is not None
            count += executed
            cell.execution_count = count if executed else None
            cell.outputs = _normalised_outputs(cell.outputs, count)


def _normalised_outputs(outputs: list[Any], count: int) -> list[Any]:
    """Merge the pieces of a stream, drop empty ones and widgets, renumber the results."""
    kept: list[Any] = []
    for output in outputs:
        if output.output_type == "stream" and kept and kept[-1].get("name") == output.name:
            kept[-1].text += output.text
            continue
        if "data" in output:
            output.data = {kind: data for kind, data in output.data.items() if kind not in WIDGET_TYPES}
        if output.output_type == "execute_result":
            output.execution_count = count
        kept.append(output)
    for output in kept:
        if output.output_type == "stream":
            output.text = settle(output.text)
    return [output for output in kept if output.get("text", output.get("data", True))]


# Execution


def _client_class() -> type:
    """nbclient's client with a kernel, signals and a progress display of our own."""
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    class ThisPython(AsyncKernelManager):
        """Starts the kernel of the running Python, whatever kernels are registered on the machine."""

        @property
        def kernel_spec(self) -> KernelSpec:
            command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return KernelSpec(argv=command, display_name="Python 3", language="python")

    class Client(NotebookClient):
        """Reports cells and printed text to `progress`."""

        progress: Any = None

        def create_kernel_manager(self) -> AsyncKernelManager:
            self.km = ThisPython(kernel_name="python3")
            return self.km

        @contextlib.asynccontextmanager
        async def async_setup_kernel(self, **kwargs: Any) -> AsyncIterator[None]:
            """Like nbclient's, but without its signal handlers: they make Ctrl-C a dead kernel."""
            self.create_kernel_manager()
            try:
                await self.async_start_new_kernel(**kwargs)
                await self.async_start_new_kernel_client()
                yield
            finally:
                await self._async_cleanup_kernel()

        def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
            if msg["msg_type"] == "stream" and msg["content"]["name"] == "stdout":
                self.progress.text(msg["content"]["text"])
            return super().process_message(msg, cell, cell_index)

    return Client


@contextlib.contextmanager
def _kernel_environment(extra: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The kernel's environment: no start-up files of the user's, plots in the notebook, no idle warnings."""
    with tempfile.TemporaryDirectory(prefix="tutorial-") as folder:
        quiet = {"PYDEVD_DISABLE_FILE_VALIDATION": "1", "IPYTHONDIR": folder, "HF_HUB_VERBOSITY": "error"}
        quiet["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"  # another one would show no plot
        yield {**os.environ, **quiet, **extra}


def execute(notebook: Any, root: Path, progress: Any, extra_environment: Mapping[str, str]) -> None:
    """Execute `notebook` in place from the folder `root`; Ctrl-C raises KeyboardInterrupt.

    What was printed before an error stays in `notebook`.
    """
    client = _client_class()(
        notebook,
        timeout=None,
        startup_timeout=180,
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        shutdown_kernel="immediate",
        resources={"metadata": {"path": str(root)}},
    )
    client.progress = progress
    for cell in notebook.cells:  # what another run left is no part of this one
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    code_cells = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code" and cell.source.strip()]
    client.on_cell_execute = lambda cell, cell_index: progress.cell(code_cells.index(cell_index) + 1, len(code_cells))
    interrupted = False

    async def session() -> None:
        this = asyncio.current_task()

        def interrupt() -> None:
            nonlocal interrupted
            interrupted = True
            this.cancel()

        with contextlib.suppress(NotImplementedError, RuntimeError):  # not on Windows, not in a thread
            asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupt)
        ticker = asyncio.ensure_future(progress.keep_ticking())
        try:
            with _kernel_environment(extra_environment) as environment:
                streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
                await client.async_execute(env=environment, **streams)
        finally:
            ticker.cancel()

    try:
        asyncio.run(session())
    except (Exception, asyncio.CancelledError):
        if interrupted:
            raise KeyboardInterrupt from None
        raise
    finally:
        progress.close()


def explain(error: Exception) -> str:
    """One line for what stopped a notebook."""
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    if isinstance(error, CellExecutionError):
        message = one_line(error.evalue)
        explained = message and error.ename in EXPLAINED_ERRORS
        return message if explained else f"{error.ename}: {message}".rstrip(": ")
    if isinstance(error, DeadKernelError):
        return "Python died while it ran the notebook; most often the memory was not enough."
    return f"{type(error).__name__}: {one_line(str(error))}".rstrip(": ")
