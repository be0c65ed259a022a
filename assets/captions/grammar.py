"""Types of the caption grammar and how a meaning is spelled out in German and in English.

A Clause says who does what to whom, where and when. Its methods put it into the word orders that the two
languages need, so that both sides of a caption come from one meaning.
"""

from dataclasses import dataclass
from typing import NamedTuple

from lexicon import ADJECTIVES, ADVERBS, COUNTS, NOUNS, TIMES, VERBS, WEATHER

NOMINATIVE, ACCUSATIVE, DATIVE = range(3)
CASES = {"acc": ACCUSATIVE, "dat": DATIVE}

# Endings in the order nominative, accusative, dative; "p" is the plural of every gender. Phrases without an
# article ("bare", "several" and numbers) occur in the plural only.
ARTICLE_ENDINGS = {
    "ein": {"m": ("", "en", "em"), "f": ("e", "e", "er"), "n": ("", "", "em"), "p": ("e", "e", "en")},
    "der": {
        "m": ("er", "en", "em"),
        "f": ("ie", "ie", "er"),
        "n": ("as", "as", "em"),
        "p": ("ie", "ie", "en"),
    },
    "bare": {"p": ("", "", "")},
    "several": {"p": ("e", "e", "en")},
}
ADJECTIVE_ENDINGS = {
    "ein": {"m": ("er", "en", "en"), "f": ("e", "e", "en"), "n": ("es", "es", "en"), "p": ("en", "en", "en")},
    "der": {"m": ("e", "en", "en"), "f": ("e", "e", "en"), "n": ("e", "e", "en"), "p": ("en", "en", "en")},
    "bare": {"p": ("e", "e", "en")},
    "several": {"p": ("e", "e", "en")},
}
RELATIVE_PRONOUNS = {"m": "der", "f": "die", "n": "das", "p": "die"}
CONTRACTIONS = {"in dem ": "im ", "an dem ": "am ", "in das ": "ins "}


class Determiner(NamedTuple):
    """German stem, English counterpart, and the pattern of endings that it and its adjectives follow."""

    german: str
    english: str
    pattern: str


INDEFINITE = Determiner("ein", "a", "ein")
DEFINITE = Determiner("d", "the", "der")
BARE = Determiner("", "", "bare")
GROUP = Determiner("eine Gruppe von", "a group of", "bare")
SEVERAL = Determiner("mehrer", "several", "several")
NUMERALS = (*(Determiner(german, english, "bare") for german, english in COUNTS.items()), SEVERAL)
NO_SUBJECT = Determiner("kein", "no", "ein")  # as an object, "kein" turns the English verb negative instead
POSSESSIVES = {
    "m": Determiner("sein", "his", "ein"),
    "f": Determiner("ihr", "her", "ein"),
    "p": Determiner("ihr", "their", "ein"),
}
KNOWN = (DEFINITE, *POSSESSIVES.values())


class Adverbial(NamedTuple):
    """A phrase of time, place or weather in both languages, with the scene it belongs to."""

    german: str
    english: str
    scene: str = "any"


NOTHING = Adverbial("", "")  # in front of a main clause when a subordinate clause already takes that place


class Adjective(NamedTuple):
    """German stem, English word, and the groups by which nouns choose their adjectives."""

    german: str
    english: str
    groups: frozenset[str]


@dataclass(frozen=True)
class Noun:
    """Singular and plural in both languages, gender, semantic classes and, for places, the prepositions."""

    german: tuple[str, ...]
    gender: str
    english: tuple[str, ...]
    classes: frozenset[str]
    adjective_groups: tuple[str, ...]
    prepositions: tuple[str, ...]

    def decline(self, case: int, plural: bool) -> str:
        """German form: weak nouns look plural outside the nominative, dative plurals take an -n."""
        form = self.german[plural or ("weak" in self.classes and case != NOMINATIVE)]
        return form + "n" if plural and case == DATIVE and form[-1] not in "ns" else form

    @property
    def scene(self) -> str:
        """Where a place lies: out, in, winter, or any."""
        return next((scene for scene in ("out", "in", "winter") if scene in self.classes), "any")


class Slot(NamedTuple):
    """What a verb asks for: a kind (acc, dat, bare or preposition+case) and the classes that fit."""

    kind: str
    classes: frozenset[str]


@dataclass(frozen=True)
class Verb:
    """A row of the verb table, see the comment there."""

    subjects: frozenset[str]
    german: tuple[str, str]
    particle: str
    english: str
    slots: tuple[Slot, ...]
    places: frozenset[str]
    kind: str
    scene: str
    features: tuple[str, ...]


@dataclass(frozen=True)
class Phrase:
    """Determiner, adjectives and noun; spelled out in a case for German, without one for English."""

    noun: Noun
    plural: bool
    determiner: Determiner
    adjectives: tuple[Adjective, ...] = ()

    @property
    def nouns(self) -> tuple[Noun, ...]:
        """The nouns that a verb has to fit."""
        return (self.noun,)

    @property
    def known(self) -> bool:
        """Whether the phrase stands early in the German clause, as articles and possessives make it do."""
        return self.determiner in KNOWN

    @property
    def agreement(self) -> str:
        """Gender, or "p", that verb and pronoun agree with; "eine Gruppe von Kindern" is singular."""
        return "f" if self.determiner == GROUP else "p" if self.plural else self.noun.gender

    def german(self, case: int) -> str:
        """The German phrase in the given case."""
        pattern, gender = self.determiner.pattern, "p" if self.plural else self.noun.gender
        if self.determiner == GROUP:
            case = DATIVE  # after "von"
        article = self.determiner.german + ARTICLE_ENDINGS[pattern][gender][case]
        ending = ADJECTIVE_ENDINGS[pattern][gender][case]
        return join(
            article,
            *(adjective.german + ending for adjective in self.adjectives),
            self.noun.decline(case, self.plural),
        )

    def english(self) -> str:
        """The English phrase; "a" becomes "an" before a vowel letter and vanishes before "trousers"."""
        rest = join(*(adjective.english for adjective in self.adjectives), self.noun.english[self.plural])
        article = self.determiner.english
        if article == "a":
            article = "" if "pair" in self.noun.classes else "an" if rest[0] in "aeiou" else "a"
        return join(article, rest)


@dataclass(frozen=True)
class Couple:
    """A coordinated subject, "ein Mann und eine Frau"."""

    first: Phrase
    second: Phrase
    agreement: str = "p"

    @property
    def nouns(self) -> tuple[Noun, ...]:
        """The nouns that a verb has to fit."""
        return (self.first.noun, self.second.noun)

    def german(self, case: int) -> str:
        """Both phrases in the given case."""
        return f"{self.first.german(case)} und {self.second.german(case)}"

    def english(self) -> str:
        """Both phrases."""
        return f"{self.first.english()} and {self.second.english()}"


class Filler(NamedTuple):
    """A phrase in a slot of the verb."""

    kind: str
    phrase: Phrase

    @property
    def german(self) -> str:
        """A German complement: "den Ball", "dem Kind", "Gitarre", "auf einer Bank"."""
        if self.kind == "bare":
            return self.phrase.noun.german[0]
        preposition, _, case = self.kind.rpartition("+")
        return prepositional(preposition, self.phrase, CASES[case])

    @property
    def english(self) -> str:
        """The English phrase; its preposition, if any, is part of the verb's template."""
        return self.phrase.noun.english[0] if self.kind == "bare" else self.phrase.english()


@dataclass(frozen=True)
class Clause:
    """One meaning: who does what to whom, where and when."""

    subject: Phrase | Couple
    verb: Verb
    fillers: tuple[Filler, ...] = ()
    place: Adverbial | None = None
    time: Adverbial | None = None
    adverb: str = ""
    negation: str = ""  # "nicht", or "kein" when an article says it
    relative: "Clause | None" = None  # about the subject

    @property
    def scene(self) -> str:
        """The most specific of the scenes of verb, place and relative clause."""
        parts = (self.verb, self.place, self.relative)
        return next((part.scene for part in parts if part and part.scene != "any"), "any")

    @property
    def finite(self) -> str:
        """The German verb, agreeing with the subject."""
        return self.verb.german[self.subject.agreement == "p"]

    @property
    def reflexive(self) -> str:
        """ "sich" for reflexive verbs."""
        return "sich" if "reflexive" in self.verb.features else ""

    def german_subject(self) -> str:
        """The German subject with its relative clause and the comma that closes it."""
        relative = f", {relative_german(self.relative)}," if self.relative else ""
        return self.subject.german(NOMINATIVE) + relative

    def midfield(self, front: Filler | Adverbial | None = None) -> str:
        """German complements and adverbials, except the one in front: known things early, new ones late."""
        inside = sorted((filler for filler in self.fillers if filler is not front), key=lambda each: each.kind != "dat")
        known = [filler for filler in inside if filler.kind in CASES and filler.phrase.known]
        datives = [filler for filler in inside if filler.kind == "dat" and filler not in known]
        rest = [filler for filler in inside if filler not in known + datives]
        time, place = (part.german if part and part is not front else "" for part in (self.time, self.place))
        negation = "nicht" if self.negation == "nicht" else ""
        known_text, dative_text, rest_text = (
            join(*(each.german for each in group)) for group in (known, datives, rest)
        )
        if dative_text or rest_text:
            return join(known_text, time, negation, place, self.adverb, dative_text, rest_text)
        return join(known_text, time, negation, self.adverb, place)

    def verb_second(self, front: Filler | Adverbial | None = None) -> str:
        """German main clause: whatever stands in front, the verb comes second and its particle last."""
        subject, particle = self.german_subject(), self.verb.particle.rstrip("_")
        if front is None:
            return join(subject, self.finite, self.reflexive, self.midfield(), particle)
        return join(front.german, self.finite, self.reflexive, subject, self.midfield(front), particle)

    def verb_second_rest(self) -> str:
        """The same from the verb on, for a second verb of one subject: "... und liest ein Buch"."""
        return join(self.finite, self.reflexive, self.midfield(), self.verb.particle.rstrip("_"))

    def verb_final(self) -> str:
        """German subordinate clause from behind its subject: the verb last, the particle glued to it."""
        return join(self.reflexive, self.midfield(), self.verb.particle.replace("_", " ") + self.finite)

    def english_predicate(self, front: Filler | Adverbial | None = None) -> str:
        """English from the -ing form on: complements, then place, then time."""
        text = self.verb.english.format(*(filler.english for filler in self.fillers))
        gerund, _, rest = text.partition(" ")
        adverb = ADVERBS.get(self.adverb, "")
        has_object = self.fillers and (self.fillers[0].kind in (*CASES, "bare") or "ing {" in self.verb.english)
        start = (adverb, gerund) if has_object else (gerund, adverb)  # "carefully opening", "walking slowly"
        return join(*start, rest, *(part.english for part in (self.place, self.time) if part and part is not front))

    def english(self, front: Filler | Adverbial | None = None) -> str:
        """English main clause; a place or time in front leaves the order of the rest as it is."""
        first = front.english if isinstance(front, Adverbial) else ""
        relative = relative_english(self.relative) if self.relative else ""
        auxiliary = be(self.subject)
        negation = "not" if self.negation else ""
        return join(first, self.subject.english(), relative, auxiliary, negation, self.english_predicate(front))


def be(subject: Phrase | Couple) -> str:
    """The English auxiliary that agrees with the subject."""
    return "are" if subject.agreement == "p" else "is"


def relative_german(clause: Clause) -> str:
    """A relative clause about the subject of the clause: "der einen Helm trägt"."""
    return f"{RELATIVE_PRONOUNS[clause.subject.agreement]} {clause.verb_final()}"


def relative_english(clause: Clause) -> str:
    """A relative clause about the subject of the clause: "who is wearing a helmet"."""
    pronoun = "who" if "person" in clause.subject.nouns[0].classes else "that"
    return f"{pronoun} {be(clause.subject)} {clause.english_predicate()}"


def join(*parts: str) -> str:
    """Join the non-empty parts with spaces."""
    return " ".join(part for part in parts if part)


def prepositional(preposition: str, phrase: Phrase, case: int) -> str:
    """A German phrase after a preposition, contracted where German does so ("im", "am", "ins")."""
    text = join(preposition, phrase.german(case))
    for long, short in CONTRACTIONS.items():
        if text.startswith(long):
            return short + text.removeprefix(long)
    return text


def read_table(table: str) -> list[list[str]]:
    """The rows of a lexicon table as lists of stripped columns."""
    lines = [line for line in table.strip().splitlines() if not line.startswith("#")]
    return [[column.strip() for column in line.split("|")] for line in lines]


def read_nouns() -> list[Noun]:
    """The noun table; underscores in it stand for spaces."""
    nouns = []
    for german, english, classes, groups, *place in read_table(NOUNS):
        singular, gender, plural = german.split()
        nouns.append(
            Noun(
                german=(singular, plural),
                gender=gender,
                english=tuple(form.replace("_", " ") for form in english.split()),
                classes=frozenset(classes.split()),
                adjective_groups=tuple(groups.split()),
                prepositions=tuple(word.replace("_", " ") for word in "".join(place).split()),
            )
        )
    return nouns


def read_adjectives() -> list[Adjective]:
    """The adjective table."""
    return [Adjective(german, english, frozenset(groups.split())) for german, english, groups in read_table(ADJECTIVES)]


def read_slots(text: str) -> tuple[Slot, ...]:
    """The slot column of a verb: "acc:throwable;dat:person dog"."""
    pairs = (slot.split(":") for slot in text.split(";") if slot)
    return tuple(Slot(kind, frozenset(classes.split())) for kind, classes in pairs)


def read_verbs() -> list[Verb]:
    """The verb table."""
    verbs = []
    for subjects, german, english, slots, places, more in read_table(VERBS):
        singular, plural, *particle = german.split()
        kind, scene, *features = more.split()
        verbs.append(
            Verb(
                subjects=frozenset(subjects.split()),
                german=(singular, plural),
                particle="".join(particle),
                english=english,
                slots=read_slots(slots),
                places=frozenset(places.split()),
                kind=kind,
                scene=scene,
                features=tuple(features),
            )
        )
    return verbs


def read_times() -> list[Adverbial]:
    """The table of times."""
    return [Adverbial(*row) for row in read_table(TIMES)]


def read_weather() -> list[Adverbial]:
    """The table of weather clauses."""
    return [Adverbial(*row) for row in read_table(WEATHER)]
