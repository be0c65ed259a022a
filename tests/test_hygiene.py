"""The notebooks and documents as files: clean outputs, working links, code that reads well."""

from __future__ import annotations

import ast
import builtins
import json
import math
import re
import subprocess
import symtable
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import mistune
import pytest

import common
import notebooks
import readme_table
from notebooks import ROOT, code_cells, load, parse, tutorials

LONGEST_CELL, LONGEST_DEFINITION = 45, 30
ABSOLUTE_PATH = re.compile(
    r"(?<![\w.~-])/(?:content(?!/drive)|home|mnt|opt|private|root|tmp|Users|usr|var|work)/|\b[A-Z]:\\(?![nrt]\b)"
)
HTML_TAGS = """
    a abbr b blockquote br caption center code col dd del details div dl dt em figcaption figure font h1 h2 h3
    h4 h5 h6 hr i img kbd li mark ol p picture pre s small source span strong sub summary sup table tbody td
    th thead tr u ul var
"""
CODE = re.compile(r"^(`{3,}|~{3,}).*?^\1[`~]*[ \t]*$|(?<!`)(`+)(?!`).*?(?<!`)\2(?!`)", re.DOTALL | re.MULTILINE)
MATH = re.compile(r"\$\$.+?\$\$|(?<![\\$])\$[^$\n]+?(?<!\\)\$|\\\[.+?\\\]|\\\(.+?\\\)", re.DOTALL)
TAG = re.compile(r"(?<!\\)</?([A-Za-z][\w-]*)(?=[\s/>])")
IMAGE_TAG = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
AGREED_RESULTS = """
    tutorial dataset train_pairs parameters test_perplexity bleu_greedy bleu_beam bleu_signature bleu_spacy_lower
    chrf epochs training_seconds notebook_seconds translate_sentences_per_second device torch seed
"""
RESULT_KEYS = set(AGREED_RESULTS.split())
TEXTS = {"dataset", "bleu_signature", "device", "torch"}  # the other results are numbers
KNOWN_NAMES = set(dir(builtins)) | {"display", "get_ipython", "__file__"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SCOPES = (*FUNCTIONS, ast.ClassDef)

Notebook = dict[str, Any]


# Each check returns what is wrong, one line per mistake.


def check_execution(book: Notebook) -> Iterator[str]:
    """Stored after one clean run: counts 1..n, no errors, no standard error, no widgets."""
    counts = [cell["execution_count"] for cell in code_cells(book)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"execution counts: expected 1 to {len(counts)}, found {counts}"
    if "widgets" in book["metadata"]:
        yield "widget state in the metadata"
    for index, cell in enumerate(book["cells"]):
        for output in cell.get("outputs", []):
            if output["output_type"] == "error":
                yield f"cell {index}: the output is an error, {output['ename']}"
            if output.get("name") == "stderr":
                yield f"cell {index}: output on standard error: {output['text'][:80]!r}"
            if "Resuming after epoch" in output.get("text", ""):
                yield f"cell {index}: the training was resumed: not one clean run"
            if any("widget" in kind for kind in output.get("data", {})):
                yield f"cell {index}: a widget as output"


def check_paths(book: Notebook) -> Iterator[str]:
    """No path of the machine the notebook ran on."""
    for index, cell in enumerate(book["cells"]):
        texts = [cell["source"]]
        for output in cell.get("outputs", []):
            texts += [output.get("text", ""), *map(str, output.get("traceback", []))]
            texts += [str(data) for kind, data in output.get("data", {}).items() if not kind.startswith("image/")]
        for found in filter(None, map(ABSOLUTE_PATH.search, texts)):
            yield f"cell {index}: an absolute path: {found.string[found.start() :][:40]!r}"


def check_placeholders(book: Notebook) -> Iterator[str]:
    """Nothing is left to be filled in."""
    for index, cell in enumerate(book["cells"]):
        for found in re.findall(r"@@\w+@@|\bTODO\b|\bFIXME\b", cell["source"]):
            yield f"cell {index}: {found} is left"


def check_images(book: Notebook, folder: Path) -> Iterator[str]:
    """Every image is there and has a text for those who cannot see it."""
    for index, cell in markdown_cells(book):
        for token in tokens(cell["source"]):
            if token["type"] == "image":
                yield from _image(index, token["attrs"]["url"], plain(token), cell, folder)
        for tag in IMAGE_TAG.findall(without_code(cell["source"])):
            attributes = dict(re.findall(r"(\w+)\s*=\s*[\"']([^\"']*)[\"']", tag))
            yield from _image(index, attributes.get("src", ""), attributes.get("alt", ""), cell, folder)


def _image(index: int, url: str, text: str, cell: dict[str, Any], folder: Path) -> Iterator[str]:
    """What is wrong with one image."""
    if not text.strip():
        yield f"cell {index}: image {url} has no alternative text"
    if url.startswith("attachment:"):
        there = url.removeprefix("attachment:") in cell.get("attachments", {})
    else:
        there = bool(urlparse(url).netloc) or (folder / unquote(url)).is_file()
    if not there:
        yield f"cell {index}: image {url} does not exist"


def check_links(book: Notebook, folder: Path) -> Iterator[str]:
    """Links lead to the web, to a file that exists or to a heading of the same notebook."""
    headings = set()
    for _, cell in markdown_cells(book):
        headings |= {plain(token).replace(" ", "-") for token in tokens(cell["source"]) if token["type"] == "heading"}
    for index, cell in markdown_cells(book):
        for url in links(cell["source"]):
            if url.startswith("#"):
                problem = None if unquote(url[1:]) in headings else "no such heading"
            else:
                problem = link_problem(url, folder)
            if problem:
                yield f"cell {index}: link {url}: {problem}"


def check_tags(book: Notebook) -> Iterator[str]:
    """Words like <sos> need a code span or a backslash, or browsers swallow them."""
    for index, cell in markdown_cells(book):
        text = re.sub(r"<!--.*?-->|\]\(<[^>\n]*>\)", "", without_code(cell["source"]), flags=re.DOTALL)
        for name in TAG.findall(text):
            if name.lower() not in HTML_TAGS.split():
                yield f"cell {index}: <{name}> is no HTML, write `<{name}>`"


def check_cell_lengths(book: Notebook) -> Iterator[str]:
    """Code comes in pieces a reader can take in, or is folded away; tutorials 2 and 3 do not keep to it yet."""
    if any(tag.startswith("shared:") for cell in book["cells"] for tag in cell["metadata"].get("tags", [])):
        return
    for index, cell in enumerate(book["cells"]):
        if cell["cell_type"] != "code" or "cellView" in cell["metadata"]:
            continue
        lines = cell["source"].splitlines()
        if len(lines) > LONGEST_CELL:
            yield f"cell {index}: {len(lines)} lines, at most {LONGEST_CELL} are meant"
        for node in parse(cell["source"]).body:
            if isinstance(node, SCOPES) and (length := code_lines(node, lines)) > LONGEST_DEFINITION:
                yield f"{node.name}: {length} lines of code, at most {LONGEST_DEFINITION} are meant"


def check_globals(book: Notebook) -> Iterator[str]:
    """Functions and classes get all they need as arguments."""
    nodes = [node for cell in code_cells(book) for node in parse(cell["source"]).body]
    statements = [node for node in nodes if not isinstance(node, SCOPES)]
    assigned = {name for node in statements for name in assigned_names(node)}
    defined = {node.name for node in nodes if isinstance(node, SCOPES)}
    defined |= {name for node in statements for name in imported_names(node)}
    for node in nodes:
        if isinstance(node, SCOPES):
            for name in sorted(names_read(node)):
                if name in assigned or name not in defined | KNOWN_NAMES:
                    yield f"{node.name} reads the notebook's global {name}"


def check_asserts(book: Notebook) -> Iterator[str]:
    """Functions raise errors that say what is wrong."""
    for cell in code_cells(book):
        for function in ast.walk(parse(cell["source"])):
            if isinstance(function, FUNCTIONS):
                yield from (f"assert in {function.name}" for node in ast.walk(function) if isinstance(node, ast.Assert))


def check_results(book: Notebook) -> Iterator[str]:
    """The cell tagged `results` makes one dict with the agreed keys, and evaluates to it."""
    (cell,) = notebooks.cells_with_tag(book, "results")
    *statements, last = parse(cell["source"]).body
    shown = last.value.id if isinstance(last, ast.Expr) and isinstance(last.value, ast.Name) else None
    made = next((s for s in statements if isinstance(s, ast.Assign) and ast.unparse(s.targets) == shown), None)
    if made is None or not isinstance(made.value, ast.Dict):
        yield "results: expected a dict and its name as the last line"
        return
    keys = [key.value for key in made.value.keys if isinstance(key, ast.Constant)]
    if missing := RESULT_KEYS - set(keys):
        yield f"results: no {sorted(missing)}"
    if len(set(keys)) < len(made.value.keys):
        yield "results: a key that is no plain text, or that occurs twice"


def check_stored_results(found: dict[str, Any], settings: dict[str, Any], tutorial: int) -> Iterator[str]:
    """What the results cell evaluated to is complete, and of a run with the settings that the notebook shows."""
    if missing := RESULT_KEYS - set(found):
        yield f"stored results: no {sorted(missing)}"
    for key in sorted(RESULT_KEYS & set(found)):
        value = found[key]
        if key in TEXTS:
            good = isinstance(value, str) and value.strip()
        else:
            good = type(value) in (int, float) and math.isfinite(value) and value >= 0
        if not good:
            yield f"stored results: {key} is {value!r}"
    for key, expected in (("tutorial", tutorial), ("epochs", settings["n_epochs"]), ("seed", settings["seed"])):
        if found.get(key, expected) != expected:
            yield f"stored results: {key} is {found[key]}, the notebook says {expected}"


def check_shared(books: dict[str, Notebook]) -> Iterator[str]:
    """Cells with the same `shared:` tag have the same text, and so the same syntax tree."""
    first: dict[str, tuple[str, str, str]] = {}
    for name, book in books.items():
        for cell in book["cells"]:
            for tag in cell["metadata"].get("tags", []):
                if tag.startswith("shared:"):
                    where, kind, source = first.setdefault(tag, (name, cell["cell_type"], cell["source"]))
                    if kind != cell["cell_type"]:
                        yield f"{tag}: code in one, Markdown in the other: {where} and {name}"
                    elif source != cell["source"]:
                        same = kind == "code" and same_tree(source, cell["source"])
                        what = "other comments or spaces" if same else "other code or text"
                        yield f"{tag}: {what} in {name} than in {where}"


# What the checks are made of.


def markdown_cells(book: Notebook) -> list[tuple[int, dict[str, Any]]]:
    """The Markdown cells with their positions."""
    return [(index, cell) for index, cell in enumerate(book["cells"]) if cell["cell_type"] == "markdown"]


def without_code(text: str) -> str:
    """Markdown without code blocks and code spans."""
    return CODE.sub("", text)


def tokens(text: str) -> Iterator[dict[str, Any]]:
    """All tokens of a Markdown text, formulas left out."""
    code = CODE.sub(lambda found: found[0].replace("$", "S"), text)  # dollars in code start no formula
    pending = list(mistune.create_markdown(renderer="ast", plugins=["table"])(MATH.sub("formula", code)))
    while pending:
        token = pending.pop(0)
        yield token
        pending = token.get("children", []) + pending


def plain(token: dict[str, Any]) -> str:
    """The text of a token without its markup."""
    return token.get("raw", "") + "".join(map(plain, token.get("children", [])))


def links(text: str) -> list[str]:
    """The targets of all links in a Markdown text."""
    found = [token["attrs"]["url"] for token in tokens(text) if token["type"] == "link"]
    return found + re.findall(r"<a\b[^>]*\bhref\s*=\s*[\"']([^\"']*)", without_code(text))


def link_problem(url: str, folder: Path) -> str | None:
    """What is wrong with a link that is no anchor."""
    parts = urlparse(url)
    if parts.scheme in ("http", "https"):
        return None if "." in parts.netloc and " " not in url else "not a web address"
    if parts.scheme == "mailto":
        return None
    if parts.scheme or parts.netloc or url.startswith("/"):
        return "neither a web address nor a relative path"
    return None if (folder / unquote(parts.path)).exists() else "no such file"


def code_lines(node: ast.stmt, lines: list[str]) -> int:
    """The number of lines in the body of a definition without docstrings, comments and blank lines."""
    strings = [one for one in ast.walk(node) if isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)]
    left_out = {number for one in strings for number in range(one.lineno, one.end_lineno + 1)}
    numbers = set(range(node.body[0].lineno, node.end_lineno + 1)) - left_out
    return sum(lines[number - 1].lstrip()[:1] not in ("", "#") for number in numbers)


def same_tree(one: str, other: str) -> bool:
    """Whether two cells differ in comments and spaces at most."""
    return ast.dump(parse(one)) == ast.dump(parse(other))


def assigned_names(statement: ast.stmt) -> set[str]:
    """The names that a statement at the top of a cell assigns."""
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def imported_names(statement: ast.stmt) -> set[str]:
    """The names that a statement imports."""
    aliases = [
        alias for node in ast.walk(statement) if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names
    ]
    return {(alias.asname or alias.name).split(".")[0] for alias in aliases}


def names_read(definition: ast.stmt) -> set[str]:
    """The global names that a function or class reads anywhere: body, defaults, decorators, annotations."""

    def read(table: symtable.SymbolTable) -> Iterator[str]:
        for symbol in table.get_symbols():
            top = table.get_type() == "module"
            if symbol.is_referenced() and (not symbol.is_assigned() if top else symbol.is_global()):
                yield symbol.get_name()
        for child in table.get_children():
            yield from read(child)

    return set(read(symtable.symtable(ast.unparse(definition), "<cell>", "exec")))


def book_of(*cells: dict[str, Any]) -> Notebook:
    """A made-up notebook."""
    return {"metadata": {}, "cells": list(cells)}


def code(source: str, count: int | None = 1, outputs: tuple = (), **metadata: Any) -> dict[str, Any]:
    """A made-up code cell."""
    return {
        "cell_type": "code",
        "source": source,
        "execution_count": count,
        "outputs": list(outputs),
        "metadata": metadata,
    }


def markdown(source: str, **metadata: Any) -> dict[str, Any]:
    """A made-up Markdown cell."""
    return {"cell_type": "markdown", "source": source, "metadata": metadata}


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    """A made-up printed output."""
    return {"output_type": "stream", "name": name, "text": text}


CHECKS: dict[str, Callable[[Notebook], Iterator[str]]] = {
    "execution": check_execution,
    "paths": check_paths,
    "placeholders": check_placeholders,
    "images": lambda book: check_images(book, ROOT),
    "links": lambda book: check_links(book, ROOT),
    "tags": check_tags,
    "cell lengths": check_cell_lengths,
    "globals": check_globals,
    "asserts": check_asserts,
}

# Made-up notebooks with exactly one mistake each.
MISTAKES = [
    ("execution", book_of(code("1", count=2))),
    ("execution", book_of(code("1"), code("2", count=None))),
    ("execution", book_of(code("1", outputs=(stream("careful", "stderr"),)))),
    ("execution", book_of(code("1", outputs=({"output_type": "error", "ename": "ValueError"},)))),
    (
        "execution",
        book_of(
            code(
                "1",
                outputs=(
                    {
                        "output_type": "display_data",
                        "data": {"application/vnd.jupyter.widget-view+json": {}},
                    },
                ),
            )
        ),
    ),
    ("execution", {"metadata": {"widgets": {}}, "cells": [code("1")]}),
    ("execution", book_of(code("1", outputs=(stream("Resuming after epoch 3."),)))),
    ("placeholders", book_of(markdown("It takes @@TIME@@."))),
    ("paths", book_of(code("open('/home/anna/x.pt')"))),
    ("paths", book_of(code("1", outputs=(stream("saved to /tmp/x.pt"),)))),
    ("paths", book_of(code("1", outputs=({"output_type": "x", "data": {"text/plain": "'C:\\\\Users'"}},)))),
    ("images", book_of(markdown("![An LSTM cell](assets/figures/no-such.png)"))),
    ("images", book_of(markdown("![](pyproject.toml)"))),
    ("images", book_of(markdown('<img src="pyproject.toml">'))),
    ("links", book_of(markdown("[see](no-such-file.md)"))),
    ("links", book_of(markdown("[see](htp://example.org)"))),
    ("links", book_of(markdown("[see](https://example)"))),
    ("links", book_of(markdown("# The Model"), markdown("[see](#the-model)"))),
    ("links", book_of(markdown("costs $5 [see](no-such-file.md) `$x`"))),
    ("tags", book_of(markdown("The decoder starts with <sos>."))),
    ("tags", book_of(markdown("In a formula: $p(y | <unk> )$"))),
    ("cell lengths", book_of(code("x = 1\n" * 46))),
    ("cell lengths", book_of(code("def f():\n" + "    x = 1\n" * 31 + "    # no code\n"))),
    ("globals", book_of(code("batch_size = 3"), code("def f():\n    return batch_size"))),
    ("globals", book_of(code("n = 3"), code("def f(m=n):\n    return m"))),
    ("globals", book_of(code("n = 3"), code("class A:\n    def f(self):\n        return [n for _ in 'ab']"))),
    ("globals", book_of(code("def f():\n    return undefined"))),
    (
        "globals",
        book_of(code("for i in []: pass"), code("def f():\n    def g():\n        return i\n    return g")),
    ),
    ("asserts", book_of(code("class A:\n    def f(self, x):\n        assert x"))),
]

FAULTLESS = book_of(
    markdown(
        "# The `LSTM` Model\n<!-- colab -->\n<!-- /colab -->\n`<sos>` \\<sos> x < y, $a < b$ <br>\n```\n<eos>\n```"
    ),
    markdown(
        "[up](#The-LSTM-Model) [web](https://example.org/home/a_(b)) [file](<tests/notebooks.py>) <https://example.org>\n\n"
        "![Alternative text](pyproject.toml) `[no](link)`"
    ),
    code("import math\nfrom math import pi\nn = 3\nassert n\n[x for x in 'ab']", 1, (stream("loss /home\n"),)),
    code(
        "def f(n: int, k: float = pi) -> int:\n"
        "    def g(m):\n"
        "        nonlocal n\n"
        "        n += m\n"
        "        return len([n for n in range(m)]) + math.floor(k)\n"
        "    return g(n)\n",
        2,
    ),
    code("class A:\n    n = 1\n    x = n\n    def f(self):\n        return f(self.n), A, __name__", 3),
    code("if n:\n    %matplotlib inline\nprint(f(n))", 4),
    code("# @title Long\n" + "x = 1\n" * 99, 5, cellView="form"),
    code('def h():\n    """Long.\n\n    text\n    """\n\n    # no code\n' + "    x = 1\n" * 30, 6),
)


@pytest.mark.parametrize(
    ("check", "book"), MISTAKES, ids=[f"{index}-{name}" for index, (name, _) in enumerate(MISTAKES)]
)
def test_each_check_finds_its_mistake(check: str, book: Notebook) -> None:
    assert len(list(CHECKS[check](book))) == 1


@pytest.mark.parametrize("check", CHECKS)
def test_no_check_finds_fault_with_a_good_notebook(check: str) -> None:
    assert list(CHECKS[check](FAULTLESS)) == []


def test_shared_cells_are_compared() -> None:
    one, same = (book_of(code("x = 1  # one", tags=["shared:x"])) for _ in range(2))
    comment, other = (book_of(code(text, tags=["shared:x"])) for text in ("x = 1  # 1", "x = 2  # one"))
    assert list(check_shared({"a": one, "b": same})) == []
    assert list(check_shared({"a": one, "b": comment})) == ["shared:x: other comments or spaces in b than in a"]
    assert list(check_shared({"a": one, "b": other})) == ["shared:x: other code or text in b than in a"]
    alone = book_of(code("x = 3", tags=["shared:y"]), code("x = 4", tags=["parameters"]))
    assert list(check_shared({"a": one, "b": alone, "c": other})) == ["shared:x: other code or text in c than in a"]
    kind = book_of(markdown("x = 1  # one", tags=["shared:x"]))
    assert list(check_shared({"a": one, "b": kind})) == ["shared:x: code in one, Markdown in the other: a and b"]


GOOD_RESULTS = {key: "text" if key in TEXTS else 1 for key in RESULT_KEYS}
GOOD_SETTINGS = {"n_epochs": 1, "seed": 1}


def results_cell(keys: Iterable[str], last: str = "found") -> Notebook:
    """A made-up notebook whose results have the given keys."""
    entries = ", ".join(f'"{key}": 1' for key in keys)
    return book_of(code(f"found = {{{entries}}}\n{last}", tags=["results"]))


def test_the_results_cell_is_checked() -> None:
    assert list(check_results(results_cell(RESULT_KEYS))) == []
    for missing in RESULT_KEYS:
        assert list(check_results(results_cell(RESULT_KEYS - {missing}))) == [f"results: no {[missing]}"]
    assert len(list(check_results(results_cell([*RESULT_KEYS, "seed"])))) == 1
    for last in ("print(found)", "n = 1", "other"):
        assert len(list(check_results(results_cell(RESULT_KEYS, last)))) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"tutorial": 2},
        {"epochs": 9},
        {"seed": 4},
        {"chrf": "1"},
        {"chrf": math.nan},
        {"bleu_beam": -1},
        {"bleu_beam": None},
        {"train_pairs": True},
        {"device": " "},
        {"torch": 2.4},
    ],
)
def test_the_stored_results_are_checked(change: dict[str, Any]) -> None:
    assert list(check_stored_results(GOOD_RESULTS, GOOD_SETTINGS, 1)) == []
    assert len(list(check_stored_results(GOOD_RESULTS | change, GOOD_SETTINGS, 1))) == 1


def test_a_missing_stored_result_is_named() -> None:
    for missing in RESULT_KEYS:
        found = {key: value for key, value in GOOD_RESULTS.items() if key != missing}
        assert list(check_stored_results(found, GOOD_SETTINGS, 1)) == [f"stored results: no {[missing]}"]


def test_there_are_tutorials() -> None:
    numbers = [int(path.name[0]) for path in tutorials()]
    assert numbers
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("check", CHECKS)
def test_notebook(tutorial: Path, check: str) -> None:
    assert list(CHECKS[check](load(tutorial))) == []


def test_two_cells_of_tutorial_1_are_folded() -> None:
    """In Colab, in JupyterLab and on web pages."""
    cells = code_cells(load(tutorials()[0]))
    form = [cell for cell in cells if cell["metadata"].get("cellView") == "form"]
    assert len(form) == 2 and all(cell["source"].startswith("# @title ") for cell in form)
    assert form == [cell for cell in cells if cell["metadata"].get("jupyter", {}).get("source_hidden")]
    assert form == [cell for cell in cells if common.has_tag(cell, "hide-input")]


def test_tags_that_the_tools_need(tutorial: Path) -> None:
    book = load(tutorial)
    assert [len(notebooks.cells_with_tag(book, tag)) for tag in ("parameters", "results")] == [1, 1]
    assert {cell["cell_type"] for cell in notebooks.cells_with_tag(book, "results")} == {"code"}


def test_results_have_the_agreed_keys(tutorial: Path) -> None:
    assert list(check_results(load(tutorial))) == []


def test_stored_results_are_complete(tutorial: Path) -> None:
    settings = common.plain_settings(load(tutorial))
    assert list(check_stored_results(notebooks.results(tutorial), settings, common.number(tutorial))) == []


def test_notebooks_share_cells_to_the_letter() -> None:
    assert list(check_shared({path.name: load(path) for path in tutorials()})) == []


def test_definitions_hold_functions_only(tmp_path: Path) -> None:
    path = tmp_path / "9 - Made up.ipynb"
    source = "n = 3\nclass A: pass\ndef f():\n    raise KeyError(len)\nf()"
    path.write_text(json.dumps(book_of(code(source))))
    module = notebooks.definitions(path)
    assert not hasattr(module, "n")
    assert module.A.__module__ == module.__name__
    assert notebooks.definitions(path) is module
    with pytest.raises(KeyError) as error:
        module.f()
    assert str(error.traceback[-1].statement).strip() == "raise KeyError(len)"
    assert error.traceback[-1].lineno == 3


def test_readme_shows_the_stored_results() -> None:
    old, new = readme_table.readme(ROOT)
    assert old == new


# As in Makefile and pyproject.toml.
NARROW = ["1 - *.ipynb", "solutions/*.ipynb", "tests/test_tutorial_1.py"]
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "assets/captions/README.md", "benchmarks/README.md", "legacy/README.md"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_of_documents(name: str) -> None:
    path = ROOT / name
    found = [url for url in links(path.read_text(encoding="utf-8")) if not url.startswith("#")]
    assert [(url, problem) for url in found if (problem := link_problem(url, path.parent))] == []


@pytest.mark.parametrize("narrow", [False, True], ids=["120", "88"])
@pytest.mark.parametrize("arguments", [("check",), ("format", "--check")], ids=["check", "format"])
def test_ruff(arguments: tuple[str, ...], narrow: bool) -> None:
    """What has 88 columns is left out of the call for the rest."""
    paths = [path for pattern in NARROW for path in ROOT.glob(pattern)]
    which = ["--line-length", "88", *paths] if narrow else ["."]
    found = subprocess.run([sys.executable, "-m", "ruff", *arguments, *which], cwd=ROOT, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr
