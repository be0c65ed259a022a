"""Compare trained tutorials 2 and 3 on the test set: `paired.py N=CHECKPOINT N=CHECKPOINT... [--dataset X]`.

Each checkpoint translates the test set with the beam and the length normalisation of its tutorial's stored run.
sacreBLEU's paired bootstrap then says whether each one's distance to the one before is more than the luck of the
test sentences. Adds a line of JSON for `benchmark.py --table`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.significance import PairedTest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

from benchmark import append_line, device_name, lines_path, versions
from common import (
    CORPUS,
    ROOT,
    Parser,
    ToolError,
    dataset_argument,
    fail,
    plain_settings,
    read_notebook,
    results,
    tutorials,
)
from definitions import definitions
from measure import ids, load, translated
from run import OFFLINE, is_embedded
from tables import paired_table


def main(argv: list[str] | None = None, root: Path = ROOT) -> int:
    """Translate, compare, keep the line, print the table; return the exit status."""
    found = Parser(prog="paired.py", description="Compare trained tutorials on the test set.")
    found.add_argument(
        "checkpoints", nargs="+", help="such as 2=.../best.pt or '2, seed 2=.../best.pt', in their order"
    )
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
        for label, checkpoint in labelled(arguments.checkpoints).items():
            number = int(label.partition(",")[0])
            systems[f"tutorial {label}"], references = translations(
                number, checkpoint, dataset, arguments.sentences, root
            )
        line = {
            "dataset": Path(dataset).name,
            "device": device_name(),
            "versions": versions(),
            "draws": arguments.draws,
            "comparisons": compare(systems, references, arguments.draws),
        }
        kept = lines_path(dataset, is_embedded(arguments.dataset, root), root, "-paired")
        append_line(root / arguments.out if arguments.out else kept, line)
        print(paired_table([line]))
    except (ToolError, OSError, ValueError) as error:
        return fail(error if isinstance(error, (ToolError, OSError)) else ToolError(str(error)))
    except KeyboardInterrupt:
        print("Interrupted; nothing was written.", file=sys.stderr)
        return 130
    return 0


def labelled(arguments: Sequence[str]) -> dict[str, str]:
    """The checkpoint of each label; raises ToolError for what is no label and checkpoint, and for fewer than two."""
    found: dict[str, str] = {}
    for text in arguments:
        label, equals, checkpoint = text.partition("=")
        if not (equals and label.partition(",")[0].isdigit()):
            raise ToolError(f"Expected a tutorial and its checkpoint like 2=best.pt, found: {text}", 2)
        if label in found:
            raise ToolError(f"Expected different labels, found {label!r} twice: write '{label}, seed 2=best.pt'.", 2)
        found[label] = checkpoint
    if len(found) < 2:
        raise ToolError("Expected at least two checkpoints to compare.", 2)
    return found


def translations(
    number: int, checkpoint: str, dataset: str, sentences: int | None, root: Path
) -> tuple[list[str], list[str]]:
    """What a tutorial's checkpoint makes of the test set, and the references."""
    (path,) = tutorials(root, number)
    defs, notebook = definitions(path), read_notebook(path)
    translator = load(defs, checkpoint, number)
    languages = (translator.configuration[f"{side}_language"] for side in ("src", "trg"))
    pairs = defs.load_pairs(dataset, *languages)["test"][:sentences]
    beam_size = plain_settings(notebook)["beam_size"]
    power = results(notebook, path.name)["length_normalisation"]
    texts = translated(defs, translator, [pair.src for pair in ids(defs, translator, pairs)], beam_size, power)
    return texts, [pair.trg for pair in pairs]


def compare(systems: dict[str, list[str]], references: Sequence[str], draws: int) -> list[dict[str, Any]]:
    """The paired bootstrap between each system and the one before it: scores and p-values, of BLEU and chrF.

    `ci` is half the width of the 95% interval around each BLEU, `difference` the 95% interval of the second BLEU
    minus the first.
    """
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
        line["ci"] = {first: round(float(scores["BLEU"][0].ci), 2), second: round(float(scores["BLEU"][1].ci), 2)}
        line["difference"] = difference(systems[first], systems[second], references, draws)
        found.append(line)
    return found


def difference(first: Sequence[str], second: Sequence[str], references: Sequence[str], draws: int) -> list[float]:
    """The bootstrap's 95% interval of the second system's BLEU minus the first's, on the same sentences each time.

    sacreBLEU gives an interval for each system, not for their difference; its counts and its formula are used here.
    """
    counts = [sentence_counts(system, references) for system in (first, second)]
    random = np.random.default_rng(12345)  # sacreBLEU's seed
    found = []
    for _ in range(draws):
        rows = random.integers(len(references), size=len(references))
        one, other = (bleu_of(each[rows].sum(axis=0)) for each in counts)
        found.append(other - one)
    return [round(float(bound), 2) for bound in np.percentile(found, [2.5, 97.5])]


def sentence_counts(system: Sequence[str], references: Sequence[str]) -> np.ndarray:
    """For each sentence what BLEU adds up: right n-grams, n-grams, two lengths; [sentences, 10]."""
    metric = BLEU(lowercase=True, effective_order=True)  # changes the sentence's score, not its counts
    scores = [metric.sentence_score(text, [reference]) for text, reference in zip(system, references, strict=True)]
    return np.array([[*score.counts, *score.totals, score.sys_len, score.ref_len] for score in scores])


def bleu_of(counts: np.ndarray) -> float:
    """The BLEU of sentences whose counts have been added up, [10]."""
    *ngrams, sys_len, ref_len = counts.tolist()
    return BLEU.compute_bleu(ngrams[:4], ngrams[4:], sys_len, ref_len, smooth_method="exp").score


if __name__ == "__main__":
    sys.exit(main())
