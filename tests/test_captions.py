"""The embedded caption corpus: reproducible, without leaks, good German and English."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

CAPTIONS = Path(__file__).resolve().parents[1] / "assets" / "captions"
SIZES = {"train": 4000, "validation": 250, "test": 250}
CORPUS = {
    split: [
        json.loads(line)
        for line in (CAPTIONS / f"{split}.jsonl")
        .read_text(encoding="utf-8")
        .splitlines()
    ]
    for split in SIZES
}
ADVERBS = "slowly|quickly|carefully|quietly|loudly"
BEFORE_NOUN = r"[a-zäöüß]+(?<!{}) [A-ZÄÖÜ]"  # an adjective that does not end in ...
# What no sentence may contain.
WRONG = {
    "de": [
        r"  | ,|,\S|,\.|\b(?!(?:der|die|das)\b)(\w+) \1\b",
        r"\b[Ii]n dem\b|\b[Aa]n dem\b|\b[Ii]n das\b",
        r"\b(?:mit|aus|von|vor|unter) (?:die|das|einen|eine|ein|mehrere)\b|\b(?:durch|über) (?:dem|einem|einer|der)\b",
        r"\b[Ee]in " + BEFORE_NOUN.format("e[rs]"),
        r"\b(?:[Ee]inen|[Ee]inem|[Ee]iner|[Dd]en|[Dd]em|[Kk]einen|im|am) "
        + BEFORE_NOUN.format("en"),
        r"\b(?:zwei|drei|vier|fünf) [a-zäöüß]+(?<!e)(?<!en) [A-ZÄÖÜ]|\b[Ee]ine [a-zäöüß]+(?<!e) [A-ZÄÖÜ]",
        r"\b(?:[Ee]ine|[Ee]iner|[Dd]as) (?:(?!de[nmr] )\w+ )?(?:Mann|Hund|Junge|Ball|Park)\b",
        r"\b(?:einen|einem|dem) (?:\w+ )?Junge\b",
        r"\b(?:[Ee]in|einen|einem|das|dem|[Dd]en) (?:\w+ )?(?:Frau|Katze|Bank|Brücke|Küche)\b",
        r"\b(?:[Ee]ine|einen|einer) (?:\w+ )?(?:Mädchen|Kind|Pferd|Buch|Haus)\b",
        r"Gruppe von (?:\w+ )?(?:Männer|Kinder|Hunde|Schüler|Freunde)\b",
        r"^[^,]*, (?:der|die|das) [^,.]*[^tn][,.]",  # the verb comes last ...
        r"^(?:Während|Obwohl|Weil) [^,]*, (?:eine?|der|die|das|zwei|drei|vier|fünf|mehrere) [^,]*$",  # ... or next
        r"^(?!.*(?:,| und )).*\b(?:hebt|heben)\b.*(?<!hoch)\.$|^[^,]*\b(?:fängt|fangen)\b(?!.* auf\b)",
    ],
    "en": [
        r"  | ,|,\S|,\.|\b(\w+) \1\b|.\b[A-Z]",
        r"\b[Aa] [aeiou]|\b[Aa]n [^aeiou]|\b[Aa]n? (?:\w+ )?(?:trousers|glasses|sunglasses)\b",
        r"\b(?:is|are) (?!(?:not )?(?:(?:" + ADVERBS + r") )?\w+ing\b|cold\b)",
        r"^(?:Two|Three|Four|Five|Several)\b(?!.*\bare\b)",
        r"^(?:An?|No) (?!group)(?:(?!and |who |that )\w+ ){1,4}are\b",
        r"\b(?:Two|Three|Four|Five|Several|two|three|four|five|several) (?:\w+ )?(?:man|woman|child|dog|hat|book)\b",
        r"\b(?:\w*mans|childs|gooses|sheeps|scarfs|leafs|tomatos|cherrys|storys|boxs|benchs)\b",
    ],
}
# What train has at least 20 times.
VARIED = [
    r"^(?:Im|Am|Auf|In|Vor|An|Unter) [^,]*? (?:eine?|der|die|das|zwei|drei|mehrere) ",
    r"^(?:Zwei|Drei|Vier|Fünf|Mehrere) ",
    r"^Während .*, ",
    r", während ",
    r"^(?:Obwohl|Weil) |, (?:obwohl|weil) ",
    r"\bkeine?n? ",
    r"\bnicht\b",
    r", sondern ",
    r"\b(?:hilft|helfen|gibt|geben|zeigt|zeigen|folgt|folgen) (?:\w+ )*(?:dem|den|der|einem|einer) ",
    r"^(?:Den|Dem) ",
    r"\bsich\b.* aus\.$",
    r", der .*, ",
    r", die .*, ",
    r", das .*, ",
    r"\b(?:seine?[nm]?|ihre?[nmr]?) [a-zA-ZÄÖÜ]",
    r"^Eine? .* und eine? ",
    r" und (?!eine?\b)",
]


@pytest.mark.parametrize("language", ["de", "en"])
def test_splits(language: str) -> None:
    """No sentence twice; few words that train lacks; lengths and vocabulary as promised."""
    assert {split: len(pairs) for split, pairs in CORPUS.items()} == SIZES
    texts = [pair[language] for pairs in CORPUS.values() for pair in pairs]
    assert len({text.lower() for text in texts}) == len(texts)
    counts = Counter(
        re.findall(r"\w+", " ".join(pair[language] for pair in CORPUS["train"]))
    )
    unknown = [
        any(counts[word] < 2 for word in re.findall(r"\w+", text))
        for text in texts[SIZES["train"] :]
    ]
    assert (
        0.03 < sum(unknown) / len(unknown) < 0.12
        and 400 < len({word.lower() for word in counts}) < 700
    )
    lengths = [len(re.findall(r"\w+|\S", text)) for text in texts]
    assert (
        min(lengths) >= 4
        and max(lengths) <= 25
        and 10 < sum(lengths) / len(lengths) < 14
    )
    assert all(
        re.fullmatch(r"[A-ZÄÖÜ][a-zA-ZÄÖÜäöüß, ]*[a-zß]\.", text) for text in texts
    )


@pytest.mark.parametrize(
    ("language", "pattern"),
    [(key, each) for key, wrong in WRONG.items() for each in wrong],
)
def test_no_sentence_is_wrong(language: str, pattern: str) -> None:
    assert not [
        pair
        for pairs in CORPUS.values()
        for pair in pairs
        if re.search(pattern, pair[language])
    ]


@pytest.mark.parametrize("pattern", VARIED)
def test_variety(pattern: str) -> None:
    assert sum(bool(re.search(pattern, pair["de"])) for pair in CORPUS["train"]) >= 20


def test_the_generator_writes_these_files(tmp_path: Path) -> None:
    command = [sys.executable, "-B", str(CAPTIONS / "generate.py"), str(tmp_path)]
    subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": "4711"}, check=True)
    for split in SIZES:
        assert (tmp_path / f"{split}.jsonl").read_bytes() == (
            CAPTIONS / f"{split}.jsonl"
        ).read_bytes()
