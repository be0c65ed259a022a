"""The notebooks in legacy/, a snapshot on torchtext that needs nothing outside its folder.

Everywhere, these tests check the files; where torchtext is installed (`make test-legacy`), they run the notebooks.
"""

from __future__ import annotations

import ast
import functools
import importlib.metadata
import importlib.util
import os
import re
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote

import nbformat
import pytest
from nbclient import NotebookClient

LEGACY = Path(__file__).resolve().parents[1] / "legacy"
NOTEBOOKS = sorted(
    LEGACY.glob("[0-9] - *[!0-9].ipynb")
)  # the name of JupyterLab's copies ends with a digit
DOCUMENTS = [*NOTEBOOKS, *sorted(LEGACY.rglob("*.md"))]
SMALL = "n_epochs = 6\nmixed_precision = False"  # enough to tell a model that learns; float32 on every processor
# Plots in the notebook, one thread, no GPU that torch 2.3 may not know, no network, and the folder's own corpus.
ENVIRONMENT = {
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "OMP_NUM_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "",
    "HF_HUB_OFFLINE": "1",
    "SEQ2SEQ_DATASET": "assets/captions",
}

each_notebook = pytest.mark.parametrize(
    "path", NOTEBOOKS, ids=lambda path: f"legacy-{path.name[0]}"
)


def read(path: Path) -> Any:
    """A notebook, checked against the format's schema."""
    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    return book


@functools.cache
def markdown(path: Path) -> str:
    """The prose of a document, without blocks of code."""
    if path.suffix == ".ipynb":
        text = "\n\n".join(
            cell.source for cell in read(path).cells if cell.cell_type == "markdown"
        )
    else:
        text = path.read_text(encoding="utf-8")
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


def anchors(path: Path) -> set[str]:
    """What a link can name after the #: a heading as Jupyter writes it in a notebook, and as GitHub does elsewhere."""
    headings = re.findall(r"^#+ (.*)$", markdown(path), re.MULTILINE)
    if path.suffix == ".ipynb":
        return {heading.replace(" ", "-") for heading in headings}
    return {
        re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-")
        for heading in headings
    }


def tagged(book: Any, tag: str) -> Any:
    """The one cell that carries a tag."""
    (cell,) = (cell for cell in book.cells if tag in cell.metadata.get("tags", []))
    return cell


def results(book: Any) -> dict[str, Any]:
    """What the last cell of a notebook shows."""
    return ast.literal_eval(tagged(book, "results").outputs[0].data["text/plain"])


def outputs(book: Any) -> list[Any]:
    """All outputs of a notebook."""
    return [
        output
        for cell in book.cells
        if cell.cell_type == "code"
        for output in cell.outputs
    ]


def assert_nothing_worries_a_reader(book: Any) -> None:
    """No error, no warning, no path of some machine, and plots."""
    assert {output.output_type for output in outputs(book)} <= {
        "stream",
        "display_data",
        "execute_result",
    }
    printed = "".join(
        output.text for output in outputs(book) if output.output_type == "stream"
    )
    assert not re.search(r"Traceback|Warning|/(home|root|tmp|Users)/", printed)
    assert {
        output.name for output in outputs(book) if output.output_type == "stream"
    } == {"stdout"}
    assert sum("image/png" in output.get("data", {}) for output in outputs(book)) >= 4


def test_all_three_are_there() -> None:
    assert [path.name[0] for path in NOTEBOOKS] == ["1", "2", "3"]


@pytest.mark.parametrize(
    "path", DOCUMENTS, ids=lambda path: str(path.relative_to(LEGACY))[:20]
)
def test_links_and_images_stay_in_the_folder(path: Path) -> None:
    text = re.sub(r"`[^`\n]*`", "", markdown(path))
    assert "![](" not in text, "an image without a text for those who cannot see it"
    assert not re.search(r"<(a|img)\s|^\[[^\]]*\]:", text, re.MULTILINE), (
        "a link that this test does not read"
    )
    for link in re.findall(r"\]\((<[^>]*>|[^)\s]*)", text):
        name, _, anchor = link.strip("<>").partition("#")
        if not name.startswith("https://"):
            target = (path.parent / unquote(name)).resolve() if name else path
            assert target.is_file() and target.is_relative_to(LEGACY), link
            assert not anchor or unquote(anchor) in anchors(target), link


@each_notebook
def test_stored_outputs_are_of_one_clean_run_on_the_small_corpus(path: Path) -> None:
    book = read(path)
    counts = [cell.execution_count for cell in book.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    assert_nothing_worries_a_reader(book)
    found, lines = (
        results(book),
        (LEGACY / "assets/captions/train.jsonl")
        .read_text(encoding="utf-8")
        .splitlines(),
    )
    assert found["dataset"] == "captions" and found["train_pairs"] == len(lines)
    assert f"n_epochs = {found['epochs']}\n" in tagged(book, "parameters").source
    assert (
        found["torch"].startswith("2.3.1")
        and found["bleu_greedy"] > 10
        and 1 < found["test_perplexity"] < 10
    )
    assert "say nothing about Multi30k" in markdown(path)


@pytest.mark.parametrize(
    ("python", "torch", "torchtext"),
    [
        ((3, 13), "2.3.1", "0.18.0"),
        ((3, 9), "2.3.1", "0.18.0"),
        ((3, 11), "2.13.0", "0.18.0"),
        ((3, 11), "2.3.1", "0.6.0"),
    ],
)
def test_the_first_cell_names_what_cannot_work(
    python, torch, torchtext, monkeypatch
) -> None:
    firsts = {
        next(cell for cell in read(path).cells if cell.cell_type == "code").source
        for path in NOTEBOOKS
    }
    (first,) = firsts  # the same in all three
    found = f"found Python {python[0]}.{python[1]}, torch {torch} and torchtext {torchtext}: install legacy/"
    monkeypatch.setattr(
        importlib.metadata,
        "version",
        {"torch": torch, "torchtext": torchtext}.__getitem__,
    )
    monkeypatch.setattr(sys, "version_info", (*python, 0))
    with pytest.raises(ImportError, match=re.escape(found)):
        exec(compile(first, "<first cell>", "exec"), {})


# From here on with torchtext


@pytest.fixture(
    scope="module", params=NOTEBOOKS, ids=lambda path: f"legacy-{path.name[0]}"
)
def run(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Any, ModuleType]:
    """A notebook, executed in a copy of its folder alone, and the module of its definitions that it leaves there."""
    pytest.importorskip("torchtext").disable_torchtext_deprecation_warning()
    folder = tmp_path_factory.mktemp("alone") / "legacy"
    shutil.copytree(LEGACY, folder, ignore=shutil.ignore_patterns("checkpoints", ".*"))
    book = read(request.param)
    book.cells.insert(
        book.cells.index(tagged(book, "parameters")) + 1,
        nbformat.v4.new_code_cell(SMALL),
    )
    client = NotebookClient(
        book,
        timeout=None,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute(env=os.environ | ENVIRONMENT)
    (path,) = folder.glob("checkpoints/*/translator.py")
    spec = importlib.util.spec_from_file_location(
        f"legacy_{request.param.name[0]}", path
    )
    module = sys.modules[spec.name] = importlib.util.module_from_spec(
        spec
    )  # dataclasses look their module up there
    spec.loader.exec_module(module)
    return book, module


def test_it_learns_on_this_stack(run: tuple[Any, ModuleType]) -> None:
    book, module = run
    assert_nothing_worries_a_reader(book)
    found = results(book)
    assert found["torch"].startswith(
        "2.3.1"
    ) and module.torchtext.__version__.startswith("0.18.0")
    assert found["dataset"] == "captions" and found["epochs"] == 6
    assert (
        found["bleu_greedy"] > 10
        and found["bleu_beam"] > 10
        and 1 < found["test_perplexity"] < 10
    )


def test_what_torchtext_makes(run: tuple[Any, ModuleType]) -> None:
    module, (german, english) = run[1], (["ein", "hund"], ["a", "b", "never seen"])
    vocabulary = module.Vocabulary.build(
        [["b", "a", "<unk>"], ["ä", "b", "ein"], ["a", "b"]]
    )
    assert isinstance(vocabulary, module.torchtext.vocab.Vocab)
    assert vocabulary.get_itos() == [
        "<pad>",
        "<unk>",
        "<sos>",
        "<eos>",
        "b",
        "a",
        "ein",
        "ä",
    ]
    pair = module.numericalize(module.Pair(german, english), vocabulary, vocabulary)
    assert [ids.tolist() for ids in pair] == [
        [6, 1],
        [2, 5, 4, 1, 3],
    ] and pair.src.dtype == module.torch.int64

    tokenizer = module.load_tokenizer("en")
    assert module.tokenize("The dog isn't running.", tokenizer) == [
        "the",
        "dog",
        "is",
        "n't",
        "running",
        ".",
    ]
    translations = [
        "A dog is running.",
        "a woman reads the book.",
        "two children play in the park with a ball.",
    ]
    references = [
        "a dog is running fast.",
        "A woman is reading a book.",
        "Two children play in the park with a ball.",
    ]
    sides = [
        [" ".join(module.tokenize(text, tokenizer)) for text in side]
        for side in (translations, references)
    ]
    bleu = module.BLEU(
        tokenize="none", smooth_method="none", force=True
    )  # the formula of torchtext's bleu_score
    expected = bleu.corpus_score(sides[0], [sides[1]]).score
    assert 30 < expected < 90
    assert module.token_bleu(translations, references, tokenizer) == pytest.approx(
        expected, abs=1e-3
    )
