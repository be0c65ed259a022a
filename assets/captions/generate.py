"""Write the small German-English caption corpus: train.jsonl, validation.jsonl and test.jsonl.

Usage: python generate.py [--out FOLDER]

Sentences are drawn from the grammar in grammar.py over the words in lexicon.py. Everything random comes from
one seeded generator, so that the same bytes come out on every machine.
"""

import argparse
import itertools
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from grammar import (
    ACCUSATIVE,
    BARE,
    CASES,
    DATIVE,
    DEFINITE,
    GROUP,
    INDEFINITE,
    NO_SUBJECT,
    NOTHING,
    NUMERALS,
    POSSESSIVES,
    Adjective,
    Adverbial,
    Clause,
    Couple,
    Determiner,
    Filler,
    Noun,
    Phrase,
    Slot,
    Verb,
    prepositional,
    read_adjectives,
    read_nouns,
    read_times,
    read_verbs,
    read_weather,
    relative_english,
    relative_german,
)
from lexicon import ADVERBS

SEED = 20240607
TRAIN_SIZE, HELD_OUT_SIZE = 4000, 250
RARE_SIZE = 20  # sentences of validation and of test with a word that training never shows
MIN_TRAIN_COUNT = 2  # every other word of validation and test is at least this frequent in training
MIN_TOKENS, MAX_TOKENS = 4, 25  # on both sides, punctuation counted
WEAR_WEIGHT = 6  # captions like to tell what people wear
CORE_WEIGHT = 4  # how much more often "Mann" is chosen than "Feuerwehrmann"

# Of these, every participant has one: two boys wear hats, one boy wears a hat.
DISTRIBUTIVE = {"garment", "head", "body", "collar", "food", "text", "ride", "mount", "load", "ladder"}
DISTRIBUTIVE |= {"held", "umbrella", "push", "cart", "sledge", "kite", "stick", "bone", "solo"}
OWNED = {"family", "pet", "garment", "umbrella", "wash"}  # what people can call theirs ("seine Jacke")
ANIMATE = {"person", "animal", "pet", "tame", "prey", "cat", "bird", "waterbird"}
# Two adjectives read naturally as size or age before colour ("ein kleiner blonder Junge").
OUTER_GROUPS = {"size", "small", "age", "worn"}
INNER_GROUPS = {"hair", "fur", "colour"}
COUPLES = (("adult", "adult"), ("sibling", "sibling"), ("adult", "child"), ("pet", "pet"))
# What someone in a relative clause of the first kind may be doing at the same time.
RELATIVE_PARTNERS = {
    "wear": ("posture", "calm", "gesture", "rest", "sleep", "act", "carry", "move"),
    "posture": ("calm", "gesture"),
    "carry": ("move", "gesture"),
    "calm": ("posture",),
}


class NoFitError(Exception):
    """No word fits; the sentence is drawn anew."""


class Caption(NamedTuple):
    """A German sentence and its English translation."""

    de: str
    en: str


class Author:
    """Draws captions; of the rare words it knows at most the one named."""

    def __init__(self, rng: random.Random, rare: str = "") -> None:
        self.rng = rng
        self.nouns = [noun for noun in read_nouns() if "rare" not in noun.classes or noun.german[0] == rare]
        self.adjectives = [each for each in read_adjectives() if "rare" not in each.groups or each.german == rare]
        self.verbs, self.times, self.weather = read_verbs(), read_times(), read_weather()
        self.used: set[str] = set()  # nouns of the sentence so far: none comes twice
        self.richness = 0.0  # how readily this sentence takes adjectives; varied to spread the lengths

    def draw(self) -> Caption:
        """One caption of any pattern that fits the length limits."""
        while True:
            pattern = self.rng.choices(list(PATTERNS), weights=list(PATTERNS.values()))[0]
            self.used = set()
            self.richness = self.rng.choice((0.1, 0.3, 0.5, 0.8))
            try:
                german, english = pattern(self)
            except NoFitError:
                continue
            caption = Caption(finish(german), finish(english))
            if all(MIN_TOKENS <= len(tokenize(side)) <= MAX_TOKENS for side in caption):
                return caption

    # --- words and phrases

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return self.rng.random() < probability

    def pick_noun(self, fits: Callable[[Noun], bool]) -> Noun:
        """A noun that fits and that the sentence does not have yet."""
        candidates = [noun for noun in self.nouns if fits(noun) and noun.german[0] not in self.used]
        if not candidates:
            raise NoFitError
        weights = [CORE_WEIGHT if "core" in noun.classes else 1 for noun in candidates]
        noun = self.rng.choices(candidates, weights=weights)[0]
        self.used.add(noun.german[0])
        return noun

    def pick_adjectives(self, noun: Noun) -> tuple[Adjective, ...]:
        """No, one or two adjectives of the groups that the noun allows."""
        groups = noun.adjective_groups
        if not groups or not self.chance(self.richness):
            return ()
        outer = [group for group in groups if group in OUTER_GROUPS]
        inner = [group for group in groups if group in INNER_GROUPS]
        chosen = [outer, inner] if outer and inner and self.chance(0.15) else [groups]
        return tuple(self.pick_adjective(options) for options in chosen)

    def pick_adjective(self, groups: Sequence[str]) -> Adjective:
        """An adjective of any of the groups."""
        return self.rng.choice([each for each in self.adjectives if each.groups & set(groups)])

    def phrase(self, noun: Noun, plural: bool, determiner: Determiner) -> Phrase:
        """A phrase with adjectives."""
        return Phrase(noun, plural, determiner, self.pick_adjectives(noun))

    def subject(self, classes: frozenset[str]) -> Phrase:
        """A subject of one of the classes: new to the reader more often than known."""
        noun = self.pick_noun(lambda noun: bool(noun.classes & classes))
        plural = self.chance(0.4)
        if plural:
            options, weights = (self.rng.choice(NUMERALS), BARE, DEFINITE, GROUP), (50, 20, 20, 10)
        else:
            options, weights = (INDEFINITE, DEFINITE), (65, 35)
        return self.phrase(noun, plural, self.rng.choices(options, weights=weights)[0])

    def couple(self) -> Couple:
        """Two different people or pets: "ein Mann und eine Frau"."""
        first, second = self.rng.choice(COUPLES)
        nouns = [self.pick_noun(lambda noun, kind=kind: kind in noun.classes) for kind in (first, second)]
        return Couple(*(self.phrase(noun, False, INDEFINITE) for noun in nouns))

    def fill(self, slot: Slot, verb: Verb, subject: Phrase | Couple, negation: str) -> Filler:
        """Something for a slot of the verb."""
        noun = self.pick_noun(lambda noun: bool(noun.classes & slot.classes))
        if slot.kind == "bare":
            return Filler(slot.kind, Phrase(noun, False, BARE))
        plural = self.pick_number(noun, slot, subject)
        determiner = self.pick_determiner(noun, plural, slot, verb, negation)
        possessive = POSSESSIVES.get(subject.agreement)  # none for "Kind": English would have to choose
        if possessive and not negation and self.may_own(noun, plural, verb, subject) and self.chance(0.5):
            determiner = possessive
        return Filler(slot.kind, self.phrase(noun, plural, determiner))

    @staticmethod
    def may_own(noun: Noun, plural: bool, verb: Verb, subject: Phrase | Couple) -> bool:
        """Whether "sein" or "ihr" is possible and sensible: people have jackets, but not several fathers."""
        one_too_many = plural and "family" in noun.classes
        owner = "person" in subject.nouns[0].classes
        return bool("own" in verb.features and noun.classes & OWNED and owner and not one_too_many)

    def pick_number(self, noun: Noun, slot: Slot, subject: Phrase | Couple) -> bool:
        """Whether a complement is plural."""
        if "many" in noun.classes or "wares" in slot.classes:
            return True
        if noun.prepositions or noun.classes & {"unique", "single"}:
            return False
        if noun.classes & DISTRIBUTIVE & (slot.classes | {"solo"}):
            return subject.agreement == "p" or getattr(subject, "determiner", None) == GROUP
        return slot.kind in ("acc", "dat", "mit+dat") and self.chance(0.2)

    def pick_determiner(self, noun: Noun, plural: bool, slot: Slot, verb: Verb, negation: str) -> Determiner:
        """The article or number of a complement."""
        if negation == "kein" and slot.kind == "acc":
            return Determiner("kein", "any" if plural or "pair" in noun.classes else "a", "ein")
        if negation or "unique" in noun.classes or ("new" not in verb.features and self.chance(0.4)):
            return DEFINITE
        if not plural:
            return INDEFINITE
        # Bare plurals of persons ("hilft Kindern") would sound like a general statement.
        person = slot.kind == "dat" or "person" in noun.classes
        uncounted = "many" in noun.classes or noun.classes & DISTRIBUTIVE & slot.classes
        counted = person or (self.chance(0.3) and not uncounted)
        return self.rng.choice(NUMERALS) if counted else BARE

    # --- clauses

    def pick_verb(self, fits: Callable[[Verb], bool], subject: Phrase | Couple | None, scene: str) -> Verb:
        """A verb that fits, that the subject can do and that belongs into the scene."""
        nouns = subject.nouns if subject else ()
        able = [verb for verb in self.verbs if all(verb.subjects & noun.classes for noun in nouns)]
        candidates = [verb for verb in able if fits(verb) and compatible(verb.scene, scene)]
        if not candidates:
            raise NoFitError
        weights = [WEAR_WEIGHT if verb.kind == "wear" and "person" in verb.subjects else 1 for verb in candidates]
        return self.rng.choices(candidates, weights=weights)[0]

    def pick_place(self, verb: Verb, scene: str) -> Adverbial:
        """A place for the verb, never with the preposition that it already has ("auf der Wiese auf ...")."""
        taken = [slot.kind.partition("+")[0] for slot in verb.slots]

        def fits(noun: Noun) -> bool:
            in_scene = compatible(noun.scene, scene) and compatible(noun.scene, verb.scene)
            free = noun.prepositions and noun.prepositions[0] not in taken
            return bool(free and in_scene and noun.classes & verb.places)

        noun = self.pick_noun(fits)
        known = "unique" in noun.classes or self.chance(0.7)
        phrase = self.phrase(noun, False, DEFINITE if known else INDEFINITE)
        german, english = noun.prepositions
        return Adverbial(prepositional(german, phrase, DATIVE), f"{english} {phrase.english()}", noun.scene)

    def clause(
        self,
        fits: Callable[[Verb], bool] = lambda verb: True,
        subject: Phrase | Couple | None = None,
        scene: str = "any",
        place: float = 0.0,
        negation: str = "",
    ) -> Clause:
        """A clause; place is the probability of one, verbs that need one get it anyway."""
        verb = self.pick_verb(fits, subject, scene)
        subject = subject or self.subject(verb.subjects)
        fillers = tuple(self.fill(slot, verb, subject, negation) for slot in verb.slots)
        known = {filler.kind: filler.phrase.known for filler in fillers}
        if known.get("acc") and not known.get("dat", True):
            raise NoFitError  # "gibt den Ball einem Kind" would need another word order
        has_place = "!" in verb.places or (verb.places and self.chance(place))
        where = self.pick_place(verb, scene) if has_place else None
        adverbs = [feature for feature in verb.features if feature in ADVERBS]
        adverb = self.rng.choice(adverbs) if adverbs and not negation and self.chance(0.3) else ""
        return Clause(subject, verb, fillers, place=where, adverb=adverb, negation=negation)

    def timed(self, clause: Clause, probability: float) -> Clause:
        """The clause, perhaps with a time that suits its scene."""
        times = [time for time in self.times if time.scene in ("any", clause.scene)]
        return replace(clause, time=self.rng.choice(times)) if self.chance(probability) else clause

    def known_subject(self, verb_fits: Callable[[Verb], bool], **options: str | float) -> Clause:
        """A clause about someone the reader knows: negation sounds odd about strangers."""
        subject = self.subject(self.rng.choice(self.verbs).subjects)
        return self.clause(verb_fits, replace(subject, determiner=DEFINITE), **options)


def compatible(first: str, second: str) -> bool:
    """Whether two scenes can be in one picture."""
    return "any" in (first, second) or first == second


# --- sentence patterns: each draws one sentence and returns it in German and in English


def plain(author: Author) -> tuple[str, str]:
    """A bare statement, as in "Ein Hund schläft ein"."""
    clause = author.clause(place=0.1)
    return clause.verb_second(), clause.english()


def placed(author: Author) -> tuple[str, str]:
    """With place or time inside, as in "Ein Mann liest am Morgen im Garten eine Zeitung"."""
    clause = author.timed(author.clause(place=0.9), 0.15)
    return clause.verb_second(), clause.english()


def fronted(author: Author) -> tuple[str, str]:
    """With place or time in front, as in "Im Park spielt ein Mädchen mit einem Ball"."""
    clause = author.timed(author.clause(place=0.9), 0.4)
    options = [part for part in (clause.place, clause.time) if part]
    if not options:
        raise NoFitError
    front = author.rng.choice(options)
    return clause.verb_second(front), clause.english(front)


def described_clause(author: Author, scene: str = "any", place: float = 0.5) -> Clause:
    """A clause whose subject has a relative clause; what both tell can happen at the same time."""
    relative = author.clause(lambda verb: verb.kind in RELATIVE_PARTNERS, scene=scene)
    if relative.subject.determiner == GROUP:  # would the clause be about the group or about its members?
        raise NoFitError
    partners = RELATIVE_PARTNERS[relative.verb.kind]
    scene = relative.scene if relative.scene != "any" else scene
    place = 0.0 if relative.place else place
    main = author.clause(lambda verb: verb.kind in partners, relative.subject, scene, place)
    if main.place and relative.place:
        raise NoFitError
    return replace(main, relative=relative)


def described_subject(author: Author) -> tuple[str, str]:
    """As in "Ein Junge, der einen roten Helm trägt, fängt den Ball auf"."""
    main = described_clause(author)
    front = main.place if author.chance(0.4) else None
    return main.verb_second(front), main.english(front)


def described_object(author: Author) -> tuple[str, str]:
    """As in "Ein Mädchen streichelt den Hund, der auf der Wiese liegt"."""
    main = author.clause(lambda verb: len(verb.slots) == 1 and verb.slots[0].kind in CASES, place=0.3)
    phrase = main.fillers[0].phrase
    if not phrase.noun.classes & {"person", "animal"} or phrase.determiner in POSSESSIVES.values():
        raise NoFitError
    kinds = ("wear",) if main.verb.kind == "move" else ("wear", "posture", "rest")  # nobody chases who sits
    relative = author.clause(lambda verb: verb.kind in kinds, phrase, scene=main.scene)
    if main.place and relative.place:
        raise NoFitError
    german = f"{main.verb_second(main.place)}, {relative_german(relative)}"
    return german, f"{main.english(main.place)} {relative_english(relative)}"


def while_clause(author: Author) -> tuple[str, str]:
    """As in "Während zwei Kinder Fußball spielen, liest eine Frau ein Buch"."""

    def happens(verb: Verb) -> bool:
        return verb.kind != "wear" and "!" not in verb.places

    first = described_clause(author) if author.chance(0.4) else author.clause(happens, place=0.4)
    second = author.clause(happens, scene=first.scene)
    main, side = (first, second) if author.chance(0.5) else (second, first)
    german_side = f"während {side.german_subject()} {side.verb_final()}"
    return attach(author, main, Adverbial(german_side, f"while {side.english()}"))


def weather_clause(author: Author) -> tuple[str, str]:
    """As in "Obwohl es regnet, spielen die Kinder Fußball"."""
    main = author.clause(place=0.6)
    if main.scene != "out":
        raise NoFitError
    *usual, rain = author.weather
    return attach(author, main, rain if "rain" in main.verb.features else author.rng.choice(usual))


def attach(author: Author, main: Clause, side: Adverbial) -> tuple[str, str]:
    """Put a subordinate clause before the main clause, which then begins with its verb, or behind it."""
    if author.chance(0.5):
        return f"{side.german}, {main.verb_second(NOTHING)}", f"{side.english}, {main.english()}"
    return f"{main.verb_second()}, {side.german}", f"{main.english()} {side.english}"


def two_verbs(author: Author) -> tuple[str, str]:
    """As in "Ein Mann sitzt auf einer Bank und liest eine Zeitung"."""
    first = author.clause(lambda verb: verb.kind == "posture", place=0.4)
    partners = RELATIVE_PARTNERS["posture"]
    second = author.clause(lambda verb: verb.kind in partners, first.subject, scene=first.scene)
    if first.place and second.place:
        raise NoFitError
    front = first.place if author.chance(0.3) else None
    german = f"{first.verb_second(front)} und {second.verb_second_rest()}"
    return german, f"{first.english(front)} and {second.english_predicate()}"


def two_subjects(author: Author) -> tuple[str, str]:
    """As in "Ein Mann und eine Frau tanzen auf der Bühne"."""
    clause = author.clause(subject=author.couple(), place=0.6)
    front = clause.place if author.chance(0.3) else None
    return clause.verb_second(front), clause.english(front)


def no_object(author: Author) -> tuple[str, str]:
    """As in "Der Junge trägt keinen Helm"."""

    def fits(verb: Verb) -> bool:  # "keine Frau umarmen" would be odd
        return any(slot.kind == "acc" and not slot.classes & ANIMATE for slot in verb.slots)

    clause = author.known_subject(fits, place=0.15, negation="kein")
    return clause.verb_second(), clause.english()


def no_subject(author: Author) -> tuple[str, str]:
    """As in "Kein Kind spielt auf der Straße"."""
    subject = replace(author.subject(frozenset({"core"})), plural=False, determiner=NO_SUBJECT)
    clause = author.clause(lambda verb: verb.kind != "dress", subject, place=0.7)
    return clause.verb_second(), clause.english()


def not_at_all(author: Author) -> tuple[str, str]:
    """As in "Der Mann hebt den Koffer nicht hoch"."""

    def fits(verb: Verb) -> bool:  # "spielt keine Gitarre" needs no "nicht"
        return all(slot.kind != "bare" for slot in verb.slots)

    clause = author.known_subject(fits, negation="nicht")
    return clause.verb_second(), clause.english()


def contrast(author: Author) -> tuple[str, str]:
    """As in "Die Frau trägt keinen Hut, sondern eine Mütze"."""

    def fits(verb: Verb) -> bool:
        plain_object = [slot.kind for slot in verb.slots] == ["acc"] and not verb.particle
        return plain_object and verb.kind in ("wear", "calm", "carry")

    clause = author.known_subject(fits, negation="kein")
    denied = clause.fillers[0].phrase
    if denied.determiner.english == "any":  # "not any hats but caps" would be clumsy
        denied = replace(denied, determiner=denied.determiner._replace(english=""))
        clause = replace(clause, fillers=(Filler("acc", denied),))
    other = author.fill(clause.verb.slots[0], clause.verb, clause.subject, "").phrase
    other = replace(other, determiner=BARE if other.plural else INDEFINITE)
    return (
        f"{clause.verb_second()}, sondern {other.german(ACCUSATIVE)}",
        f"{clause.english()} but {other.english()}",
    )


def object_first(author: Author) -> tuple[str, str]:
    """As in "Den Ball fängt ein kleiner Junge auf"."""
    clause = author.clause(lambda verb: any(slot.kind in CASES for slot in verb.slots), place=0.4)
    front = author.rng.choice([filler for filler in clause.fillers if filler.kind in CASES])
    # Only "den" and the datives tell an object in front from a subject.
    clear = front.kind == "dat" or front.phrase.agreement == "m"
    if front.phrase.determiner != DEFINITE or not clear:
        raise NoFitError
    return clause.verb_second(front), clause.english(front)


PATTERNS: dict[Callable[[Author], tuple[str, str]], int] = {
    plain: 14,
    placed: 16,
    fronted: 16,
    described_subject: 18,
    described_object: 6,
    while_clause: 10,
    weather_clause: 4,
    two_verbs: 6,
    two_subjects: 4,
    no_object: 4,
    no_subject: 2,
    not_at_all: 4,
    contrast: 2,
    object_first: 12,  # most draws have no suitable object
}


# --- splits


def tokenize(sentence: str) -> list[str]:
    """Words and punctuation marks."""
    return re.findall(r"\w+|[^\w\s]", sentence)


def finish(text: str) -> str:
    """Add capital letter and full stop; a relative clause that ends the clause needs no second comma."""
    text = text.replace(",,", ",").removesuffix(",")
    return text[0].upper() + text[1:] + "."


def rare_words() -> dict[str, set[str]]:
    """The words that training never shows, in both languages, by German lemma."""
    words = {}
    for noun in read_nouns():
        if "rare" in noun.classes:
            german = {noun.decline(case, plural) for case in CASES.values() for plural in (False, True)}
            words[noun.german[0]] = {*noun.german, *german, *" ".join(noun.english).split()}
    for adjective in read_adjectives():
        if "rare" in adjective.groups:
            words[adjective.german] = {
                adjective.english,
                *(adjective.german + ending for ending in ("e", "er", "en", "es")),
            }
    return words


class Corpus:
    """Draws the splits; no German and no English sentence comes twice, whatever its capitals."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.seen: set[str] = set()
        self.frequent: set[str] = set()

    def draw(self, author: Author, accept: Callable[[Caption], bool] = lambda caption: True) -> Caption:
        """A caption that is new and accepted."""
        while True:
            caption = author.draw()
            sentences = {f"{language}: {text.lower()}" for language, text in caption._asdict().items()}
            if accept(caption) and not sentences & self.seen:
                self.seen |= sentences
                return caption

    def unknown(self, caption: Caption) -> set[str]:
        """The words that are not frequent enough in training."""
        return {word for side in caption for word in tokenize(side)} - self.frequent

    def train(self) -> list[Caption]:
        """The training split; it decides which words the other splits may use."""
        author = Author(self.rng)
        captions = [self.draw(author) for _ in range(TRAIN_SIZE)]
        for side in zip(*captions, strict=True):
            counts = Counter(word for sentence in side for word in tokenize(sentence))
            self.frequent |= {word for word, count in counts.items() if count >= MIN_TRAIN_COUNT}
        return captions

    def held_out(self) -> list[Caption]:
        """A validation or test split: mostly known words, and each rare word in turn."""
        author = Author(self.rng)
        captions = [self.draw(author, lambda each: not self.unknown(each)) for _ in range(HELD_OUT_SIZE - RARE_SIZE)]
        for lemma, words in itertools.islice(itertools.cycle(rare_words().items()), RARE_SIZE):
            author = Author(self.rng, lemma)
            captions.append(self.draw(author, lambda each, words=words: set() < self.unknown(each) <= words))
        self.rng.shuffle(captions)
        return captions


def describe(path: Path, captions: list[Caption]) -> str:
    """One line about a file: its name, its size, and the lengths of its sentences."""
    parts = [f"{path.name}: {len(captions)} pairs"]
    for language, side in zip(Caption._fields, zip(*captions, strict=True), strict=True):
        lengths = [len(tokenize(sentence)) for sentence in side]
        parts.append(f"{language} {min(lengths)}/{sum(lengths) / len(lengths):.1f}/{max(lengths)}")
    return ", ".join(parts) + " tokens (min/mean/max)"


def main() -> None:
    """Write the three files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder for the files")
    folder = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    corpus = Corpus(SEED)
    splits = {"train": corpus.train(), "validation": corpus.held_out(), "test": corpus.held_out()}
    for name, captions in splits.items():
        path = folder / f"{name}.jsonl"
        lines = (json.dumps(caption._asdict(), ensure_ascii=False) + "\n" for caption in captions)
        path.write_bytes("".join(lines).encode())
        print(describe(path, captions))


if __name__ == "__main__":
    main()
