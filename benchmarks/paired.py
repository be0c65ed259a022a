"""Compare trained tutorials on the test set: `paired.py N=CHECKPOINT N=CHECKPOINT... [--dataset X]`.

Each checkpoint translates the test set with the beam and the length normalisation of its tutorial's stored run.
sacreBLEU's paired bootstrap then says whether each one's distance to the one before is more than the luck of the
test sentences. Adds a line of JSON for `benchmark.py --table`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.significance import PairedTest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

from benchmark import RESULTS, append_line, versions
from common import (
    CORPUS,
    ROOT,
    Parser,
    ToolError,
    dataset_argument,
    fail,
    one_line,
    plain_settings,
    read_notebook,
    results,
    tutorials,
)
from definitions import definitions
from measure import DEVICE, device_name, ids
from run import OFFLINE
from tables import paired_table


def main(argv: list[str] | None = None, root: Path = ROOT) -> int:
    """Translate, compare, keep the line, print the table; return the exit status."""
    found = Parser(prog="paired.py", description="Compare trained tutorials on the test set.")
    found.add_argument("checkpoints", nargs="+", help="such as 1=checkpoints/.../best.pt, in the order to compare")
    found.add_argument("--dataset", help="a folder or a name on the Hub; by default the embedded corpus")
    found.add_argument("--sentences", type=int, help="translate only so many sentences")
    found.add_argument("--draws", type=int, default=1000, help="how often the bootstrap draws (1000)")
    found.add_argument("--out", help="the file that gets the line")
    arguments = found.parse_args(argv)
    try:
        dataset = dataset_argument(arguments.dataset, root) if arguments.dataset else str(root / CORPUS)
        if os.path.isabs(dataset):
            os.environ.update(dict.fromkeys(OFFLINE, "1"))
        systems, references = {}, None
        for text in arguments.checkpoints:
            number, equals, checkpoint = text.partition("=")
            if not (equals and number.isdigit()):
                raise ToolError(f"Expected a tutorial and its checkpoint like 1=best.pt, found: {text}", 2)
            name = f"tutorial {number}"
            systems[name], references = translations(int(number), checkpoint, dataset, arguments.sentences, root)
        line = {
            "dataset": Path(dataset).name,
            "device": device_name(),
            "versions": versions(),
            "draws": arguments.draws,
            "comparisons": compare(systems, references, arguments.draws),
        }
        append_line(root / (arguments.out or RESULTS / f"{line['dataset']}-paired.jsonl"), line)
        print(paired_table([line]))
    except (ToolError, OSError, ValueError, KeyError, RuntimeError) as error:
        return fail(error if isinstance(error, (ToolError, OSError)) else ToolError(one_line(str(error))))
    return 0


def translations(
    number: int, checkpoint: str, dataset: str, sentences: int | None, root: Path
) -> tuple[list[str], list[str]]:
    """What a tutorial's checkpoint makes of the test set, and the references."""
    (path,) = tutorials(root, number)
    defs, notebook = definitions(path), read_notebook(path)
    translator = defs.load_translator(checkpoint, DEVICE)
    languages = (translator.configuration[f"{side}_language"] for side in ("src", "trg"))
    pairs = defs.load_pairs(dataset, *languages)["test"][:sentences]
    beam_size = plain_settings(notebook)["beam_size"]
    power = results(notebook, path.name)["length_normalisation"]
    search = partial(defs.beam_search, beam_size=beam_size, length_normalisation=power)
    texts = defs.translate_ids(translator, [pair.src for pair in ids(defs, translator, pairs)], search)
    return texts, [pair.trg for pair in pairs]


def compare(systems: dict[str, list[str]], references: Sequence[str], draws: int) -> list[dict[str, Any]]:
    """The paired bootstrap between each system and the one before it: scores and p-values, of BLEU and chrF."""
    found = []
    for first, second in pairwise(systems):
        metrics = {
            "BLEU": BLEU(lowercase=True, references=[references]),
            "chrF2": CHRF(lowercase=True, references=[references]),
        }
        pair = [(name, systems[name]) for name in (first, second)]
        _, scores = PairedTest(pair, metrics, references=[references], test_type="bs", n_samples=draws)()
        line = {}
        for metric, score, p in (("BLEU", "bleu", "p"), ("chrF2", "chrf", "p_chrf")):
            one, other = scores[metric]
            line[score] = {first: round(one.score, 2), second: round(other.score, 2)}
            line[p] = round(float(other.p_value), 4)
        found.append(line)
    return found


if __name__ == "__main__":
    sys.exit(main())
