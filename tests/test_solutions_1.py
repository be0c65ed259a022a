"""The solutions of tutorial 1 run beside it, with a translator that was never trained."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
TUTORIAL = ROOT / "1 - Sequence to Sequence Learning with Neural Networks.ipynb"
SOLUTIONS = ROOT / "solutions" / "1 - Solutions.ipynb"
N_PAIRS = {"train": 400, "validation": 40, "test": 10}
# What the tutorial does before; the cell that loads the translator is tried first.
TRANSLATOR = """
n_epochs, n_pairs = 1, 200
sizes = {"embedding_dim": 16, "hidden_dim": 16, "n_layers": 1, "dropout": 0.0, "batch_size": 20}
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
saved = Path(checkpoint_folder, f"lstm-{dataset}-1-epochs-seed-1", "best.pt")
save_translator(Translator(model, *tokenizers, *vocabularies, small), saved)
untouched = saved.read_bytes()
"""
FACTS = """
import inspect
shared = inspect.getsource(beam_search).split("model.eval()")[1].rsplit("    return", 1)[0]
sentences = [pair.src for pair in pairs["validation"][:5]]
double = replace(translator, model=Ensemble([translator.model] * 2))
files = [path.name for path in Path(checkpoint_folder).rglob("*") if path.is_file()]
print(json.dumps({
    "missing": missing,
    "untouched": untouched == saved.read_bytes() and files == ["best.pt"],
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


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What FACTS finds out after the last cell; nothing was written to standard error on the way there."""
    folder = tmp_path_factory.mktemp("repository")
    shutil.copy(TUTORIAL, folder)
    (folder / "corpus").mkdir()
    (folder / "solutions").mkdir()
    for split, n_pairs in N_PAIRS.items():
        lines = (ROOT / "assets" / "captions" / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()
        (folder / "corpus" / f"{split}.jsonl").write_text("\n".join(lines[:n_pairs]), encoding="utf-8")
    notebook = nbformat.read(SOLUTIONS, as_version=4)
    cells = notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    loading = next(place for place, cell in enumerate(cells) if "load_translator(" in cell.source)
    assert "parameters" in cells[loading - 1].metadata.tags
    cells.insert(loading, nbformat.v4.new_code_cell(TRANSLATOR.replace("LOADING", repr(cells[loading].source))))
    cells.append(nbformat.v4.new_code_cell(FACTS))
    client = NotebookClient(notebook, resources={"metadata": {"path": str(folder / "solutions")}})
    environment = {**os.environ, "SEQ2SEQ_DATASET": "corpus", "OMP_NUM_THREADS": "1", "IPYTHONDIR": str(folder)}
    client.execute(env=environment, stderr=subprocess.DEVNULL)  # the kernel's own log
    assert not [output for cell in cells for output in cell.outputs if output.get("name") == "stderr"]
    return json.loads(cells[-1].outputs[0].text)


def test_the_translator_is_only_read(facts: dict) -> None:
    assert "no checkpoints/lstm-corpus-*/best.pt. Run the tutorial" in facts["missing"] and facts["untouched"]


def test_exercises_1_and_2(facts: dict) -> None:
    alike, *longer = facts["differences"]["unpacked"]
    assert max(alike, *facts["differences"]["packed"]) < 1e-6 and min(longer) > 1e-3
    assert facts["memorised"]["1"] < facts["memorised"]["16"] == 8


def test_exercises_4_and_7(facts: dict) -> None:
    for hypotheses, translated in zip(facts["n best"], facts["translated"], strict=True):
        texts, scores = zip(*hypotheses, strict=True)
        assert len(texts) == 3 and len(set(texts)) > 1 and texts[0] == translated
        assert list(scores) == sorted(scores, reverse=True)
    assert facts["same search"] and facts["of nothing"] == []
    assert facts["ensemble"] < 1e-5 and facts["doubled"] == facts["translated"]
