"""The tools, tried on tiny notebooks that train nothing."""

from __future__ import annotations

import io
import json
import os
import pprint
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest

import colab
import common
import notebooks
import outputs
import progress
import readme_table
import run
from notebooks import ROOT

NAME = "1 - Made Up.ipynb"
STEM = NAME.removesuffix(".ipynb")
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8ffff3f0005fe02fe"
    "0def46b80000000049454e44ae426082"
)
TEXT = """\
# Made Up
<!-- colab -->
<!-- /colab -->
After [a paper](https://arxiv.org/abs/1409.3215). ![A pixel](pixel.png)"""
PARAMETERS = [
    "import os",
    'dataset = os.environ.get("SEQ2SEQ_DATASET", "owner/name")',
    'checkpoint_folder = "x"',
]
PARAMETERS += [f"{name} = 7" for name in run.SMALL]
TRAINING = """\
import sys
import time
for epoch in range(1, 3):
    print("\\r 50%|bar", end="")
    print("\\r        \\repoch  %d/2  loss 1" % epoch)
print("warning: " + sys.prefix[:0] + "none")"""
RESULTS = """\
results = {"tutorial": 1, "title": "Made Up", "dataset": dataset, "device": "cpu", "notebook_seconds": 83.4,
    "training_seconds": 61, "epochs": n_epochs, "parameters": 1234567, "test_perplexity": 2.5,
    "bleu_greedy": 30.25, "bleu_beam": 31.75, "bleu_signature": "nrefs:1|case:lc", "chrf": 50.04,
    "translate_sentences_per_second": 9}
results"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository with one tutorial, a README and an embedded corpus."""
    (tmp_path / "assets" / "captions").mkdir(parents=True)
    (tmp_path / "pixel.png").write_bytes(PIXEL)
    (tmp_path / "README.md").write_text(
        "# Title\n\n<!-- colab --><!-- /colab -->\n\n<!-- results -->\nold\n<!-- /results -->\n\nEnd.\n"
    )
    write(tmp_path)
    return tmp_path


def write(folder: Path, training: str = TRAINING, results: str = RESULTS) -> Path:
    """Write the tutorial into `folder`."""
    new = nbformat.v4
    cells = [
        new.new_markdown_cell(TEXT),
        new.new_code_cell("\n".join(PARAMETERS), metadata={"tags": ["parameters"]}),
        new.new_code_cell(training),
        new.new_code_cell(""),
        new.new_code_cell(results, metadata={"tags": ["results"], "execution": {"iopub.status.busy": "now"}}),
    ]
    path = folder / NAME
    path.write_text(new.writes(new.new_notebook(cells=cells)) + "\n", encoding="utf-8")
    return path


def stored(path: Path) -> dict[str, Any]:
    """The results stored in a notebook."""
    return common.results(common.read_notebook(path), path.name)


def files(folder: Path) -> dict[str, bytes]:
    """All files below a folder with their contents."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# make run


def test_run_on_the_embedded_corpus(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = files(folder)
    assert run.main([], folder) == 0
    out, err = capfd.readouterr()
    assert err == ""
    after = files(folder)
    new = {name for name in set(after) - set(before) if not name.startswith("build/mathjax/")}
    assert new == {f"build/{STEM}.ipynb", f"build/{STEM}.html"}
    assert {name: after[name] for name in before} == before

    found = stored(folder / "build" / NAME)
    assert (found["dataset"], found["epochs"]) == ("assets/captions", run.SMALL["n_epochs"])
    assert re.search(r"^Tutorial 1  cell \d/4 .*epoch  2/2  loss 1  0:\d\d$", out, re.MULTILINE)
    lines = out.splitlines()
    header = lines.index(next(line for line in lines if line.startswith("tutorial ")))
    assert lines[header].split() == [
        "tutorial",
        "device",
        "seconds",
        "perplexity",
        "BLEU",
        "greedy",
        "BLEU",
        "beam",
    ]
    assert lines[header + 1].split() == [*STEM.split(), "cpu,", "float32", "83", "2.50", "30.25", "31.75"]
    assert len(lines[header]) == len(lines[header + 1])
    assert "say nothing about Multi30k" in lines[-1]

    page = after[f"build/{STEM}.html"].decode()
    (font,) = set(re.findall(r'webFont: "(.+?)"', page))
    assert page.index(font) < page.index("mathjax/MathJax.js")  # told before MathJax starts
    assert any(name.startswith(f"build/mathjax/fonts/HTML-CSS/{font}/") for name in after)
    assert 'src="data:image/png;base64,' in page
    assert "pixel.png" not in page
    assert f'src="{run.MATHJAX}' in page and f"build/{run.MATHJAX.split('?')[0]}" in after
    assert '<script src="https:' not in page


def test_run_uses_the_kernel_of_this_python(folder: Path, tmp_path: Path, monkeypatch: Any) -> None:
    kernel = tmp_path / "jupyter" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    other = {"argv": ["false", "{connection_file}"], "display_name": "x", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(other))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    write(folder, results="import sys\n" + RESULTS.replace('"cpu"', "sys.executable"))
    assert run.main([], folder) == 0
    assert stored(folder / "build" / NAME)["device"] == sys.executable


def test_run_on_a_folder_keeps_the_own_settings(folder: Path, monkeypatch: Any, capsys: Any) -> None:
    (folder / "data").mkdir()
    monkeypatch.chdir(folder)
    write(folder, training="import os\nassert os.environ['HF_HUB_OFFLINE'] == '1'")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    assert run.main(["--dataset", "data"], folder) == 0
    found = stored(folder / "build" / NAME)
    assert (found["dataset"], found["epochs"]) == (str((folder / "data").resolve()), 7)
    assert "Multi30k" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("training", "message"),
    [
        (
            "raise ValueError('\\x1b[31mExpected a column de,\\n found en.\\x1b[0m')",
            "Expected a column de, found en.",
        ),
        ("class DataError(ConnectionError): pass\nraise DataError('no network')", "DataError: no network"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        (
            "import os\nos._exit(3)",
            "Python died while it ran the notebook; most often the memory was not enough.",
        ),
        ("results = 1", None),
    ],
)
def test_a_failure_is_one_line_and_replaces_nothing(
    folder: Path, capfd: pytest.CaptureFixture[str], training: str, message: str | None
) -> None:
    (folder / "build").mkdir()
    for suffix in (".ipynb", ".html"):
        (folder / "build" / f"{STEM}{suffix}").write_text("earlier")
    write(folder, training, RESULTS if message else "print({'tutorial': 1})")
    assert run.main([], folder) == 1
    out, err = capfd.readouterr()
    message = message or f'"{NAME}": expected the cell tagged results to evaluate to one dict.'
    assert err == f"Tutorial 1 stopped: {message} (See build/{STEM}.failed.ipynb.)\n"
    assert "Traceback" not in out
    assert "tutorial  device" not in out
    built = files(folder / "build")
    assert set(built) == {f"{STEM}.ipynb", f"{STEM}.html", f"{STEM}.failed.ipynb"}
    assert built[f"{STEM}.ipynb"] == built[f"{STEM}.html"] == b"earlier"
    assert training.split("\n")[0].split("(")[0] in built[f"{STEM}.failed.ipynb"].decode()


def test_what_a_failure_leaves_holds_only_what_it_ran(folder: Path) -> None:
    """Outputs that were stored before, of another run, must not stand below the error."""
    path = write(folder, "1 / 0")
    book = common.read_notebook(path)
    book.cells[-1].outputs = [nbformat.v4.new_output("execute_result", data={"text/plain": "stored"})]
    common.write_notebook(book, path)
    assert run.main([], folder) == 1
    failed = common.read_notebook(folder / "build" / f"{STEM}.failed.ipynb")
    code = [cell for cell in failed.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == [1, 2, 3, None, None]
    assert code[2].outputs[-1].ename == "ZeroDivisionError" and code[-1].outputs == []


@pytest.mark.parametrize(
    ("arguments", "told"), [([], "the small generated corpus, with small settings"), (["--dataset", "data"], "`data`")]
)
def test_a_page_says_which_run_it_shows(folder: Path, arguments: list[str], told: str, monkeypatch: Any) -> None:
    (folder / "data").mkdir()
    monkeypatch.chdir(folder)
    assert run.main(arguments, folder) == 0
    first = common.read_notebook(folder / "build" / NAME).cells[0]
    assert first.cell_type == "markdown" and f"This is a run on {told}." in first.source


def test_run_says_where_the_translator_is(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    earlier = folder / "checkpoints" / "earlier" / "best.pt"
    earlier.parent.mkdir(parents=True)
    earlier.touch()
    os.utime(earlier, (0, 0))
    write(folder, "import pathlib\nnew = pathlib.Path('checkpoints/new')\nnew.mkdir()\n(new / 'best.pt').touch()")
    assert run.main([], folder) == 0
    (line,) = re.findall(r"^Tutorial 1 done in .*$", capfd.readouterr().out, re.MULTILINE)
    assert line.endswith(f"build/{STEM}.html, checkpoints/new/best.pt")


def test_a_display_that_is_gone_stops_nothing(folder: Path) -> None:
    """As with a closed terminal, or `| head`: hours of training must not be lost for a line that nobody reads."""
    code = f"import pathlib, sys, run; sys.exit(run.main([], pathlib.Path({str(folder)!r})))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tools")}
    process = subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait() == 0
    assert stored(folder / "build" / NAME)["tutorial"] == 1 and (folder / "build" / f"{STEM}.html").exists()


@pytest.mark.parametrize("tool", [run, outputs])
def test_data_named_in_the_environment_alone_are_refused(
    tool: Any, folder: Path, monkeypatch: Any, capsys: Any
) -> None:
    """They are for notebooks that one runs by hand: run would ignore them, outputs would store their results."""
    monkeypatch.setenv("SEQ2SEQ_DATASET", "my_folder")
    before = files(folder)
    assert tool.main([], folder) == 2
    assert "unset it, or add DATASET=my_folder to make" in capsys.readouterr().err
    assert files(folder) == before


def test_advice_for_running_by_hand_is_translated_for_make(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(folder, "raise ConnectionError('No network: set SEQ2SEQ_DATASET to a folder.')")
    assert run.main([], folder) == 1
    assert "to a folder. With make, add DATASET=folder. (See build/" in capfd.readouterr().err


def test_incomplete_results_are_named(folder: Path, capsys: Any) -> None:
    write(folder, results=RESULTS.replace('"device"', '"gerät"'))
    assert run.main([], folder) == 1
    assert "expected 'device' among its results" in capsys.readouterr().err


def test_every_tutorial_has_the_small_settings(tutorial: Path) -> None:
    settings = {"dataset": "corpus", **run.SMALL}
    book = run.parametrised(common.read_notebook(tutorial), settings, tutorial.name)
    ((index, cell),) = [(i, cell) for i, cell in enumerate(book.cells) if common.has_tag(cell, "injected-parameters")]
    assert common.has_tag(book.cells[index - 1], "parameters")
    found: dict[str, Any] = {"settings": None, "replace": lambda _, **changed: changed}
    exec(cell.source, found)
    found |= found["settings"] or {}
    left = {name for name, value in settings.items() if name not in found or found[name] != value}
    assert left == ({"word_dropout"} if tutorial.name[0] == "1" else {"train_anew"})


def test_a_missing_parameter_is_named(folder: Path, capsys: Any) -> None:
    path = folder / NAME
    path.write_text(path.read_text().replace("hidden_dim = 7", "print(hidden_dim)"))
    assert run.main([], folder) == 1
    expected = f'"{NAME}": expected in the cell tagged parameters, but not found: hidden_dim\n'
    assert capsys.readouterr().err == expected


@pytest.mark.parametrize("tool", [run, outputs])
@pytest.mark.parametrize(
    "dataset",
    [
        "./data",
        "/no/data",
        "~/no-data",
        "~nobody-of-this-name/data",
        "a/b/c",
        "corpus.jsonl",
        "assets/caption",
        "README.md",
        "one word",
    ],
)
def test_bad_datasets_are_refused_at_once(tool: Any, dataset: str, folder: Path, monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.chdir(folder)
    before = files(folder)
    assert tool.main(["--dataset", dataset], folder) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert dataset in err
    assert "xpected" in err
    assert files(folder) == before


@pytest.mark.parametrize("name", ["bentrevett/multi30k", "owner/data.v2", "Owner-1/my_data-set"])
def test_hub_names_pass(name: str, folder: Path) -> None:
    assert common.dataset_argument(name, folder) == name
    assert run.data_settings(name, folder) == (name, {}, False)  # not forced offline


def test_a_link_to_data_keeps_its_name(folder: Path, monkeypatch: Any) -> None:
    (folder / "store").mkdir()
    (folder / "multi30k").symlink_to(folder / "store")
    monkeypatch.chdir(folder)
    assert common.dataset_argument("multi30k", folder) == str(folder / "multi30k")
    assert outputs.stored_dataset("multi30k", folder) == "multi30k"


@pytest.mark.parametrize("tool", [run, outputs])
def test_only_needs_a_tutorial_that_exists(tool: Any, folder: Path, capsys: Any) -> None:
    assert tool.main(["--only", "4"], folder) == 2
    assert capsys.readouterr().err == "No tutorial 4: expected one of 1.\n"


def test_a_wrong_option_is_one_line(folder: Path, capsys: Any) -> None:
    with pytest.raises(SystemExit) as error:
        run.main(["--only", "one"], folder)
    assert error.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("tool", [run, outputs])
@pytest.mark.parametrize("only", ["one", "1,2", "-1", "1.0"])
def test_only_takes_one_number(tool: Any, only: str, folder: Path, capsys: Any) -> None:
    with pytest.raises(SystemExit) as error:
        tool.main([f"--only={only}"], folder)
    assert error.value.code == 2
    assert f"expected the number of one tutorial, as in ONLY=2, found {only!r}" in capsys.readouterr().err


def test_ctrl_c_leaves_the_earlier_result(folder: Path) -> None:
    (folder / "build").mkdir()
    (folder / "build" / NAME).write_text("earlier")
    write(folder, "import time\nprint('epoch  1/9')\ntime.sleep(60)")
    code = f"import pathlib, sys, run; sys.exit(run.main([], pathlib.Path({str(folder)!r})))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tools")}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen([sys.executable, "-c", code], env=environment, **pipes)
    try:
        while "epoch" not in (line := process.stdout.readline()):
            assert line, process.stderr.read()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=50)
    finally:
        process.kill()
    assert process.returncode == 130
    assert err.startswith("Interrupted during tutorial 1; the earlier results in build/ are as they were. ")
    assert "ONLY=1 " in err  # without it, tutorials that are done would train again
    assert err.count("\n") == 1
    assert files(folder / "build") == {NAME: b"earlier"}


# Progress


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_progress_without_a_terminal_is_sparse() -> None:
    stream = io.StringIO()
    shown = progress.Progress("Tutorial 1", stream, pause=3600)
    shown.cell(1, 9)
    shown.cell(2, 9)
    shown.text("\r 10%|\repo")
    shown.text("ch  1/2  loss 3\n\r 20%|##\nnot an epoch 2\n")
    shown.close()
    assert stream.getvalue() == "Tutorial 1  cell 1/9  0:00\nTutorial 1  cell 2/9  epoch  1/2  loss 3  0:00\n"


def test_progress_on_a_terminal_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    stream = Terminal()
    shown = progress.Progress("Tutorial 1", stream)
    shown.cell(1, 9)
    shown.text("epoch  1/2  " + "x" * 500 + "\n")
    shown.close()
    assert "\n" not in stream.getvalue()
    drawn = stream.getvalue().split("\r\x1b[K")
    assert drawn[1] == "Tutorial 1  cell 1/9  0:00"
    assert drawn[2].endswith("x  0:00")
    assert all(len(line) < 200 for line in drawn)
    assert drawn[-1] == ""


# make outputs


def test_outputs_are_refreshed_and_clean(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert outputs.main(["--dataset", str(folder / "assets" / "captions")], folder) == 0
    assert capfd.readouterr().err == ""
    text = (folder / NAME).read_text(encoding="utf-8")
    book = json.loads(text)
    assert text == json.dumps(book, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    code = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == [1, 2, None, 3]
    assert code[1]["metadata"] == {}
    assert code[3]["metadata"] == {"tags": ["results"]}
    printed = "".join(code[1]["outputs"][0]["text"])
    assert printed == "epoch  1/2  loss 1\nepoch  2/2  loss 1\nwarning: none\n"
    assert set(book["metadata"]) == {"kernelspec", "language_info"}
    assert stored(folder / NAME)["dataset"] == "assets/captions"
    assert [path.name for path in folder.glob("*.ipynb*")] == [NAME]


def test_outputs_of_a_failure_are_not_stored(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = write(folder, "print('before')\nraise FileNotFoundError('No data.')")
    before = files(folder)
    assert outputs.main([], folder) == 1
    assert capfd.readouterr().err == "Tutorial 1 stopped: No data. (The notebook is as it was.)\n"
    assert files(folder) == before
    path.write_text("{")
    assert outputs.main([], folder) == 2
    assert capfd.readouterr().err == f'"{NAME}" is not a notebook: expected JSON with a list of cells.\n'


def test_normalise_drops_widgets_and_joins_streams() -> None:
    new = nbformat.v4
    widget = new.new_output("display_data", data={"application/vnd.jupyter.widget-view+json": {}})
    mixed = new.new_output("display_data", data={**widget.data, "text/plain": "kept"})
    result = new.new_output("execute_result", data={"text/plain": "3"}, execution_count=9)
    pieces = [new.new_output("stream", name="stdout", text=text) for text in ("10%\r", "100%", "\r    \r")]
    cell = new.new_code_cell("x", outputs=[widget, mixed, result, *pieces], execution_count=9)
    book = new.new_notebook(cells=[cell], metadata={"widgets": {}, "title": "kept"})
    common.normalise(book)
    assert [out.get("data") for out in cell.outputs] == [{"text/plain": "kept"}, {"text/plain": "3"}]
    assert (cell.execution_count, cell.outputs[1].execution_count) == (1, 1)
    assert set(book.metadata) == {"title", "kernelspec", "language_info"}


@pytest.mark.parametrize("read", [common.read_notebook, notebooks.load])
def test_results_are_what_the_cell_evaluated_to(read: Any, folder: Path) -> None:
    path = folder / NAME
    found = {"tutorial": 1, "device": "CPU, 2 threads", "chrf": 50.04, "curves": [1, None], "note": "'\n\""}
    book = common.read_notebook(path)
    printed = nbformat.v4.new_output("stream", name="stdout", text="{'tutorial': 2}\n")
    book.cells[-1].outputs = [printed, evaluated(pprint.pformat(found))]
    common.write_notebook(book, path)
    assert common.results(read(path), NAME) == found
    assert isinstance(json.loads(path.read_text())["cells"][-1]["outputs"][1]["data"]["text/plain"], list)


@pytest.mark.parametrize(
    "texts", [(), ("",), ("3",), ("[1]",), ("{'a': np.float64(1.0)}",), ("{'a': open}",), ("{'a':",), ("{}", "{}")]
)
def test_results_that_are_no_dict_are_refused(texts: tuple[str, ...], folder: Path) -> None:
    book = common.read_notebook(folder / NAME)
    book.cells[-1].outputs = [evaluated(text) for text in texts]
    with pytest.raises(common.ToolError, match=f'^"{NAME}": expected the cell tagged results to evaluate to one dict'):
        common.results(book, NAME)


def evaluated(text: str) -> Any:
    """The output of a cell whose last line evaluates to `text`."""
    return nbformat.v4.new_output("execute_result", data={"text/plain": text}, execution_count=1)


# make readme


@pytest.fixture
def executed(folder: Path) -> Path:
    """The repository with results stored in its tutorial."""
    path = folder / NAME
    book = common.read_notebook(path)
    found = {
        "dataset": "bentrevett/multi30k",
        "device": "NVIDIA GPU",
        "training_seconds": 754,
        "parameters": 13_898_501,
        "test_perplexity": 31.256,
        "bleu_greedy": 30.25,
        "bleu_beam": 31.75,
        "bleu_signature": "nrefs:1|case:lc",
        "chrf": 50.04,
    }
    book.cells[-1].outputs = [evaluated(pprint.pformat(found))]
    common.write_notebook(book, path)
    return folder


def test_readme_table(executed: Path, capsys: Any) -> None:
    assert readme_table.main(["--check"], executed) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert "\nold\n" in (executed / "README.md").read_text()
    assert readme_table.main([], executed) == 0
    assert readme_table.main(["--check"], executed) == 0
    text = (executed / "README.md").read_text(encoding="utf-8")
    row = (
        "| [1 - Made Up](1%20-%20Made%20Up.ipynb) | [arXiv:1409.3215](https://arxiv.org/abs/1409.3215) "
        "| 30.2 | 31.8 | 50.0 | 31.26 | 13.9 M | 13 min | NVIDIA GPU, float32 |"
    )
    assert row in text.splitlines()
    assert "sacreBLEU on Multi30k's test2016, lower-cased" in text
    assert "`nrefs:1|case:lc`" in text
    assert "\nold\n" not in text
    assert text.startswith("# Title\n")
    assert text.endswith("\n<!-- /results -->\n\nEnd.\n")


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ({"device": "CPU, threads: 1"}, "CPU, 1 thread, float32"),
        ({"device": "CPU, threads: 12"}, "CPU, 12 threads, float32"),
        ({"device": "CPU, 1 thread", "precision": "bfloat16"}, "CPU, 1 thread, bfloat16"),
    ],
)
def test_devices_are_written_alike(found: dict[str, str], text: str) -> None:
    assert common.device(found) == text


@pytest.mark.parametrize(("seconds", "text"), [(45.2, "45 s"), (59.7, "1 min"), (754, "13 min"), (7500, "2 h 05 min")])
def test_durations(seconds: float, text: str) -> None:
    assert readme_table.duration(seconds) == text


@pytest.mark.parametrize(
    ("dataset", "text"),
    [
        ("multi30k", "on Multi30k's test2016,"),
        ("captions", "on the test part of the small generated corpus in assets/captions,"),
        ("mine", "on the test part of mine,"),
    ],
)
def test_the_readme_says_what_was_translated(dataset: str, text: str) -> None:
    assert text in readme_table.caption({"dataset": dataset, "bleu_signature": "x"})


def test_readme_problems_are_one_line(folder: Path, capsys: Any) -> None:
    assert readme_table.main([], folder) == 1
    assert "expected the cell tagged results to evaluate to one dict" in capsys.readouterr().err
    (folder / "README.md").unlink()
    assert readme_table.main([], folder) == 1
    assert capsys.readouterr().err == "Expected README.md, found no such file.\n"


# make colab


def test_colab_badges(folder: Path) -> None:
    (folder / "solutions").mkdir()
    (folder / "solutions" / NAME).write_bytes((folder / NAME).read_bytes())
    assert colab.main(["none"], folder) == 0
    without = files(folder)
    assert colab.main(["owner/name", "--branch", "a/b"], folder) == 0
    written = files(folder)
    address = "https://colab.research.google.com/github/owner/name/blob/a/b/1%20-%20Made%20Up.ipynb"
    assert "".join(json.loads(written[NAME])["cells"][0]["source"]).count(f"]({address})\n") == 1
    assert written["README.md"].decode().count(address) == 1
    assert address.replace("a/b/", "a/b/solutions/") in written[f"solutions/{NAME}"].decode()
    assert colab.main(["owner/name", "--branch", "a/b"], folder) == 0
    assert files(folder) == written
    assert colab.main(["Other/Name.x"], folder) == 0
    assert b"owner/name/" not in files(folder)[NAME] + files(folder)["README.md"]
    assert b"/github/Other/Name.x/blob/main/" in files(folder)["README.md"]
    assert colab.main(["none"], folder) == 0
    assert files(folder) == without


def test_colab_keeps_the_rest_of_a_notebook(folder: Path) -> None:
    path = folder / NAME
    book = json.loads(path.read_text())
    book["cells"][0]["source"] = "ä <!-- colab --><!-- /colab --> ö"
    book["cells"][0]["metadata"] = {"z": 1, "a": 2}
    path.write_text(json.dumps(book, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert colab.main(["owner/name"], folder) == 0
    text = path.read_text(encoding="utf-8")
    after = json.loads(text)
    assert text == json.dumps(after, indent=1, ensure_ascii=False) + "\n"
    assert list(after["cells"][0]["metadata"]) == ["z", "a"]
    assert after["cells"][0].pop("source").startswith("ä <!-- colab -->\n[![Open in Colab]")
    del book["cells"][0]["source"]
    assert after == book


@pytest.mark.parametrize("repository", ["", "name", "owner/name/more", "https://example.org/a/b", "-a/b", "a b/c"])
def test_colab_refuses_other_names(repository: str, folder: Path, capsys: Any) -> None:
    before = files(folder)
    assert colab.main(["--", repository], folder) == 2
    assert capsys.readouterr().err == f"Expected REPO=owner/name (or REPO=none), found: {repository!r}\n"
    assert files(folder) == before


def test_colab_takes_the_address_for_cloning(folder: Path) -> None:
    assert colab.main(["owner/name.git"], folder) == 0
    assert "/github/owner/name/blob/main/" in (folder / "README.md").read_text()


def test_colab_without_markers_writes_nothing(folder: Path, capsys: Any) -> None:
    (folder / "README.md").write_text("no markers")
    before = files(folder)
    assert colab.main(["owner/name"], folder) == 1
    assert capsys.readouterr().err == "README.md: expected <!-- colab --> and then <!-- /colab -->, once each.\n"
    assert files(folder) == before


# Makefile


def make(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run make without what an outer make hands down."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
    for name in ("CONSTRAINTS", "PYTHON", "PYTHON_LEGACY", "DATASET", "ONLY", "REPO", "BRANCH", "ARGS"):
        environment.pop(name, None)
    return subprocess.run(["make", *arguments], cwd=folder, env=environment, capture_output=True, text=True)


def test_make_help_is_the_default_and_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    listed = dict(re.findall(r"^make ([a-z-]+) +(\S.*)$", make("help").stdout, re.MULTILINE))
    assert set(listed) == targets == set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())
    assert make().stdout == make("help").stdout


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A folder with the Makefile, the lists of packages and a Python that only pretends to work."""
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt", "constraints.txt"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    script = """\
#!/bin/sh
echo "$@" >> calls
case "$*" in
  "-m venv --clear .venv") mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
  *"$FAIL"*) test -z "$FAIL" ;;
esac
"""
    (tmp_path / "python").write_text(script)
    (tmp_path / "python").chmod(0o755)
    return tmp_path


def installs(folder: Path, *arguments: str) -> list[str]:
    """The calls of pip install that a make with the pretending Python leads to."""
    (folder / "calls").write_text("")
    assert make("test", "PYTHON=./python", *arguments, folder=folder).returncode == 0
    calls = (folder / "calls").read_text().splitlines()
    assert calls[-1].startswith("-m pytest")
    return [call for call in calls if "pip install" in call]


def test_make_installs_once_and_again_when_the_lists_change(fresh: Path) -> None:
    assert ["-c constraints.txt" in call for call in installs(fresh)] == [True]
    assert installs(fresh) == []
    for name in ("requirements.txt", "requirements-dev.txt", "constraints.txt"):
        later = time.time() + 5
        os.utime(fresh / name, (later, later))
        assert len(installs(fresh)) == 1
        os.utime(fresh / name, (0, 0))
    assert ["-c" in call.split() for call in installs(fresh, "CONSTRAINTS=")] == [False]
    assert installs(fresh, "CONSTRAINTS=") == []
    assert len(installs(fresh)) == 1


def test_make_sets_up_again_when_python_is_gone(fresh: Path) -> None:
    """As after an upgrade of the system: the stamp is there, and what .venv/bin/python points to is not."""
    installs(fresh)
    (fresh / ".venv" / "bin" / "python").unlink()
    (fresh / ".venv" / "bin" / "python").symlink_to("gone")
    (fresh / "python").write_text((fresh / "python").read_text().replace("cp ", "rm -f .venv/bin/python; cp "))
    assert len(installs(fresh)) == 1
    assert installs(fresh) == []


@pytest.mark.parametrize("arguments", [("EPOCH=3",), ("ONLY=1", "DATSET=x"), ("only=1",)])
def test_make_refuses_variables_that_nothing_reads(arguments: tuple[str, ...]) -> None:
    found = make("help", *arguments)
    assert found.returncode != 0 and found.stdout == ""
    assert f"No variable {arguments[-1].split('=')[0]}: expected some of DATASET ONLY" in found.stderr


def test_make_takes_its_own_options_and_any_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPOCH", "3")
    assert make("-j2", "-k", "help", "DATASET=a", "ARGS=x").returncode == 0


@pytest.mark.parametrize(
    ("python", "fail", "message"),
    [
        ("no-such-python", "", "Expected Python 3.10 or newer, found no program no-such-python"),
        ("./python", "version_info", "Expected Python 3.10 or newer, found"),
        ("./python", "ensurepip", "Expected Python's venv module, found none"),
        ("./python", "pip install", "Could not install the packages"),
    ],
)
def test_make_says_what_is_missing(
    fresh: Path, python: str, fail: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIL", fail)
    found = make("test", f"PYTHON={python}", folder=fresh)
    assert found.returncode != 0
    first, *rest = found.stderr.splitlines()
    assert first.startswith(message)
    assert [line for line in rest if not line.startswith("make")] == []
    assert not list(fresh.glob(".venv/installed-*"))


def test_make_hands_the_dataset_on_untouched(fresh: Path) -> None:
    installs(fresh)
    (fresh / "calls").write_text("")
    assert make("run", "DATASET=my data/$$x '1'", "ONLY=2", folder=fresh).returncode == 0
    assert (fresh / "calls").read_text() == "tools/run.py --dataset my data/$x '1' --only 2\n"


@pytest.mark.parametrize("python", ["no-such-python", "./python"])
def test_make_says_which_python_torchtext_needs(fresh: Path, python: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (fresh / "legacy").mkdir()
    for name in ("requirements.txt", "constraints.txt"):
        (fresh / "legacy" / name).touch()
    monkeypatch.setenv("FAIL", "version_info")
    found = make("test-legacy", f"PYTHON_LEGACY={python}", folder=fresh)
    assert found.returncode != 0
    first, *rest = found.stderr.splitlines()
    assert first.startswith("Expected Python 3.10 to 3.12 with its venv module for torchtext, found ")
    assert [line for line in rest if not line.startswith("make")] == []
    assert not (fresh / ".venv-legacy").exists()
