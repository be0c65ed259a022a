"""What differs between the legacy notebooks and the current ones: cells, prose, and small edits.

In Markdown, {current} stands for the address of the current tutorial of the same number.
"""

from __future__ import annotations

# Code cells that take the place of the current ones with these tags.
CODE = {
    "shared:install": '''\
import importlib.metadata
import sys


def installed(package: str) -> str:
    """Return the installed version of a package, or "none"."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "none"


def check_stack(python: tuple[int, int], torch: str, torchtext: str) -> None:
    """Raise ImportError when these versions can't work together: torchtext would fail with an error of the linker."""
    if not ((3, 10) <= python <= (3, 12) and torch.startswith("2.3.") and torchtext.startswith("0.18.")):
        raise ImportError(
            "This notebook needs Python 3.10 to 3.12, torch 2.3 and torchtext 0.18, "
            f"found Python {python[0]}.{python[1]}, torch {torch} and torchtext {torchtext}: "
            "install legacy/requirements.txt into an environment of such a Python, or take the current tutorial."
        )


check_stack(sys.version_info[:2], installed("torch"), installed("torchtext"))''',
    "shared:tokenizer": '''\
def load_tokenizer(language: str) -> Tokenizer:
    """Return torchtext's tokenizer made of spaCy's rules for a language code such as "de"; needs no download.

    Raises ValueError for a language that spaCy has no rules for.
    """
    try:
        return get_tokenizer(spacy.blank(language).tokenizer)
    except ImportError as error:
        raise ValueError(
            f"spaCy can't tokenize {language!r}; use a code such as 'de', or 'xx' for any ({error})"
        ) from None''',
    "shared:vocabulary": '''\
class Vocabulary(Vocab):
    """torchtext's vocabulary with its special tokens in front: the ids 0 to 3 are <pad>, <unk>, <sos> and <eos>.

    Raises ValueError when the tokens don't begin with those four, or when one occurs twice.
    """

    specials = ("<pad>", "<unk>", "<sos>", "<eos>")
    pad_id, unk_id, sos_id, eos_id = range(4)

    def __init__(self, tokens: Iterable[str]) -> None:
        tokens = list(tokens)
        if tuple(tokens[:4]) != self.specials or len(set(tokens)) < len(tokens):
            raise ValueError(f"a vocabulary begins with {self.specials} and holds each token once")
        super().__init__(vocab(dict.fromkeys(tokens, 1)).vocab)
        self.set_default_index(self.unk_id)  # without it, an unknown word raises RuntimeError

    @classmethod
    def build(cls, sentences: Iterable[list[str]], minimum_frequency: int = 1) -> "Vocabulary":
        """Collect the tokens that occur at least minimum_frequency times, the most frequent first."""
        built = build_vocab_from_iterator(sentences, min_freq=minimum_frequency, specials=list(cls.specials))
        return cls(built.get_itos())

    def lookup_token(self, index: int) -> str:
        """Turn one id into its token; raises IndexError, torchtext's own RuntimeError comes with a C++ trace."""
        if not 0 <= index < len(self):
            raise IndexError(f"id {index} is not in a vocabulary of {len(self)} tokens")
        return super().lookup_token(index)''',
    "shared:numericalize": '''\
def text_transform(vocabulary: Vocabulary, mark_ends: bool = False) -> nn.Module:
    """Return a module that turns tokens into a tensor of ids [length]; mark_ends puts <sos> and <eos> round them."""
    steps = [transforms.VocabTransform(vocabulary)]
    if mark_ends:
        steps += [
            transforms.AddToken(vocabulary.sos_id, begin=True),
            transforms.AddToken(vocabulary.eos_id, begin=False),
        ]
    return transforms.Sequential(*steps, transforms.ToTensor())


def numericalize(pair: Pair, src_vocabulary: Vocabulary, trg_vocabulary: Vocabulary) -> Pair:
    """Turn a tokenized pair into ids: src [src length], trg [trg length] with <sos> and <eos> round it."""
    src = text_transform(src_vocabulary)(pair.src)  # [src length]
    trg = text_transform(trg_vocabulary, mark_ends=True)(pair.trg)  # [trg length]
    return Pair(src, trg)''',
    "shared:token_bleu": '''\
def token_bleu(translations: Sequence[str], references: Sequence[str], tokenizer: Tokenizer) -> float:
    """Return torchtext's bleu_score, times 100, over lowercased spaCy tokens, with one reference a sentence."""
    candidates = [tokenize(text, tokenizer) for text in translations]
    return 100 * bleu_score(candidates, [[tokenize(text, tokenizer)] for text in references])''',
}

IMPORTS = """\
import subprocess

import torchtext

torchtext.disable_torchtext_deprecation_warning()  # this was the last release, as section 2 says
from torchtext import transforms
from torchtext.data.metrics import bleu_score
from torchtext.data.utils import get_tokenizer
from torchtext.vocab import Vocab, build_vocab_from_iterator, vocab"""

# Edits of code cells: (pattern, replacement); each must match exactly once in the notebook's code.
EDITS = [
    (r'"bentrevett/multi30k"\)', '"../assets/captions")'),
    (r"\(torch, spacy,", "(torch, torchtext, spacy,"),
    (
        r"^    optimizer = torch\.optim\.AdamW\((.*), fused=True\)$",
        r"    fused = next(model.parameters()).is_cuda  # torch 2.3 has no fused AdamW for the CPU"
        "\n"
        r"    optimizer = torch.optim.AdamW(\1, fused=fused)",
    ),
]
# torchtext counts the words; only tutorial 2 counts something else.
UNUSED_IMPORT = (r"^from collections import Counter\n", "")
EDITS_OF = {1: [*EDITS, UNUSED_IMPORT], 2: EDITS, 3: [*EDITS, UNUSED_IMPORT]}

INTRODUCTION = """\
# {title}

This is the [current tutorial]({current}) on an older stack: **Python 3.10 to 3.12, torch 2.3.1 and torchtext 0.18.0**, the last release of torchtext. It is for readers who must stay on it. If you are free to choose, take the current tutorial: it needs no torchtext. The [page of this folder](README.md) tells what breaks with which versions, and what takes the place of torchtext's classes.

**What differs.** torchtext makes the tokenizer ([section 4](#4.-Tokenizing)), the vocabulary ([section 5](#5.-Vocabulary)) and the ids ([section 6](#6.-Batches)), and its BLEU stands beside sacreBLEU's ([section 10](#10.-Evaluation)). Model, training and search are the current tutorial's cells to the letter, with one exception that section 8 names. What the current tutorial says about its results, its comparison with the paper, questions, exercises and references are not repeated here.

**What the outputs show.** They come from a quick run on the [small generated corpus](../assets/captions/README.md) of this repository: they show that everything works on this stack, and say nothing about Multi30k or any other real text. Figures on Multi30k stand in the current tutorial."""

NOTE = (
    "This is the quick run on the small generated corpus: it shows that the code works on this stack, "
    "and says nothing about Multi30k. "
)

PARAMETERS = """\
### Parameters

One cell holds everything that you may want to change. `dataset` is a folder or a name on the [Hugging Face Hub](https://huggingface.co/datasets/bentrevett/multi30k) that `datasets` loads; nothing of `torchtext.datasets` is used, because the server from which its `Multi30k` came is gone.

The sizes and the number of epochs are those of the quick run. For Multi30k set `dataset = "bentrevett/multi30k"` and take the other values from the [current tutorial]({current}#Parameters)."""

# Cells that stand before the current ones with these tags: (kind, source).
BEFORE = {
    "shared:install": [
        (
            "markdown",
            """\
## 2. Set-up

Make an environment with Python 3.10, 3.11 or 3.12 and install `legacy/requirements.txt` there (with `make`, `make test-legacy` does it in `.venv-legacy`). The first cell stops with a clear message when the versions can't work together. torchtext is compiled against one release of torch; with another one, its import ends in an error of the linker.""",
        )
    ],
    "shared:versions": [
        (
            "markdown",
            "torchtext announces at each import that this is its last release. We have said so, and silence it.",
        ),
        ("code", IMPORTS),
        ("markdown", "Versions first: when your numbers differ from these, they are the first thing to compare."),
    ],
    "parameters": [("markdown", PARAMETERS)],
    "shared:seed": [
        (
            "markdown",
            "Every random number generator is seeded: on a CPU, two runs with the same versions and number of threads "
            "give identical losses, on a GPU similar ones.",
        )
    ],
    "shared:find_data_files": [
        (
            "markdown",
            """\
## 3. Data

The functions below are the current tutorial's: `datasets` reads a dataset of the Hub, or a folder with `train`, `validation` and `test` as `.jsonl`, `.csv` or `.tsv`. They stand where older code had `torchtext.datasets.Multi30k`, or `TabularDataset` before that.""",
        )
    ],
    "shared:tokenizer": [
        (
            "markdown",
            """\
## 4. Tokenizing

`torchtext.data.utils.get_tokenizer` takes a name or a function. `get_tokenizer("spacy", language="de_core_news_sm")` would load a whole trained pipeline, which must be downloaded first, and use nothing of it but the tokenizer. We hand it that tokenizer alone: `spacy.blank` has it, there is nothing to download, and the tokens are the same.""",
        )
    ],
    "shared:vocabulary": [
        (
            "markdown",
            """\
## 5. Vocabulary

Each word that occurs often enough in the training split gets an id; the ids 0 to 3 are `<pad>` (fills a batch), `<unk>` (a word that the vocabulary doesn't know), `<sos>` (start of sentence) and `<eos>` (end of sentence).

`build_vocab_from_iterator` counts the words, puts the special tokens in front and orders the rest by frequency. What it returns is a `torchtext.vocab.Vocab`; the class below adds to it what the model's cells ask for, the four ids by name, and a default index, so that an unknown word becomes `<unk>`. The current tutorial's class of the same name has the same methods and needs no torchtext.""",
        )
    ],
    "shared:coverage": [
        ("markdown", "How many of the test set's words does the vocabulary not know? " + NOTE.strip()),
    ],
    "shared:numericalize": [
        (
            "markdown",
            """\
## 6. Batches

`torchtext.transforms` are modules: one turns tokens into ids, one adds a token at an end, one makes a tensor. The target gets `<sos>` in front and `<eos>` behind.""",
        )
    ],
    "shared:collate": [
        (
            "markdown",
            """\
A batch is filled up with `<pad>`, and carries the true lengths. Three guards keep padding from changing anything: packing in the encoder, `ignore_index` in the loss, and in tutorial 3 a mask in the attention.

![Three sentences of different length in one batch, the short ones filled up with pad tokens. Packing keeps the pads out of the encoder, a mask keeps them out of attention, and ignore_index keeps them out of the loss.](../assets/figures/padding.png)""",
        )
    ],
    "shared:bucket_sampler": [
        (
            "markdown",
            "Batches hold sentences of similar length, so that little is padding. torchtext's `BucketIterator` did "
            "that, until version 0.12 removed it and put nothing in its place: the sampler is the current tutorial's.",
        )
    ],
    "shared:learning_curves": [("markdown", NOTE + "The [current tutorial]({current}#8.-Training) reads its curves.")],
    "shared:token_bleu": [
        (
            "markdown",
            NOTE
            + """The signature names all that a BLEU depends on; quote it with the score.

**torchtext's BLEU.** `bleu_score` takes lists of tokens and returns a number between 0 and 1. It is the same formula, but it leaves the cutting into tokens to you and smooths nothing: one n-gram order without a match makes the score 0. So it compares with nobody else's number unless the tokens are the same. Here they are lowercased spaCy tokens, as in the series before this one.""",
        )
    ],
    "results": [
        (
            "markdown",
            """\
**Your own data**: put `train`, `validation` (or `val`) and `test`, each as `.jsonl`, `.csv` or `.tsv`, with one column for each language, into a folder, and set `dataset`, `src_language` and `trg_language` in the parameters cell. The German sentences above must then be replaced by some of your language.

## 13. What the current tutorial adds

Its [comparison with the paper]({current}#13.-Paper-against-notebook), [questions]({current}#14.-Questions-readers-ask) and [exercises with solutions]({current}#15.-Exercises) hold for this notebook as well: the model is the same. To leave torchtext, follow the table in [this folder's page](README.md).

## Results

All figures of this quick run on the small generated corpus in one place.""",
        )
    ],
}

FUSED = " (torch 2.3 has a fused AdamW for GPUs only: the one cell of the training that differs.)"
UNSAFE = "In torch 2.3 it has known holes, closed in 2.6 and 2.10: load only checkpoints that you trust."
POWER = (r"pass `length_normalisation=[\d.]+` to translate", "pass the one that is chosen below to translate")
SIZES = (
    r"\A## 7\. The model\n",
    """## 7. The model

*The numbers in this section's text are those of the current tutorials on Multi30k: 29,000 pairs, embeddings of 256 (hence 1/16, 16 and 4), a learning rate of 0.001, word dropout in tutorials 1 and 2. This quick run has 4,000 pairs, embeddings of 128 (hence 0.088, 11.3 and 3.4), a learning rate of 0.004 and no word dropout.*
""",
)
OTHER_SCORES = (
    r"\Z",
    " For a run on Multi30k, first run the earlier notebooks of this folder on it and save them: as they are stored, "
    "their scores are those of the small corpus.",
)

# Edits of Markdown cells that are kept: id: (pattern, replacement), which must match exactly once.
PROSE = {
    1: {
        "67bd8180": (r", and the model has [\d.]+ million weights fewer", ""),
        "4ab6051e": (r"\Z", FUSED),
        "8e5b5820": (
            r" On one thread of a CPU that has it, .*\Z",
            " (On a CPU, torch 2.3 can't tell whether it has such hardware, so we train in float32 there.)",
        ),
        "fc8951ea": (r"\(Keep PyTorch at 2\.\d+[^)]*\)", UNSAFE),
        "a14bf851": POWER,
        "79506580": SIZES,
        "ee1f851e": (r"another thousand sentences", "another 250 sentences"),
    },
    2: {
        "99362a2f": (r"\Z", FUSED),
        "485f32cf": POWER,
        "c3726f2a": SIZES,
        "1ed6f8c2": (r" \(the model writes \*a ball\*\)", ""),
        "c6e4f1ed": (
            r'\*ein Mann\*: "a man"; \*eine Gruppe\*: "a group"; \*im Freien\*: "outdoors"\.',
            '*ein Kind*: "a child"; *im Garten*: "in the garden"; *am Strand*: "on the beach".',
        ),
        "803ce1a6": OTHER_SCORES,
    },
    3: {
        "62fbc341": POWER,
        "d8384ec8": SIZES,
        "84278d18": (
            r"exercise 5 tries that",
            "[exercise 5]({current}#15.-Exercises) of the current tutorial tries that",
        ),
        "13d3ead5": OTHER_SCORES,
        "97a10f79": (
            r" Here is BLEU of tutorial 2's stored run.*?\n\n\|.*?\n\n",
            " The [current tutorial]({current}#1.-The-idea) has the figures.\n\n",
        ),
        "98195cad": (r"\Z", FUSED),
    },
}

# Stands in place of what a current notebook says about its results.
IN_PLACE_OF_RESULTS = (
    "*These outputs are of the small generated corpus; the [current tutorial]({current}) reads those of Multi30k.*"
)

# Sections whose Markdown is kept, apart from LEFT_OUT; of all others only what stands in KEPT is kept.
KEPT_SECTIONS = (1, 7)

# Markdown cells that are kept: those with a text only from that text on, after IN_PLACE_OF_RESULTS.
KEPT: dict[int, dict[str, str]] = {
    1: {
        **dict.fromkeys(
            """
            17991dc7 e4716b72
            07cff6c2 b52e0132 4ab6051e 8e5b5820 e1882e78 d1bea628 286ed134 d715646c 4df7d237 fc8951ea f2137ebc 8ea67a7a
            bd15c9ee a14bf851 ff659524 c75218b9 23776e6d d03bd618 eac6d939 adecbf4f ff1fe4db d1018aec b443ea31
            d9951763 e5ba72cd 69454dc8
            """.split(),
            "",
        ),
        "7f394231": "`translate` is the function to copy",
        "ee1f851e": "How much of such a number is luck?",
        "f9da5c2a": "### Speed and memory",
        "310cad95": "### What the context knows",
    },
    2: {
        **dict.fromkeys(
            """
            67784e30 543da59a 99362a2f c8c78a25 fd28fd16 394f9dc5 04ac85ca deb8bedb 6e185fc3 1faa672f 6b220bf8
            faf33342 485f32cf 908b968a 1ed6f8c2 dfd25223 e253360c 05b616d8 967730da 803ce1a6 c6e4f1ed 94307b30 a47cd7c8
            cab3b69e b8897f50 7f8b7819 fc8f8e65 18afbe34
            """.split(),
            "",
        ),
        "00428893": "### Good ones and bad ones",
        "e059625c": "### Speed and memory",
        "477d655a": "### New: a map of phrases",
        "ee852577": "### New: the nearest phrases",
        "cb96a6af": "### New: scoring phrase pairs",
    },
    3: {
        **dict.fromkeys(
            """
            d6f764f3 38198743 98195cad f12a8b46 53b28d3a daa8c456 4f1a1a82 4e29706a 04872580 3b737fc2 a43d8f6e e6c5307d
            f1466513 62fbc341 99b0b67f 66fe8692 d5fe5f86 346f5375 73b64fcb 7da5e446 13d3ead5 9be8a46d 78f5ec9d 8fe3b29c
            687955be 4b247a15 b73fcc2b 461c3f93 3bed706b
            """.split(),
            "",
        ),
        "0679193a": "### Good ones and bad ones",
        "2af04a55": "### Speed and memory",
        "8560bb82": "### New: alignments",
        "812d9753": "### New: how the alignment sharpens",
        "10c0a05f": "### New: filling in unknown words",
    },
}

# Markdown cells that are left out: they read the results of the current notebooks, or count the weights of their
# models. Other ones of sections 8 to 12 that are not kept are left out, too, and reported.
LEFT_OUT = {
    1: set("a7be215b d2e9cd77 63cfa19d 44470bee ef2d6181 7528cbfa 5602eb28".split()),
    2: set("4edbdedc ecc81329 4c11a532 01220222 69d18881 ad80d7cd".split()),
    3: set("cad03892 1b12b9ec d253beec f9f49247 5fb39399 82c07a54".split()),
}
