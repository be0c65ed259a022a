"""Measure trained tutorials 2 and 3: `measure.py speed|profile|search|ensemble|words --tutorial N CHECKPOINT...`.

`speed` trains and translates in the tutorial's way and in a plain way, in turns, and says how much faster the first
is. `profile` says what a training step spends its time on, and how far it is from what the machine can do. `search`
translates the validation set with several beam sizes and length normalisations; with several checkpoints it also does
so with their ensemble. `ensemble` compares several checkpoints with their ensemble on the test set. `words` says how
many of the validation set's rare and common words the beam search writes. Each adds a line of JSON for
`benchmark.py --table`; `--dataset` names other data than the embedded corpus.
"""

from __future__ import annotations

import contextlib
import copy
import io
import itertools
import os
import pickle
import sys
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from sacrebleu.metrics import CHRF
from torch import Tensor, nn

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
    tutorials,
)
from definitions import definitions
from run import OFFLINE, is_embedded
from tables import ensemble_table, profile_table, search_table, speed_table, words_table

BEAM_SIZES = (1, 2, 5, 10)
LENGTH_NORMALISATIONS = (0.0, 0.6, 1.0)
FREQUENCIES = ((2, 10), (11, 50), (51, 200), (201, None))
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


class KeysEachStep(nn.Module):
    """An attention that projects the encoder's states again at every step; for comparison only."""

    def __init__(self, attention: nn.Module) -> None:
        super().__init__()
        self.attention = attention

    def keys(self, states: Tensor) -> Tensor:
        """What nobody will read; states: [batch size, src length, state dim]."""
        return states

    def forward(self, query: Tensor, keys: Tensor, states: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return context and weights as the attention itself does."""
        return self.attention(query, self.attention.keys(states), states, mask)


def main(argv: list[str] | None = None, root: Path = ROOT) -> int:
    """Measure, keep the line, print the table; return the exit status."""
    arguments = parser().parse_args(argv)
    try:
        dataset = dataset_argument(arguments.dataset, root) if arguments.dataset else str(root / CORPUS)
        if os.path.isabs(dataset):
            os.environ.update(dict.fromkeys(OFFLINE, "1"))
        (path,) = tutorials(root, arguments.tutorial)
        defs = definitions(path)
        settings = plain_settings(read_notebook(path))
        translators = [load(defs, checkpoint, arguments.tutorial) for checkpoint in arguments.checkpoints]
        pairs = defs.load_pairs(dataset, *(translators[0].configuration[f"{side}_language"] for side in ("src", "trg")))
        line = {
            "tutorial": arguments.tutorial,
            "dataset": Path(dataset).name,
            "device": device_name(),
            "versions": versions(),
            **arguments.measure(defs, translators, pairs, settings, arguments),
        }
        kept = lines_path(dataset, is_embedded(arguments.dataset, root), root, f"-{arguments.what}")
        append_line(root / arguments.out if arguments.out else kept, line)
        print(arguments.table([line]))
    except (ToolError, OSError, ValueError) as error:
        return fail(error if isinstance(error, (ToolError, OSError)) else ToolError(str(error)))
    except KeyboardInterrupt:
        print("Interrupted; nothing was written.", file=sys.stderr)
        return 130
    return 0


def load(defs: ModuleType, checkpoint: str, tutorial: int) -> Any:
    """The translator of a checkpoint; raises ToolError for what is no best.pt of the tutorial."""
    if tutorial == 1:
        raise ToolError("Expected tutorial 2 or 3: tutorial 1 shares no functions with them any more.", 2)
    try:
        return defs.load_translator(checkpoint, DEVICE)
    except FileNotFoundError as error:
        raise ToolError(f"Expected a checkpoint of tutorial {tutorial}: {error}", 2) from None
    except (AttributeError, EOFError, KeyError, RuntimeError, TypeError, pickle.UnpicklingError):
        raise ToolError(f"Expected a best.pt of tutorial {tutorial}, found something else: {checkpoint}", 2) from None


def parser() -> Parser:
    """The command line."""
    found = Parser(prog="measure.py", description="Measure trained tutorials.")
    common = Parser(add_help=False)
    common.add_argument("checkpoints", nargs="+", help="best.pt of a training, or of several with other seeds")
    common.add_argument("--tutorial", type=int, required=True, help="the number of the tutorial that they are of")
    common.add_argument("--dataset", help="a folder or a name on the Hub; by default the embedded corpus")
    common.add_argument("--sentences", type=int, help="translate only so many sentences")
    common.add_argument("--out", help="the file that gets the line")
    what = found.add_subparsers(dest="what", required=True, parser_class=Parser)
    one = what.add_parser("speed", parents=[common], help="the tutorial's way against a plain way")
    one.add_argument("--rounds", type=int, default=5, help="how often the ways take turns (5)")
    one.add_argument("--steps", type=int, default=20, help="training steps of each way in a round (20)")
    one.set_defaults(measure=speed, table=speed_table)
    one = what.add_parser("profile", parents=[common], help="what a training step spends its time on")
    one.add_argument("--steps", type=int, default=20, help="training steps that are profiled (20)")
    one.set_defaults(measure=profile, table=profile_table)
    one = what.add_parser("search", parents=[common], help="beam sizes and length normalisations")
    one.add_argument("--beams", type=int, nargs="+", default=BEAM_SIZES, help="the beam sizes (1 2 5 10)")
    one.set_defaults(measure=search, table=search_table)
    one = what.add_parser("ensemble", parents=[common], help="several seeds, alone and together, on the test set")
    one.set_defaults(measure=ensemble, table=ensemble_table)
    one = what.add_parser("words", parents=[common], help="rare and common words")
    one.set_defaults(measure=words, table=words_table)
    return found


def ids(defs: ModuleType, translator: Any, pairs: Sequence) -> list:
    """Pairs of text as pairs of ids."""
    tokens = defs.tokenize_pairs(pairs, translator.src_tokenizer, translator.trg_tokenizer)
    return [defs.numericalize(pair, translator.src_vocabulary, translator.trg_vocabulary) for pair in tokens]


def seconds(call: Callable[[], Any]) -> float:
    """How long a call takes, with all that it left for the GPU to do."""
    start = time.perf_counter()
    call()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - start


# Speed


def plain_translator(translator: Any) -> Any:
    """A copy that projects the attention's keys at every step, if it has an attention."""
    plain = copy.deepcopy(translator)
    if hasattr(plain.model.decoder, "attention"):
        plain.model.decoder.attention = KeysEachStep(plain.model.decoder.attention)
    return plain


def endless(loader: Any) -> Iterator[Any]:
    """The loader's batches, epoch after epoch."""
    for epoch in itertools.count(1):
        loader.batch_sampler.set_epoch(epoch)
        yield from loader


def speed(defs: ModuleType, translators: list, pairs: dict, settings: dict, arguments: Namespace) -> dict[str, Any]:
    """Tokens a second in training and sentences a second in translation, of each way, a list with one for each round.

    The plain way: batches of any lengths; a Python loop over the target's words with teacher forcing 0.5 and the
    output layer inside; keys projected at every step; float32; one sentence at a time. All with the same weights,
    batch size and beam.
    """
    translator, plain = translators[0], plain_translator(translators[0])
    pad_id = translator.trg_vocabulary.pad_id
    train = ids(defs, translator, pairs["train"])
    sources = [pair.src for pair in ids(defs, translator, pairs["test"][: arguments.sentences or 100])]
    bfloat16 = settings["mixed_precision"] and defs.supports_bfloat16(DEVICE)
    ways = {  # teacher forcing, bfloat16, batches sorted together
        "tutorial": (translator.model, 1.0, bfloat16, 50),
        "tutorial, float32": (translator.model, 1.0, False, 50),
        "plain": (plain.model, 0.5, False, 1),
    }
    run = {}
    for name, (model, ratio, reduced, pool_size) in ways.items():
        batches = endless(defs.make_loader(train, settings["batch_size"], 1, pad_id, pool_size))
        how = {**settings, "teacher_forcing_ratio": ratio, "bfloat16": reduced, "n_epochs": 1}
        run[name] = partial(train_steps, defs, copy.deepcopy(model), batches, how, pad_id, arguments.steps)
    found: dict[str, Any] = {"training": {name: [] for name in run}, "translating": {"tutorial": [], "plain": []}}
    beam = partial(defs.beam_search, beam_size=settings["beam_size"])
    for turn in range(arguments.rounds + 1):
        rates = {name: call() for name, call in run.items()}
        if turn == 0:
            continue  # everything is slower the first time
        for name, rate in rates.items():
            found["training"][name].append(round(rate))
        for name, one, size in (("tutorial", translator, 100), ("plain", plain, 1)):
            taken = seconds(partial(defs.translate_ids, one, sources, beam, size))
            found["translating"][name].append(round(len(sources) / taken, 2))
        print(f"round {turn}/{arguments.rounds}", flush=True)
    precision = "bfloat16" if bfloat16 else "float32"
    return {**found, "precision": precision, "steps": arguments.steps, "sentences": len(sources)}


def train_steps(
    defs: ModuleType, model: nn.Module, batches: Iterator[Any], how: dict[str, Any], pad_id: int, steps: int
) -> float:
    """Train for some steps with the tutorial's own loop; return target tokens a second."""
    chosen = list(itertools.islice(batches, steps))
    settings = defs.TrainingSettings(**{field.name: how[field.name] for field in fields(defs.TrainingSettings)})
    optimizer, scheduler = defs.make_optimizer(model, settings, steps_per_epoch=steps)
    tokens = sum(int(batch.trg_lengths.sum()) - len(batch.trg) for batch in chosen)
    with contextlib.redirect_stdout(io.StringIO()):  # the progress bar
        taken = seconds(lambda: defs.train_epoch(model, chosen, optimizer, scheduler, settings, pad_id, "steps"))
    return tokens / taken


# Profile


def profile(defs: ModuleType, translators: list, pairs: dict, settings: dict, arguments: Namespace) -> dict[str, Any]:
    """The operations of a training step by their share of the time; the products' rate, and that of one large product.

    The rate is an estimate: six operations (two forwards, four backwards) for each weight of a matrix and each word
    that meets it, the encoder's with source words, the decoder's with target words.
    """
    model, pad_id = translators[0].model, translators[0].trg_vocabulary.pad_id
    bfloat16 = settings["mixed_precision"] and defs.supports_bfloat16(DEVICE)
    loader = defs.make_loader(ids(defs, translators[0], pairs["train"]), settings["batch_size"], 1, pad_id)
    batches = list(itertools.islice(endless(loader), arguments.steps))
    how = {**settings, "bfloat16": bfloat16, "n_epochs": 1}
    train = partial(train_steps, defs, model, how=how, pad_id=pad_id, steps=arguments.steps)
    train(iter(batches))  # everything is slower the first time
    trg_rate = train(iter(batches))
    with torch.profiler.profile() as profiler:
        train(iter(batches))
    time_of = "self_device_time_total" if DEVICE.type == "cuda" else "self_cpu_time_total"
    shares = {one.key: getattr(one, time_of) for one in profiler.key_averages()}
    total = sum(shares.values())
    most = sorted(shares, key=shares.get, reverse=True)[:6]
    src_words = sum(int(batch.src_lengths.sum()) for batch in batches)
    trg_words = sum(int(batch.trg_lengths.sum()) - len(batch.trg) for batch in batches)
    work = 6 * (matrix_weights(model.encoder) * src_words / trg_words + matrix_weights(model.decoder))
    return {
        "operations": {name: round(shares[name] / total, 3) for name in most},
        "gflops": round(work * trg_rate / 1e9, 1),
        "gflops_product": round(product_rate(torch.bfloat16 if bfloat16 else torch.float32) / 1e9, 1),
        "precision": "bfloat16" if bfloat16 else "float32",
        "steps": arguments.steps,
    }


def matrix_weights(module: nn.Module) -> int:
    """The number of weights that multiply something: those of embeddings are looked up, unless a layer shares them."""
    looked_up = {id(one.weight) for one in module.modules() if isinstance(one, nn.Embedding)}
    shared = {id(one.weight) for one in module.modules() if isinstance(one, nn.Linear)}
    found = [weight for weight in module.parameters() if weight.dim() == 2]
    return sum(weight.numel() for weight in found if id(weight) not in looked_up - shared)


def product_rate(dtype: torch.dtype, size: int = 1024, times: int = 20) -> float:
    """Operations a second of a product of two square matrices: the best of `times`."""
    one, other = (torch.randn(size, size, device=DEVICE, dtype=dtype) for _ in range(2))
    return 2 * size**3 / min(seconds(lambda: one @ other) for _ in range(times))


# Search


class Ensemble(nn.Module):
    """Several models that search takes for one: it averages the probabilities that they give to the next word."""

    def __init__(self, models: Sequence[nn.Module]) -> None:
        super().__init__()
        self.models = nn.ModuleList(models)

    def encode(self, src: Tensor, src_lengths: Tensor) -> tuple:
        """The states that decoding starts from, one of each model; arguments as those of the models."""
        return tuple(model.encode(src, src_lengths) for model in self.models)

    def decode_step(self, fed: Tensor, state: tuple) -> tuple[Tensor, tuple]:
        """Feed one word to each sentence, [batch size]: log probabilities [batch size, vocabulary size], new states."""
        steps = [model.decode_step(fed, part) for model, part in zip(self.models, state, strict=True)]
        mean = torch.stack([logits.softmax(dim=1) for logits, _ in steps]).mean(dim=0)
        return mean.log(), tuple(part for _, part in steps)

    def select_state(self, state: tuple, rows: Tensor) -> tuple:
        """The states of the sentences in rows, [number of rows], for each model."""
        return tuple(model.select_state(part, rows) for model, part in zip(self.models, state, strict=True))


def alone_and_together(translators: Sequence) -> dict[str, Any]:
    """Each translator by its name; of several also their ensemble. Raises ToolError when vocabularies differ."""
    for side in ("src_vocabulary", "trg_vocabulary"):
        if len({tuple(getattr(one, side).get_itos()) for one in translators}) > 1:
            raise ToolError(f"Expected checkpoints with one {side}; these were trained on different data.", 2)
    found = {f"model {index}": one for index, one in enumerate(translators, start=1)}
    if len(translators) > 1:
        together = copy.copy(translators[0])
        together.model = Ensemble([one.model for one in translators])
        found["ensemble"] = together
    return found


def translated(defs: ModuleType, translator: Any, sources: Sequence, beam_size: int, power: float) -> list[str]:
    """What a beam search makes of the sources, which are ids."""
    how = partial(defs.beam_search, beam_size=beam_size, length_normalisation=power)
    return defs.translate_ids(translator, sources, how)


def search(defs: ModuleType, translators: list, pairs: dict, settings: dict, arguments: Namespace) -> dict[str, Any]:
    """sacreBLEU of the validation set for each beam size and power of the length; of each model, and the ensemble."""
    chosen = pairs["validation"][: arguments.sentences]
    sources = [pair.src for pair in ids(defs, translators[0], chosen)]
    references = [pair.trg for pair in chosen]
    grid = []
    for name, translator in alone_and_together(translators).items():
        for beam_size in arguments.beams:
            for power in LENGTH_NORMALISATIONS if beam_size > 1 else (0.0,):  # a single hypothesis has no rival
                start = time.perf_counter()
                texts = translated(defs, translator, sources, beam_size, power)
                taken = time.perf_counter() - start
                bleu = round(defs.sacrebleu_score(texts, references), 2)
                grid.append({"model": name, "beam_size": beam_size, "length_normalisation": power, "bleu": bleu})
                grid[-1]["sentences_per_second"] = round(len(chosen) / taken, 1)
                print(f"{name}, beam {beam_size}, length normalisation {power}: BLEU {bleu}", flush=True)
    return {"grid": grid, "split": "validation", "sentences": len(chosen)}


def ensemble(defs: ModuleType, translators: list, pairs: dict, settings: dict, arguments: Namespace) -> dict[str, Any]:
    """sacreBLEU and chrF of the test set, of each model and of all together, measured as the tutorials do.

    Each translates the validation set with every length normalisation that the tutorial tries, and then the test set
    once, with the best of them.
    """
    if len(translators) < 2:
        raise ToolError("Expected the checkpoints of at least two trainings that differ in their seed.", 2)
    validation, test = (pairs[split][: arguments.sentences] for split in ("validation", "test"))
    sources = [[pair.src for pair in ids(defs, translators[0], split)] for split in (validation, test)]
    beam_size, found = settings["beam_size"], []
    for name, translator in alone_and_together(translators).items():
        bleu = {}
        for power in settings["length_normalisations"]:
            texts = translated(defs, translator, sources[0], beam_size, power)
            bleu[power] = defs.sacrebleu_score(texts, [pair.trg for pair in validation])
        power = max(bleu, key=bleu.get)
        texts, references = translated(defs, translator, sources[1], beam_size, power), [pair.trg for pair in test]
        scores = {
            "length_normalisation": power,
            "validation_bleu": round(bleu[power], 2),
            "bleu": round(defs.sacrebleu_score(texts, references), 2),
            "chrf": round(CHRF(lowercase=True).corpus_score(texts, [references]).score, 2),
        }
        found.append({"model": name, **scores})
        print(f"{name}: {', '.join(f'{key} {value}' for key, value in scores.items())}", flush=True)
    return {"models": found, "beam_size": beam_size, "sentences": len(test)}


# Words


def words(defs: ModuleType, translators: list, pairs: dict, settings: dict, arguments: Namespace) -> dict[str, Any]:
    """Of the words in the validation targets, by how often training has them: the share that the beam search writes.

    A word counts as written when it stands anywhere in the translation of its sentence; punctuation is left out.
    """
    chosen = pairs["validation"][: arguments.sentences]
    split = partial(defs.tokenize, tokenizer=translators[0].trg_tokenizer)
    times = Counter(word for pair in pairs["train"] for word in split(pair.trg))
    search = partial(defs.beam_search, beam_size=settings["beam_size"])
    models = []
    for index, translator in enumerate(translators, start=1):
        texts = defs.translate_ids(translator, [pair.src for pair in ids(defs, translator, chosen)], search)
        total, written = Counter(), Counter()
        for pair, text in zip(chosen, texts, strict=True):
            found = set(split(text))
            for word in filter(str.isalpha, split(pair.trg)):
                for group in FREQUENCIES:
                    if group[0] <= times[word] <= (group[1] or times[word]):
                        total[group] += 1
                        written[group] += word in found
        groups = [{"times": list(group), "words": total[group], "written": written[group]} for group in FREQUENCIES]
        models.append({"model": f"model {index}", "groups": groups})
    return {"models": models, "split": "validation", "sentences": len(chosen)}


if __name__ == "__main__":
    sys.exit(main())
