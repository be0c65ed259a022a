"""The embedded caption corpus: as generated, without leaks, good German and English."""

import json
import re
import runpy
from collections import Counter
from pathlib import Path

import pytest

CAPTIONS = Path(__file__).resolve().parents[1] / "assets" / "captions"
SIZES = {"train": 4000, "validation": 250, "test": 250}
TEXTS = {split: (CAPTIONS / f"{split}.jsonl").read_bytes().decode() for split in SIZES}
PAIRS = [json.loads(line) for text in TEXTS.values() for line in text.splitlines()]
MANY = "(?:[Tt]wo|[Tt]hree|[Ff]our|[Ff]ive|[Ss]everal)"
# What no sentence may contain.
WRONG = {
    "de": [
        # spaces and commas; a word twice; contractions
        r"  | ,|,\S|,\.|\b(?!(?:der|die|das)\b)(\w+) \1\b",
        r"\b[Ii]n dem\b|\b[Aa]n dem\b|\b[Ii]n das\b",
        # cases after prepositions
        r"\b(?:mit|aus|von|vor|unter) (?:die|das|einen|eine|ein|mehrere)\b",
        r"\b(?:durch|über) (?:dem|einem|einer|der)\b",
        # endings of adjectives: ein kleiner, dem kleinen, zwei kleine, eine kleine
        r"\b[Ee]in [a-zäöüß]+(?<!e[rs]) [A-ZÄÖÜ]",
        r"\b(?:[Ee]ine[nmr]|[Dd]e[nm]|[Kk]einen|im|am) [a-zäöüß]+(?<!en) [A-ZÄÖÜ]",
        r"\b(?:zwei|drei|vier|fünf) [a-zäöüß]+(?<!e)(?<!en) [A-ZÄÖÜ]",
        r"\b[Ee]ine [a-zäöüß]+(?<!e) [A-ZÄÖÜ]",
        # genders; der Junge, den Jungen; plurals in the dative
        r"\b(?:[Ee]iner?|[Dd]as) (?:(?!de[nmr] )\w+ )?(?:Mann|Hund|Junge|Ball|Park)\b",
        r"\b(?:[Ee]in|eine[nm]|das|de[nm]) (?:\w+ )?(?:Frau|Katze|Bank|Brücke|Küche)\b",
        r"\b(?:[Ee]ine|einen|einer) (?:\w+ )?(?:Mädchen|Kind|Pferd|Buch|Haus)\b",
        r"\b(?:einen|einem|dem) (?:\w+ )?Junge\b",
        r"Gruppe von (?:\w+ )?(?:Männer|Kinder|Hunde|Schüler|Freunde)\b",
        # the verb comes last in a side clause, and next after it
        r"^[^,]*, (?:der|die|das) [^,.]*[^tn][,.]",
        r"^(?:Während|Obwohl|Weil) [^,]*, (?:eine?|der|die|das|zwei|mehrere) [^,]*$",
        # separable verbs
        r"^(?!.*(?:,| und )).*\b(?:hebt|heben)\b.*(?<!hoch)\.$",
        r"^[^,]*\b(?:fängt|fangen)\b(?!.* auf\b)",
    ],
    "en": [
        r"  | ,|,\S|,\.|\b(\w+) \1\b|.\b[A-Z]",
        r"\b[Aa] [aeiou]|\b[Aa]n [^aeiou]|\b[Aa]n? (?:\w+ )?(?:trousers|\w*glasses)\b",
        r"\b(?:is|are) (?!(?:not )?(?:\w+ly )?\w+ing\b|cold\b)",
        r"^(?:An?|No) (?!group)(?:(?!and |who |that )\w+ ){1,4}are\b",
        r"\b" + MANY + r" (?:\w+ )?(?:man|woman|child|dog|hat|book)\b",
        r"^" + MANY + r"\b(?!.*\bare\b)",
        r"\b(?:\w*mans|childs|gooses|sheeps|scarfs|leafs|tomatos|cherrys|boxs|benchs)\b",
    ],
}
# What the German of train has at least 20 times.
VARIED = [
    r"^(?:Im|Am|Auf|In|Vor|An|Unter) [^,]*? (?:eine?|der|die|das|zwei|drei|mehrere) ",
    r"^(?:Den|Dem) ",
    r"^Während .*, |, während |^(?:Obwohl|Weil) |, (?:obwohl|weil) ",
    r"\bkeine?n? |\bnicht\b|, sondern ",
    r"\b(?:hilft|gibt|zeigt|folgt) (?:\w+ )*(?:dem|den|der|einem|einer) ",
    r"\bsich\b.* aus\.$",
    r", (?:der|die|das) .*, ",
    r"\b(?:seine?[nm]?|ihre?[nmr]?) [a-zA-ZÄÖÜ]",
    r"^Eine? .* und eine? ",
]


def test_the_generator_writes_these_files(tmp_path: Path) -> None:
    runpy.run_path(str(CAPTIONS / "generate.py"))["main"](tmp_path)
    for split, text in TEXTS.items():
        assert (tmp_path / f"{split}.jsonl").read_bytes() == text.encode()


@pytest.mark.parametrize("language", ["de", "en"])
def test_splits(language: str) -> None:
    """Sizes; no sentence twice; few words that train lacks; lengths."""
    assert [text.count("\n") for text in TEXTS.values()] == list(SIZES.values())
    texts = [pair[language] for pair in PAIRS]
    assert len({text.lower() for text in texts}) == len(texts)
    train, others = texts[:4000], texts[4000:]
    counts = Counter(re.findall(r"\w+", " ".join(train)))
    unknown = [min(counts[word] for word in re.findall(r"\w+", t)) < 2 for t in others]
    assert 0.03 < sum(unknown) / len(unknown) < 0.12
    lengths = [len(re.findall(r"\w+|\S", text)) for text in texts]
    assert min(lengths) >= 4 and max(lengths) <= 25


@pytest.mark.parametrize("language", WRONG)
def test_no_sentence_is_wrong(language: str) -> None:
    for wrong in WRONG[language]:
        found = [pair for pair in PAIRS if re.search(wrong, pair[language])]
        assert not found, wrong


@pytest.mark.parametrize("pattern", VARIED)
def test_variety(pattern: str) -> None:
    assert sum(bool(re.search(pattern, pair["de"])) for pair in PAIRS[:4000]) >= 20
