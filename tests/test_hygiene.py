"""The notebooks and documents as files: clean outputs, working links, readable code."""

from __future__ import annotations

import ast
import builtins
import re
import subprocess
import symtable
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import mistune
import pytest

import notebooks
from notebooks import ROOT, code_cells, load, parse, tutorials

LONGEST_CELL, LONGEST_DEFINITION, LONGEST_PROSE = 45, 30, 200
FOLDED_CELLS = {1: 2, 7: 0}  # in the others, at most 13
ABSOLUTE_PATH = re.compile(
    r"(?<![\w.~-])/(?:content(?!/drive)|home|mnt|opt|private|root|tmp|Users|usr|var|work)/"
    r"|\b[A-Z]:\\(?![nrt]\b)"
)
HTML_TAGS = (
    "a b br code details div em i img kbd li ol p pre small strong sub summary sup"
)
CODE = re.compile(
    r"^(`{3,}|~{3,}).*?^\1[`~]*[ \t]*$|(?<!`)(`+)(?!`).*?(?<!`)\2(?!`)",
    re.DOTALL | re.MULTILINE,
)
MATH = re.compile(r"\$\$.+?\$\$|(?<![\\$])\$[^$\n]+?(?<!\\)\$", re.DOTALL)
TAG = re.compile(r"(?<!\\)</?([A-Za-z][\w-]*)(?=[\s/>])")
RESULT_NAMES = """
    tutorial dataset train_pairs parameters test_perplexity bleu_greedy bleu_beam
    bleu_signature bleu_spacy_lower chrf epochs training_seconds notebook_seconds
    translate_sentences_per_second device torch seed
"""
KNOWN_NAMES = set(dir(builtins)) | {"display", "get_ipython", "__file__"}
SCOPES = (ast.FunctionDef, ast.ClassDef)
SOLUTIONS = sorted(ROOT.glob("solutions/*.ipynb"))
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "assets/captions/README.md"]
DOCUMENTS += ["benchmarks/README.md", "benchmarks/LOG.md"]
DOCUMENTS += ["CHANGELOG.md", "further/README.md"]

Notebook = dict[str, Any]


# Each check returns what is wrong, one line per mistake.


def check_execution(book: Notebook, folder: Path) -> Iterator[str]:
    """Stored after one clean run: counts 1..n, no errors, no standard error."""
    counts = [cell["execution_count"] for cell in code_cells(book)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"execution counts: expected 1 to {len(counts)}, found {counts}"
    for index, cell in enumerate(book["cells"]):
        for output in cell.get("outputs", []):
            if output["output_type"] == "error" or output.get("name") == "stderr":
                yield f"cell {index}: {output.get('ename') or output['text'][:80]}"
            if any("widget" in kind for kind in output.get("data", {})):
                yield f"cell {index}: a widget as output"


def check_paths(book: Notebook, folder: Path) -> Iterator[str]:
    """No path of the machine the notebook ran on."""
    for index, cell in enumerate(book["cells"]):
        texts = [cell["source"]]
        for output in cell.get("outputs", []):
            data = output.get("data", {}).items()
            texts += [output.get("text", "")]
            texts += [str(text) for kind, text in data if not kind.startswith("image/")]
        for found in filter(None, map(ABSOLUTE_PATH.search, texts)):
            yield f"cell {index}: a path: {found.string[found.start() :][:40]!r}"


def check_placeholders(book: Notebook, folder: Path) -> Iterator[str]:
    """Nothing is left to be filled in."""
    for index, cell in enumerate(book["cells"]):
        for found in re.findall(r"@@\w+@@|\bTODO\b|\bFIXME\b", cell["source"]):
            yield f"cell {index}: {found} is left"


def check_images(book: Notebook, folder: Path) -> Iterator[str]:
    """Every image and plot is there and has a text for those who cannot see it."""
    for index, cell in enumerate(book["cells"]):
        if cell["cell_type"] == "markdown":
            for token in tokens(cell["source"]):
                if token["type"] == "image":
                    url = token["attrs"]["url"]
                    there = urlparse(url).netloc or (folder / unquote(url)).is_file()
                    if not (plain(token).strip() and there):
                        yield f"cell {index}: image {url}: no such file, or no text"
        for output in cell.get("outputs", []):
            metadata = output.get("metadata", {}).get("image/png", {})
            if "image/png" in output.get("data", {}) and not metadata.get("alt"):
                yield f"cell {index}: a plot without a text"


def check_links(book: Notebook, folder: Path) -> Iterator[str]:
    """Links lead to the web, to a file that exists or to a heading of the notebook."""
    for index, cell in enumerate(book["cells"]):
        if cell["cell_type"] == "markdown":
            for url in links(cell["source"]):
                if url.startswith("#"):
                    known = unquote(url[1:]).replace("-", " ") in headings(book)
                    problem = None if known else "no such heading"
                else:
                    problem = link_problem(url, folder)
                if problem:
                    yield f"cell {index}: link {url}: {problem}"


def check_tags(book: Notebook, folder: Path) -> Iterator[str]:
    """Words like <sos> need a code span or a backslash, or browsers swallow them."""
    for index, cell in enumerate(book["cells"]):
        if cell["cell_type"] == "markdown":
            text = CODE.sub("", cell["source"])
            text = re.sub(r"<!--.*?-->|\]\(<[^>\n]*>\)", "", text, flags=re.DOTALL)
            for name in set(TAG.findall(text)) - set(HTML_TAGS.split()):
                yield f"cell {index}: <{name}> is no HTML, write `<{name}>`"


def check_lengths(book: Notebook, folder: Path) -> Iterator[str]:
    """Code and prose come in pieces a reader can take in, or are folded away."""
    for index, cell in enumerate(book["cells"]):
        if "cellView" in cell["metadata"]:
            continue
        if cell["cell_type"] == "markdown":
            prose = re.sub(r"!\[[^]]*\]\([^)]*\)", "", CODE.sub("", cell["source"]))
            n_words = len(prose.split())
            table = "|---" in cell["source"] or "References" in cell["source"]
            if n_words > LONGEST_PROSE and not table:
                yield f"cell {index}: {n_words} words"
            continue
        lines = cell["source"].splitlines()
        if len([line for line in lines if line.strip()]) > LONGEST_CELL:
            yield f"cell {index}: {len(lines)} lines"
        for node in parse(cell["source"]).body:
            if (
                isinstance(node, SCOPES)
                and code_lines(node, lines) > LONGEST_DEFINITION
            ):
                yield f"{node.name} has {code_lines(node, lines)} lines of code"


def check_globals(book: Notebook, folder: Path) -> Iterator[str]:
    """Functions and classes get all they need as arguments."""
    nodes = [node for cell in code_cells(book) for node in parse(cell["source"]).body]
    defined = {node.name for node in nodes if isinstance(node, SCOPES)} | KNOWN_NAMES
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.asname or alias.name for alias in node.names]
            defined |= {name.split(".")[0] for name in names}
    for node in nodes:
        if isinstance(node, SCOPES):
            for name in sorted(names_read(node) - defined):
                yield f"{node.name} reads the notebook's global {name}"


def check_asserts(book: Notebook, folder: Path) -> Iterator[str]:
    """Functions raise errors that say what is wrong."""
    for cell in code_cells(book):
        for function in ast.walk(parse(cell["source"])):
            if isinstance(function, ast.FunctionDef):
                nodes = ast.walk(function)
                if any(isinstance(node, ast.Assert) for node in nodes):
                    yield f"assert in {function.name}"


# What the checks are made of.


def tokens(text: str) -> Iterator[dict[str, Any]]:
    """All tokens of a Markdown text, formulas left out."""
    text = CODE.sub(lambda found: found[0].replace("$", "S"), text)
    markdown = mistune.create_markdown(renderer="ast", plugins=["table"])
    pending = list(markdown(MATH.sub("formula", text)))
    while pending:
        token = pending.pop(0)
        yield token
        pending = token.get("children", []) + pending


def plain(token: dict[str, Any]) -> str:
    """The text of a token without its markup."""
    return token.get("raw", "") + "".join(map(plain, token.get("children", [])))


def headings(book: Notebook) -> list[str]:
    """The headings of a notebook, with spaces for hyphens as in links."""
    cells = [cell for cell in book["cells"] if cell["cell_type"] == "markdown"]
    found = [token for cell in cells for token in tokens(cell["source"])]
    texts = [plain(token) for token in found if token["type"] == "heading"]
    return [text.replace("-", " ") for text in texts]


def links(text: str) -> list[str]:
    """The targets of all links in a Markdown text."""
    return [one["attrs"]["url"] for one in tokens(text) if one["type"] == "link"]


def link_problem(url: str, folder: Path) -> str | None:
    """What is wrong with a link that is no anchor."""
    parts = urlparse(url)
    if parts.scheme in ("http", "https"):
        return None if "." in parts.netloc and " " not in url else "no web address"
    if parts.scheme or url.startswith("/"):
        return "neither a web address nor a relative path"
    return None if (folder / unquote(parts.path)).exists() else "no such file"


def code_lines(node: ast.stmt, lines: list[str]) -> int:
    """The lines in a definition's body without docstrings, comments, blank lines."""
    left_out = set()
    for one in ast.walk(node):
        if isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant):
            left_out |= set(range(one.lineno, one.end_lineno + 1))
    numbers = set(range(node.body[0].lineno, node.end_lineno + 1)) - left_out
    return sum(lines[number - 1].lstrip()[:1] not in ("", "#") for number in numbers)


def names_read(definition: ast.stmt) -> set[str]:
    """The global names that a function or class reads anywhere."""

    def read(table: symtable.SymbolTable) -> Iterator[str]:
        for symbol in table.get_symbols():
            top = table.get_type() == "module"
            is_global = not symbol.is_assigned() if top else symbol.is_global()
            if symbol.is_referenced() and is_global:
                yield symbol.get_name()
        for child in table.get_children():
            yield from read(child)

    return set(read(symtable.symtable(ast.unparse(definition), "<cell>", "exec")))


CHECKS = {
    name.removeprefix("check_"): check
    for name, check in list(globals().items())
    if name.startswith("check_")
}


def cell(source: str, kind: str = "code", outputs: tuple = (), count: int = 1) -> dict:
    """A made-up cell."""
    made = {"cell_type": kind, "source": source, "metadata": {}}
    code = {"outputs": list(outputs), "execution_count": count}
    return made | code if kind == "code" else made


def text(source: str) -> dict:
    return cell(source, "markdown")


ERROR = {"output_type": "error", "ename": "ValueError"}
WARNING = {"output_type": "stream", "name": "stderr", "text": "careful"}
PATH = {"output_type": "stream", "name": "stdout", "text": "in /tmp/w"}
PLOT = {"output_type": "display_data", "data": {"image/png": "x"}, "metadata": {}}
MISTAKES = [  # a made-up notebook with exactly one mistake, and the check that finds it
    ("execution", [cell("1", count=2)]),
    ("execution", [cell("1", outputs=(ERROR,))]),
    ("execution", [cell("1", outputs=(WARNING,))]),
    ("paths", [cell("open('/home/anna/x.pt')")]),
    ("paths", [cell("1", outputs=(PATH,))]),
    ("placeholders", [text("It takes TODO minutes.")]),
    ("images", [text("![A cell](assets/figures/no-such.png)")]),
    ("images", [text("![](pyproject.toml)")]),
    ("images", [cell("1", outputs=(PLOT,))]),
    ("links", [text("[see](no-such-file.md)")]),
    ("links", [text("# The Model"), text("[see](#the-model)")]),
    ("tags", [text("The decoder starts with <sos>.")]),
    ("lengths", [cell("x = 1\n" * 46)]),
    ("lengths", [cell("def f():\n" + "    x = 1\n" * 31)]),
    ("lengths", [text("word " * 300)]),
    ("globals", [cell("n = 3"), cell("def f(m=n):\n    return m", count=2)]),
    ("globals", [cell("class A:\n    def f(self):\n        return [n for _ in 'ab']")]),
    ("asserts", [cell("class A:\n    def f(self, x):\n        assert x")]),
]


@pytest.mark.parametrize("check, cells", MISTAKES)
def test_each_check_finds_its_mistake(check: str, cells: list[dict]) -> None:
    assert len(list(CHECKS[check]({"cells": cells}, ROOT))) == 1


@pytest.mark.parametrize("check", CHECKS)
def test_tutorial(tutorial: Path, check: str) -> None:
    assert list(CHECKS[check](load(tutorial), tutorial.parent)) == []


@pytest.mark.parametrize("check", sorted(CHECKS.keys() - {"globals"}))
@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.name[0])
def test_solutions(path: Path, check: str) -> None:
    """Their definitions use the tutorial's, which they load."""
    assert list(CHECKS[check](load(path), path.parent)) == []


def test_folded_cells(tutorial: Path) -> None:
    """Folded in Colab, in JupyterLab and on web pages."""
    cells = code_cells(load(tutorial))
    form = [one for one in cells if one["metadata"].get("cellView") == "form"]
    assert len(form) <= FOLDED_CELLS.get(int(tutorial.name[0]), 13)
    for one in cells:
        hidden = one["metadata"].get("jupyter", {}).get("source_hidden", False)
        tagged = "hide-input" in one["metadata"].get("tags", [])
        titled = one["source"].startswith("# @title ")
        assert hidden == tagged == titled == (one in form)


def test_headings_are_unique_in_the_series() -> None:
    """So that links work with two tutorials open in JupyterLab."""
    found = [heading for path in tutorials() for heading in headings(load(path))]
    assert sorted(found) == sorted(set(found))


def test_results_are_complete_and_of_the_settings_shown(tutorial: Path) -> None:
    book = load(tutorial)
    found = notebooks.results(tutorial)
    names = set(RESULT_NAMES.split())
    assert set(found) == names or (tutorial.name[0] == "7" and set(found) < names)
    assert found["tutorial"] == int(tutorial.name[0])
    source = "\n".join(one["source"] for one in code_cells(book))
    for field, value in (("n_epochs", found["epochs"]), ("seed", found["seed"])):
        assert re.search(rf"^    {field}: int = {value}\b", source, re.M)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_of_documents(name: str) -> None:
    path = ROOT / name
    found = [url for url in links(path.read_text(encoding="utf-8")) if url[0] != "#"]
    problems = {url: link_problem(url, path.parent) for url in found}
    assert {url: problem for url, problem in problems.items() if problem} == {}


@pytest.mark.parametrize("arguments", [("check",), ("format", "--check")])
def test_ruff(arguments: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "ruff", *arguments, "."]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr
