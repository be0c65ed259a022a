"""Execute the tutorials in place, as committed: `python tools/outputs.py [--dataset X] [--only N]`.

The notebooks run with their own settings; what differs from run to run without meaning anything is removed. A
notebook that fails stays as it was.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from common import (
    ROOT,
    Parser,
    ToolError,
    dataset_argument,
    execute,
    explain,
    fail,
    normalise,
    number,
    only_number,
    read_notebook,
    refuse_environment,
    results,
    say,
    tutorials,
    write_notebook,
)
from progress import Progress


def main(argv: list[str] | None = None, root: Path = ROOT) -> int:
    """Refresh the outputs of the tutorials in `root`; return the exit status."""
    arguments = parser().parse_args(argv)
    try:
        environment = {}
        if arguments.dataset:
            environment["SEQ2SEQ_DATASET"] = stored_dataset(arguments.dataset, root)
        else:
            refuse_environment()
        for path in tutorials(root, arguments.only):
            refresh(path, environment, root)
            say(f"Tutorial {number(path)} refreshed.\n")
    except (ToolError, OSError) as error:
        return fail(error)
    except KeyboardInterrupt:
        print("Interrupted; the notebook that was running is as it was.", file=sys.stderr)
        return 130
    return 0


def parser() -> Parser:
    """The command line."""
    found = Parser(prog="outputs.py", description="Execute the tutorials in place.")
    found.add_argument("--dataset", help="a folder or a name on the Hub, handed on as SEQ2SEQ_DATASET")
    found.add_argument("--only", type=only_number, metavar="N", help="refresh tutorial N alone")
    return found


def stored_dataset(name: str, root: Path) -> str:
    """The checked `--dataset`; relative below `root`, so that outputs name no path of the machine."""
    found = dataset_argument(name, root)
    here = os.path.abspath(root)
    if os.path.isabs(found) and Path(found).is_relative_to(here):
        return Path(found).relative_to(here).as_posix()
    return found


def refresh(path: Path, environment: dict[str, str], root: Path) -> None:
    """Execute the notebook at `path` and store it with its outputs."""
    notebook = read_notebook(path)
    progress = Progress(f"Tutorial {number(path)}", sys.stdout)
    try:
        execute(notebook, root, progress, environment)
        normalise(notebook)
        results(notebook, path.name)
    except Exception as error:
        why = str(error) if isinstance(error, ToolError) else explain(error)
        raise ToolError(f"Tutorial {number(path)} stopped: {why} (The notebook is as it was.)") from error
    write_notebook(notebook, path)


if __name__ == "__main__":
    sys.exit(main())
