"""What make does for a user, tried on a tiny notebook that trains nothing."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, writes

import lab
import readme
import run
from notebooks import ROOT, definitions, results, tutorials

NAME, FAILED = "1 - Made Up.ipynb", "build/1 - Made Up.failed.ipynb"
NEW = {f"build/{NAME}", "build/1 - Made Up.html"}
TITLE = """<!-- colab --><!-- /colab -->
After [a paper](https://arxiv.org/abs/1409.3215). ![A pixel](assets/pixel.png)"""
PARAMETERS = f"""import os, sys
from dataclasses import make_dataclass
dataset, train_anew = os.environ.get("SEQ2SEQ_DATASET") or "owner/multi30k", False
settings = make_dataclass("Settings", [(x, int, 7) for x in {list(run.SMALL[1])}])()"""
TRAINING = """for epoch in (1, 2):
    print("\\r 50%|bar", end="")
    print("\\r        \\repoch  %d  loss 1" % epoch)
print(end="\\r 50%|bar")
print(end="\\r        \\r")
display({"text/plain": "x"}, raw=True)"""
RESULTS = """{"tutorial": 1, "dataset": os.path.basename(dataset), "chrf": 50.04,
    "notebook_seconds": 83.4, "training_seconds": 61, "epochs": settings.n_epochs,
    "parameters": 1234567, "test_perplexity": 2.5, "bleu_greedy": 30.25,
    "bleu_beam": 31.75, "bleu_signature": "x", "device": sys.executable}"""
README = "# Title\n<!-- colab --><!-- /colab --><!-- results --><!-- /results -->\nEnd."


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one tutorial, which is the working directory."""
    monkeypatch.chdir(tmp_path)
    [Path(name).mkdir() for name in ("assets", "data", "multi30k", "solutions")]
    Path("assets/pixel.png").write_bytes(b"pixel")
    Path("README.md").write_text(README)
    write(TRAINING)
    return tmp_path


def write(training: str, results: str = RESULTS) -> None:
    """Write the tutorial, with an output that another run has left."""
    code = [new_code_cell(source) for source in (PARAMETERS, training, results)]
    code[0].metadata.tags, code[2].metadata.tags = ["parameters"], ["results"]
    cells, metadata = [new_markdown_cell(TITLE), *code], {"accelerator": "GPU"}
    text = writes(new_notebook(cells=cells, metadata=metadata))
    old = '"outputs": [{"output_type": "stream", "name": "stdout", "text": "old"}]'
    Path(NAME).write_text(text.replace('"outputs": []', old))


def files() -> dict[str, bytes]:
    return {str(one): one.read_bytes() for one in Path().rglob("*") if one.is_file()}


@pytest.mark.parametrize("dataset", ["", "data"])
def test_run(dataset: str, folder: Path, monkeypatch, capfd) -> None:
    """Without data on the small corpus, with data as the notebook stands."""
    monkeypatch.setenv("SEQ2SEQ_DATASET", "other")  # for notebooks run by hand
    before = files()
    assert run.main(["--dataset", dataset] if dataset else [], folder) == 0
    (out, err), after = capfd.readouterr(), files()
    made = {name for name in after if not name.startswith("build/mathjax/")}
    assert err == "" and made - set(before) == NEW
    assert before.items() <= after.items()
    results = run.results(run.read(Path("build", NAME)), NAME)
    epochs = 7 if dataset else run.SMALL[1]["n_epochs"]
    assert (results["dataset"], results["epochs"]) == (dataset or "captions", epochs)
    assert results["device"] == sys.executable
    lines = out.splitlines()
    assert lines[:3] == ["Tutorial 1: Made Up", "epoch  1  loss 1", "epoch  2  loss 1"]
    assert lines[3].endswith("is done: build/1 - Made Up.html")
    assert lines[6].split()[-4:] == ["83", "2.50", "30.25", "31.75"]
    assert ("not of Multi30k" in lines[-1]) == (not dataset)
    page = after["build/1 - Made Up.html"].decode()
    assert 'src="../assets/pixel.png"' in page
    script, _ = re.search(r'<script src="(mathjax/[^"?]+)(\?)', page).groups()
    assert f"build/{script}" in after  # formulas need no network


RAISED = "raise ValueError('\\x1b[1mExpected de,\\x1b[0m found en.\\nMore')"
FAILURES = {
    RAISED: "ValueError: Expected de, found en.",
    "os._exit(3)": "Python died, most likely out of memory.",
    "no_dict = 1": f'ToolError: "{NAME}": its cell tagged results must evaluate to',
}


@pytest.mark.parametrize("option", ["--only=1", "--in-place"])
@pytest.mark.parametrize("training", FAILURES)
def test_a_failure_is_one_line(option: str, training: str, folder: Path, capfd) -> None:
    """It replaces nothing, and what it leaves has no output of another run."""
    write(training, "no_dict" if "no_dict" in training else RESULTS)
    before = files()
    assert run.main([option], folder) == 1
    out, err = capfd.readouterr()
    assert err.startswith(f"Tutorial 1 stopped: {FAILURES[training]}")
    assert err.endswith(f"(See {FAILED}.)\n") and (out + err).count("\n") == 2
    assert files().items() - before.items() == {(FAILED, files()[FAILED])}
    assert b"old" not in files()[FAILED]


WRONG = [
    (run, "only", "ONLY is one of 1.", "4 one 1,2"),
    (run, "dataset", "there is no folder", "./no /no/data ~x/y a/b/c assets/no x.csv"),
    (readme, "colab", "Give REPO=owner/name, or", "name https://github.com/a/b -a/b "),
]


@pytest.mark.parametrize("tool, option, message, values", WRONG)
def test_wrong_arguments(tool, option, message, values, folder: Path, capsys) -> None:
    before = files()
    for value in values.split(" "):
        assert tool.main([f"--{option}={value}"], folder) == 1 and files() == before
        out, err = capsys.readouterr()
        assert value in err and message in err and (out + err).count("\n") == 1


def test_in_place(folder: Path) -> None:
    assert run.main(["--in-place", "--dataset", "multi30k"], folder) == 0
    cells, metadata = run.read(Path(NAME)).cells, run.read(Path(NAME)).metadata
    assert [cell.get("execution_count", 0) for cell in cells] == [0, 1, 2, 3]
    stream, display = cells[2].outputs
    assert stream.text == "epoch  1  loss 1\nepoch  2  loss 1\n"
    assert display.data == {"text/plain": "x"}
    assert set(metadata) == {"accelerator", "kernelspec", "language_info"}
    assert metadata.kernelspec.name == "python3"
    assert readme.main([], folder) == 0
    text = Path("README.md").read_text()
    row = f"| 30.2 | 31.8 | 50.0 | 2.50 | 1.2 M | 1.0 min, {sys.executable} |\n"
    assert f"| [arXiv:1409.3215](https://arxiv.org/abs/1409.3215) {row}" in text
    assert text.startswith("# Title\n") and text.endswith("<!-- /results -->\nEnd.\n")


def test_ctrl_c_is_one_line(folder: Path) -> None:
    """What is done by then keeps its scores."""
    write("import time\nprint('epoch  9')\ntime.sleep(60)")
    Path(NAME).rename("2 - Slow.ipynb")
    write(TRAINING)
    code = f"""import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it
sys.path += {sys.path}
import run
run.main([], run.Path())"""
    pipes = dict.fromkeys(("stdout", "stderr"), subprocess.PIPE)
    process = subprocess.Popen([sys.executable, "-c", code], **pipes)
    while not process.stdout.readline().startswith(b"epoch  9"):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 130 and err.count(b"\n") == 1
    assert err.startswith(b"Interrupted: with ONLY=2, the same command resumes")
    assert b"\nTutorial 1 " in out


def test_the_notebooks_fit(tutorial: Path) -> None:
    small = run.SMALL[int(tutorial.name[0])]
    assert small.items() <= vars(definitions(tutorial).Settings(**small)).items()


def test_the_readme_shows_what_is_stored() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme.table(ROOT) in text
    first = [results(path) for path in tutorials()[:3]]
    assert first[0]["bleu_signature"] in text
    scores = [one["bleu_spacy_lower"] for one in first]
    scores = "{:.1f}, {:.1f} and {:.1f}".format(*scores)
    assert scores in text
    stored = (ROOT / "assets" / "alignment.png").read_bytes()
    assert stored == readme.alignments(ROOT)[1]


def test_colab(folder: Path) -> None:
    text = (folder / NAME).read_text().replace("](assets", "](../assets")
    (folder / "solutions" / NAME).write_text(text)
    readme.main(["--colab", "none"], folder)
    before = files()
    assert readme.main(["--colab=me/it.git", "--branch=a/b"], folder) == 0
    for path in (NAME, f"solutions/{NAME}"):
        target = f"/github/me/it/blob/a/b/{path.replace(' ', '%20')})"
        source = run.read(Path(path)).cells[0].source
        assert target in source and target in Path("README.md").read_text()
        assert "(https://raw.githubusercontent.com/me/it/a/b/assets/pixel.png" in source
    assert readme.main(["--colab=none"], folder) == 0 and files() == before


def test_lab_opens_copies_and_loses_none(folder: Path, capsys) -> None:
    tutorial, copy = folder / NAME, folder / "lab" / NAME
    lab.update(folder, folder / "lab")
    assert copy.read_bytes() == tutorial.read_bytes()
    picture = folder / "lab/assets/pixel.png"
    assert picture.read_bytes() == b"pixel"
    assert picture.resolve().is_relative_to((folder / "lab").resolve())
    assert (folder / "lab/further/checkpoints").samefile(folder / "further/checkpoints")
    copy.write_text("mine")
    lab.update(folder, folder / "lab")
    assert copy.read_text() == "mine"
    os.utime(tutorial, (2e9, 2e9))  # a newer version
    lab.update(folder, folder / "lab")
    (kept,) = (folder / "lab").glob("*mine until*")
    assert kept.read_text() == "mine" and copy.read_bytes() == tutorial.read_bytes()
    assert kept.name in capsys.readouterr().out


def test_lab_leaves_ctrl_c_to_jupyterlab(folder: Path) -> None:
    """A process between the two would kill it before it can ask."""
    fake = "import json, os, sys; print(json.dumps([os.getpid(), *sys.argv[1:]]))"
    Path("lab").mkdir()
    Path("lab/jupyterlab.py").write_text(fake)
    code = f"import sys; sys.path += {sys.path}; import lab\n"
    code += "lab.main(['-x'], lab.Path.cwd())"
    command = [sys.executable, "-c", code]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    out, _ = process.communicate(timeout=60)
    assert json.loads(out) == [process.pid, "--allow-root", "-x", NAME]


@pytest.fixture
def make(folder: Path):
    """A make in a folder with little else than our Makefile."""
    Path("Makefile").write_bytes((ROOT / "Makefile").read_bytes())
    for name in ("requirements.txt", "requirements-dev.txt", "constraints.txt"):
        Path(name).touch()
    command = "env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u CONSTRAINTS -u PYTHON make "
    options = {"shell": True, "capture_output": True, "text": True}
    return lambda line: subprocess.run(command + line, **options)


def test_make(make) -> None:
    """It lists its targets, hands on DATASET as it is, installs what has changed."""
    targets = re.findall(r"^([a-z-]+):", Path("Makefile").read_text(), re.M)
    assert re.findall(r"^make ([a-z-]+) +\S", make("").stdout, re.M) == targets
    Path(".venv/bin").mkdir(parents=True)
    Path(".venv/bin/python").write_text('#!/bin/sh\necho "$@"\n')
    Path(".venv/bin/python").chmod(0o755)
    Path(".venv/installed-constraints.txt").touch()
    line, command = "run 'DATASET=a \"$$x'", 'tools/run.py --dataset a "$x\n'
    assert make(line).stdout == command
    os.utime("requirements.txt", (2e9, 2e9))
    assert make(line).stdout.endswith(f"-c constraints.txt\n{command}")
    os.utime("requirements.txt", (1e9, 1e9))
    assert "--upgrade" in make(f"{line} CONSTRAINTS=").stdout


def test_make_sets_up_again_what_has_lost_its_python(make) -> None:
    [Path(name).mkdir() for name in ("site", ".venv-site")]
    for name in ("site/requirements.txt", ".venv-site/installed"):
        Path(name).touch()
    message = "There is no program no-python: add PYTHON=..."
    assert message in make("site PYTHON=no-python").stderr


MISTAKES = {
    "help DATSET=x": "No variable DATSET: expected some of",
    "test PYTHON=no-python": "There is no program no-python: add PYTHON=...",
    "test PYTHON=false": "Python 3.10 or newer is needed, false is",
    "test PYTHON=true": "Could not install the packages: see above",
}


@pytest.mark.parametrize("line, message", MISTAKES.items())
def test_make_says_what_is_wrong(line: str, message: str, make) -> None:
    assert message in make(line).stderr and make(line).returncode
    assert not list(Path().glob(".venv*/installed*"))
