"""The solutions run beside their tutorial, with a translator that was never trained."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import notebooks

pytestmark = pytest.mark.xdist_group("solutions")  # one process for its fixture
ROOT = Path(__file__).resolve().parents[1]
N_PAIRS = {"train": 400, "validation": 40, "test": 10}
PREFIXES = {1: "lstm", 2: "gru", 3: "attention"}
PREFIXES |= {4: "luong-*", 5: "convolutions", 6: "transformer"}
HIDDEN = {"hidden_dim": 16}
SIZES = {1: HIDDEN | {"n_layers": 1}, 2: HIDDEN, 3: HIDDEN | {"attention_dim": 16}}
SIZES |= {4: HIDDEN | {"n_layers": 1}, 5: HIDDEN | {"n_layers": 2}}
SIZES |= {6: {"n_layers": 1, "n_heads": 2, "feed_forward_dim": 16}}
# What the tutorial does before; the cell that loads the translator is tried first.
TRANSLATOR = """
n_epochs, n_pairs = 1, 200
sizes = {"embedding_dim": 16, "dropout": 0.0, "batch_size": 20}
sizes |= MORE_SIZES
try:
    exec(LOADING)
except FileNotFoundError as error:
    missing = str(error)
tokenizers = [load_tokenizer(language) for language in ("de", "en")]
train = load_pairs(dataset, ("de", "en"))["train"]
tokens = [[tokenize(pair[k], tokenizers[k]) for pair in train] for k in (0, 1)]
vocabularies = [Vocabulary.build(sentences, 2) for sentences in tokens]
small = Settings(**sizes)
model = build_model(small, *map(len, vocabularies))
for weight in model.parameters():
    weight.data *= 3  # an untrained model hardly has preferences
saved = Path(checkpoint_folder, f"PREFIX-{dataset}-1-epochs-seed-1", "best.pt")
save_translator(Translator(model, *tokenizers, *vocabularies, small), saved)
untouched = saved.read_bytes()
"""
LEFT = """
files = [path.name for path in Path(checkpoint_folder).rglob("*") if path.is_file()]
print(json.dumps({
    "missing": missing,
    "untouched": untouched == saved.read_bytes() and files == ["best.pt"],
}))
"""
FACTS = """
import inspect
whole = inspect.getsource(beam_search)
shared = whole.split("model.eval()")[1].rsplit("    return", 1)[0]
sentences = [pair.src for pair in pairs["validation"][:5]]
double = replace(translator, model=Ensemble([translator.model] * 2))
print(json.dumps({
    "differences": differences,
    "memorised": memorised,
    "same search": shared in inspect.getsource(search_all),
    "n best": [n_best(translator, sentence, 3) for sentence in sentences],
    "of nothing": n_best(translator, " "),
    "translated": [translate(translator, sentence, 3) for sentence in sentences],
    "ensemble": largest,
    "doubled": [translate(double, sentence, 3) for sentence in sentences],
}))
"""


def facts(number: int, folder: Path, *last: str) -> dict:
    """Run the solutions and the last cells; return what these print.

    Nothing is written to standard error on the way there.
    """
    tutorial = notebooks.tutorial(number)
    home = folder / tutorial.parent.relative_to(ROOT)
    for path in (home / "corpus", folder / "solutions"):
        path.mkdir(parents=True)
    shutil.copy(tutorial, home)
    for split, n_pairs in N_PAIRS.items():
        path = ROOT / "assets" / "captions" / f"{split}.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines()[:n_pairs]
        (home / "corpus" / path.name).write_text("\n".join(lines), encoding="utf-8")
    path = ROOT / "solutions" / f"{number} - Solutions.ipynb"
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    cells = notebook.cells = code
    loading = next(n for n, one in enumerate(cells) if "load_translator(" in one.source)
    assert "parameters" in cells[loading - 1].metadata.tags
    source = TRANSLATOR.replace("LOADING", repr(cells[loading].source))
    source = source.replace("MORE_SIZES", repr(SIZES[number]))
    source = source.replace("PREFIX", PREFIXES[number].replace("*", "any"))
    cells.insert(loading, nbformat.v4.new_code_cell(source))
    cells += [nbformat.v4.new_code_cell(source) for source in last]
    resources = {"metadata": {"path": str(folder / "solutions")}}
    client = NotebookClient(notebook, resources=resources)
    more = {"SEQ2SEQ_DATASET": "corpus", "OMP_NUM_THREADS": "1"}
    more["IPYTHONDIR"] = str(folder)
    client.execute(env={**os.environ, **more}, stderr=subprocess.DEVNULL)
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.get("name") == "stderr"]
    found = {}
    for cell in cells[len(cells) - len(last) :]:
        found |= json.loads(cell.outputs[0].text)
    return found


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> dict:
    return facts(1, tmp_path_factory.mktemp("repository"), LEFT, FACTS)


def only_read(found: dict, number: int) -> bool:
    message = f"no checkpoints/{PREFIXES[number]}-corpus-*/best.pt. Run "
    return message in found["missing"] and found["untouched"]


def test_the_translator_is_only_read(first: dict) -> None:
    assert only_read(first, 1)


@pytest.mark.parametrize("number", [2, 3, 4, 5, 6])
def test_solutions_of_later_tutorials_run(number: int, tmp_path: Path) -> None:
    assert only_read(facts(number, tmp_path, LEFT), number)


def test_exercises_1_and_2(first: dict) -> None:
    alike, *longer = first["differences"]["unpacked"]
    assert max(alike, *first["differences"]["packed"]) < 1e-6 and min(longer) > 1e-3
    assert first["memorised"]["1"] < first["memorised"]["16"] == 8


def test_exercises_4_and_7(first: dict) -> None:
    for hypotheses, translated in zip(
        first["n best"], first["translated"], strict=True
    ):
        texts, scores = zip(*hypotheses, strict=True)
        assert len(texts) == 3 and len(set(texts)) > 1 and texts[0] == translated
        assert list(scores) == sorted(scores, reverse=True)
    assert first["same search"] and first["of nothing"] == []
    assert first["ensemble"] < 1e-5 and first["doubled"] == first["translated"]
