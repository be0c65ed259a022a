"""Write train.jsonl, validation.jsonl and test.jsonl: German and English sentences.

A small grammar draws them over the words in tables/, each as one meaning spelled out
in both languages. One seeded generator makes every choice: the same bytes everywhere.
"""

import json
import random
import re
from collections import Counter, defaultdict, namedtuple
from pathlib import Path

SIZES = {"train": 4000, "validation": 250, "test": 250}
rng = random.Random(7)

# --- Words: the first lines of each table explain it


def rows(name):
    """The rows of a table, a line each; an indented line belongs to the one before."""
    text = (Path(__file__).parent / "tables" / f"{name}.txt").read_text("utf-8")
    lines = text.replace("\n  ", " ").splitlines()
    return [line for line in lines if line and line[0] != "#"]


def lists(name):
    """What stands before the colon of each row, and the list of what follows."""
    pairs = [row.split(": ") for row in rows(name)]
    return [(head, words.split(", ")) for head, words in pairs]


Noun = namedtuple("Noun", "article german english tags place")
Verb = namedtuple("Verb", "subjects german english objects places tags")
NOUNS, VERBS = [], []
for head, nouns in lists("nouns"):
    tags, _, place = head.partition(" / ")
    for noun in nouns:
        article, singular, plural, english = noun.strip("*").split(" ", 3)
        german = singular, plural.replace("-", singular)
        english, _, several = english.partition("/")
        english = english, several or english + "s"
        names = {singular, "rare" if noun[0] == "*" else "", *tags.split()}
        NOUNS.append(Noun(article, german, english, names, place))
for row in rows("verbs"):
    *columns, tags = [column.strip() for column in row.split("|")]
    VERBS.append(Verb(*columns, set(tags.split())))
WORDS = {group: [word.split(" = ") for word in row] for group, row in lists("words")}

# --- Grammar

# Endings in nominative, accusative and dative of der, die, das and the plural: of a
# determiner, and of an adjective after it ("_" is no ending).
ENDINGS = {
    "d": ("er en em ie ie er as as em ie ie en", "e en en e e en e e en en en en"),
    "ein": ("_ en em e e er _ _ em e e en", "er en en e e en es es en en en en"),
    "mehrer": ("e e en " * 4, "e e en " * 4),
    "": ("_ _ _ " * 4, "e e en " * 4),
}
ENDINGS |= dict.fromkeys(["kein", "sein", "ihr"], ENDINGS["ein"])
GENDERS = ["der", "die", "das", "plural"]
CASES = {"nom": 0, "acc": 1, "bare": 1, "dat": 2}
# Determiners, in German without the ending.
THE, A, NO, BARE = ["d", "the"], ["ein", "a"], ["kein", "no"], ["", ""]
HIS = {"der": ["sein", "his"], "die": ["ihr", "her"], "plural": ["ihr", "their"]}
# The order of words in German and in English.
ORDERS = {
    "main": ("{subject} {verb} {rest}", "{subject} {be} {doing}"),
    "front": ("{front} {verb} {subject} {rest}", "{front} {subject} {be} {doing}"),
    "and": ("und {verb} {rest}", "and {doing}"),
    "while": ("während {subject} {verb_last}", "while {subject} {be} {doing}"),
    "relative": (", {pronoun} {verb_last} ,", "{pronoun} {be} {doing}"),
}
# A part of a sentence: its role is subject, known or new (objects), nicht, place, time
# or adverb. The verb agrees with the gender of the subject: der, die, das or plural.
Part = namedtuple("Part", "role german english tags gender many his", defaults=[0] * 4)
Clause = namedtuple("Clause", "subject verb objects others negated")


def spell(clause, order, front=None):
    """German and English, in this order of words, with this part in front."""
    subject, verb = clause.subject, clause.verb
    plural = subject.gender == "plural"
    german, english = defaultdict(str), defaultdict(str)
    for part in [subject, *clause.objects, *clause.others]:
        role = "front" if part is front else part.role
        german[role] += part.german + " "
        english[role] += part.english + " "
    middle = ["known", "time", "nicht", "place", "adverb", "new"]
    if not german["new"]:
        middle = ["known", "time", "nicht", "adverb", "place"]
    middle = "".join(german[role] for role in middle)
    sich = "sich" if "reflexive" in verb.tags else ""
    forms = [*verb.german.split(), ""]
    finite, particle = forms[plural], forms[2]
    german["verb"] = f"{finite} {sich}"
    german["rest"] = f"{middle} {particle}"
    german["verb_last"] = f"{sich} {middle} {particle}{finite}"
    german["pronoun"] = "die" if plural else subject.gender
    objects = [part.english for part in clause.objects]
    doing, _, rest = verb.english.format(*objects).partition(" ")
    adverb, place, time = english["adverb"], english["place"], english["time"]
    doing = f"{adverb} {doing}" if objects else f"{doing} {adverb}"
    english["doing"] = f"{doing} {rest} {place} {time}"
    english["be"] = ("are" if plural else "is") + (" not" if clause.negated else "")
    english["pronoun"] = "who" if "person" in subject.tags else "that"
    if front in clause.objects:
        english["front"] = ""
    in_german, in_english = ORDERS[order]
    return in_german.format_map(german), in_english.format_map(english)


def finish(text):
    """Contractions, one comma where two clauses end, a capital and a full stop."""
    text = " ".join(text.replace("_", " ").split())
    text = re.sub(r"\b([ia])n dem ", r"\1m ", text).replace(" in das ", " ins ")
    text = re.sub(r"\ba (?=[aeiou])", "an ", text)
    text = re.sub("( ,)+", ",", text).removesuffix(",")
    return text[0].upper() + text[1:] + "."


# --- Sentences

PATTERNS = {"statement": 66, "described": 10, "subordinate": 13}
PATTERNS |= {"two_verbs": 6, "negation": 10}
COUPLES = ["adult adult", "child child", "adult child", "pet pet"]
EVENTS = {"posture", "rest", "calm", "act", "move", "carry", "dress"}
# What somebody may be doing of whom a relative clause tells the first.
PARTNERS = {"wear": EVENTS - {"dress"}, "posture": {"calm"}, "calm": {"posture"}}
PARTNERS["carry"] = {"move"}


class Misfit(Exception):
    """No word fits: the sentence is drawn anew."""


class Sentence:
    def __init__(self):
        self.words, self.tags, self.placed = [], set(), False
        self.richness = rng.choice([0.1, 0.3, 0.5, 0.8])  # in adjectives

    def draw(self):
        [pattern] = rng.choices(list(PATTERNS), PATTERNS.values())
        pieces = getattr(self, pattern)()
        texts = [finish(" ".join(side)) for side in zip(*pieces, strict=True)]
        if not all(4 <= len(re.findall(r"\w+|\S", text)) <= 25 for text in texts):
            raise Misfit
        return texts

    def choose(self, words):
        """A noun or verb that suits the scene and is not in the sentence yet."""
        words = [word for word in words if word not in self.words]
        words = [word for word in words if not {"in", "out"} <= self.tags | word.tags]
        if not words:
            raise Misfit
        weights = [2 + 6 * ("core" in w.tags) + 10 * ("often" in w.tags) for w in words]
        [word] = rng.choices(words, weights)
        self.words.append(word)
        self.tags |= word.tags
        return word

    def noun(self, tags):
        return self.choose([noun for noun in NOUNS if noun.tags & set(tags.split())])

    def phrase(self, noun, determiner, plural=False, case="nom", preposition=""):
        """A noun with a determiner and with no, one or two adjectives."""
        groups = [group for group in WORDS if group in noun.tags]
        count = (rng.random() < self.richness) + (rng.random() < self.richness * 0.15)
        chosen = sorted(rng.sample(groups, min(count, len(groups))), key=groups.index)
        adjectives = [rng.choice(WORDS[group]) for group in chosen]
        stem, article = determiner
        gender = "plural" if plural else noun.article
        column = 3 * GENDERS.index(gender) + CASES[case]
        own, after = [row.split()[column] for row in ENDINGS.get(stem, ENDINGS[""])]
        singular, several = noun.german
        weak = noun.article == "der" and several in (singular + "n", singular + "en")
        if weak and case != "nom":
            singular = several  # dem Jungen
        if case == "dat" and several[-1] not in "ns":
            several += "n"  # den Kindern
        german = [preposition, stem + own]
        german += [adjective + after for adjective, _ in adjectives]
        german.append(several if plural else singular)
        english = noun.english[plural]
        if article == "a" and english.endswith(("trousers", "glasses")):
            article = ""
        english = [article, *(adjective for _, adjective in adjectives), english]
        his = HIS.get(gender, THE) if "person" in noun.tags else THE
        words = " ".join(german).strip(), " ".join(english)
        return Part("subject", *words, noun.tags, gender, plural, his)

    def subject(self, tags, known):
        plural = rng.random() < 0.4
        several = [*WORDS["number"], BARE, BARE, THE, THE, "group"]
        determiner = rng.choice(several if plural else [A, A, THE])
        noun = self.noun(tags)
        if known:
            determiner = THE
        if determiner != "group":
            return self.phrase(noun, determiner, plural)
        part = self.phrase(noun, BARE, True, "dat", "eine Gruppe von")
        english = f"a group of {part.english}"
        return part._replace(english=english, gender="die", his=THE)

    def object(self, slot, verb, subject, negated):
        preposition, case, nouns = slot
        noun = self.noun(nouns)
        tags = noun.tags | verb.tags
        animate = tags & {"person", "animal"}
        # How many? Two boys wear two hats, but they look at one church.
        plural = not preposition and rng.random() < 0.2
        if "each" in tags:
            plural = subject.many
        plural = ("many" in tags or plural) and noun.german[1] != "."
        # Which? Those that the reader knows, or somebody's, or some.
        his = subject.his if "owned" in tags else THE
        known = "new" not in tags and rng.random() < 0.5
        counted = animate or (rng.random() < 0.3 and not tags & {"each", "many"})
        if negated and not preposition and not animate:
            determiner = ["kein", "" if case == "bare" else "any" if plural else "a"]
        elif case == "bare":
            determiner = BARE
        elif negated or "family" in tags or known:
            determiner = rng.choice([THE, his, his])
        elif plural and counted:
            determiner = rng.choice(WORDS["number"])
        else:
            determiner = BARE if plural else A
        part = self.phrase(noun, determiner, plural, case, preposition)
        known = not preposition and determiner in (THE, his)
        return part._replace(role="known" if known else "new")

    def place(self, verb):
        if self.placed:
            raise Misfit  # one place is enough
        self.placed = True
        nouns = [noun for noun in NOUNS if noun.tags & set(verb.places.split())]
        taken = verb.objects.partition("+")[0]  # not "in" twice
        noun = self.choose([noun for noun in nouns if noun.place.split()[0] != taken])
        preposition, english = noun.place.split(" ", 1)
        determiner = THE if rng.random() < 0.7 else A
        part = self.phrase(noun, determiner, False, "dat", preposition)
        return part._replace(role="place", english=f"{english} {part.english}")

    def clause(self, kinds, subject=None, place=0, time=0, negated=False):
        """A clause; place and time are the probabilities of naming one."""
        verbs = [verb for verb in VERBS if verb.tags & set(kinds)]
        if subject:
            verbs = [v for v in verbs if subject.tags & set(v.subjects.split())]
        verb = self.choose(verbs)
        subject = subject or self.subject(verb.subjects, negated)
        slots = re.findall(r"(?:(\w+)\+)?(\w+):([\w ]+)", verb.objects)
        objects = [self.object(slot, verb, subject, negated) for slot in slots]
        others = []
        if negated and not any(part.german.startswith("kein") for part in objects):
            others.append(Part("nicht", "nicht", ""))
        possible = verb.places and not self.placed
        if "!" in verb.places or (possible and rng.random() < place):
            others.append(self.place(verb))
        if rng.random() < time:
            times = WORDS["anytime"] + (WORDS["outdoors"] if "out" in self.tags else [])
            others.append(Part("time", *rng.choice(times)))
        adverbs = [adverb for adverb in WORDS["adverb"] if adverb[0] in verb.tags]
        if adverbs and not negated and rng.random() < 0.3:
            others.append(Part("adverb", *rng.choice(adverbs)))
        return Clause(subject, verb, objects, others, negated)

    def main_clause(self, kinds):
        """About somebody with a relative clause, a couple, nobody, or just somebody."""
        way, subject = rng.random(), None
        if way < 0.25:
            relative = self.clause(PARTNERS)
            if relative.subject.german.startswith("eine Gruppe"):
                raise Misfit  # is it about the group or about its members?
            [kind] = relative.verb.tags & set(PARTNERS)
            clause = self.clause(PARTNERS[kind], relative.subject, 0.6)
            clause.others.append(Part("subject", *spell(relative, "relative")))
            return clause
        if way < 0.3:
            nouns = [self.noun(tag) for tag in rng.choice(COUPLES).split()]
            one, other = [self.phrase(noun, A) for noun in nouns]
            german = f"{one.german} und {other.german}"
            english = f"{one.english} and {other.english}"
            tags = one.tags & other.tags
            subject = Part("subject", german, english, tags, "plural", True, THE)
        elif way < 0.33:
            subject = self.phrase(self.noun("core"), NO)
        return self.clause(kinds, subject, 0.6, 0.15)

    def start(self, clause):
        """With the subject or, often, with place, time or a clear object in front."""
        parts = [part for part in clause.others if part.role in ("place", "time")]
        parts += [part for part in clause.objects if re.match("de[nm] ", part.german)]
        if parts and rng.random() < 0.4:
            return spell(clause, "front", rng.choice(parts))
        return spell(clause, "main")

    # Patterns: pieces of the sentence, each in German and English

    def statement(self):
        """Im Park spielt ein Junge, der eine Mütze trägt, mit einem Ball."""
        return [self.start(self.main_clause({*EVENTS, "wear"}))]

    def described(self):
        """Ein Mädchen streichelt den Hund, der auf der Wiese liegt."""
        main = self.clause(EVENTS)
        if len(main.objects) != 1 or not main.objects[0].tags & {"person", "animal"}:
            raise Misfit
        kinds = {"wear"} if "move" in main.verb.tags else {"wear", "posture", "rest"}
        subject = main.objects[0]._replace(role="subject")
        side = self.clause(kinds, subject)
        return [spell(main, "main"), spell(side, "relative")]

    def subordinate(self):
        """Während der Hund schläft, liest eine Frau ein Buch."""
        main = self.main_clause(EVENTS)
        timeless = all(part.role != "time" for part in main.others)
        if "out" in self.tags and timeless and rng.random() < 0.5:
            side = rng.choice(WORDS["weather"])
        else:
            side = spell(self.clause(EVENTS), "while")
        if rng.random() < 0.5:
            return [side, ",,", spell(main, "front")]
        return [spell(main, "main"), [",", ""], side]

    def two_verbs(self):
        """Ein Mann sitzt auf einer Bank und liest eine Zeitung."""
        first = self.clause({"posture"}, place=0.5)
        second = self.clause({"calm"}, first.subject)
        return [self.start(first), spell(second, "and")]

    def negation(self):
        """Die Frau hebt den Korb nicht hoch. Der Mann trägt keinen Hut, sondern ..."""
        clause = self.clause({*EVENTS, "wear"}, place=0.1, negated=True)
        pieces = [spell(clause, "main")]
        kinds = {"head", "body", "text", "load", "held", "food"}
        like = clause.objects and clause.objects[0].tags & kinds
        if like and not clause.objects[0].many and not clause.others:
            nouns = [noun for noun in NOUNS if noun.tags & like]
            fits = set(re.findall(r"\w+", clause.verb.objects))
            nouns = [noun for noun in nouns if noun.tags & fits]
            nouns = [noun for noun in nouns if "many" not in noun.tags]
            other = self.phrase(self.choose(nouns), A, case="acc")
            pieces += [(", sondern", "but"), (other.german, other.english)]
        return pieces


def main(folder):
    """No sentence comes twice; train has the others' words twice, rare ones never."""
    seen, counts = set(), Counter()
    for name, size in SIZES.items():
        lines = []
        while len(lines) < size:
            sentence = Sentence()
            try:
                german, english = sentence.draw()
            except Misfit:
                continue
            words = re.findall(r"\w+", f"{german} {english}")
            rare = "rare" in sentence.tags
            known = rare or all(counts[word] > 1 for word in words)
            fits = not rare if name == "train" else known
            if fits and seen.isdisjoint([german, english]):
                seen |= {german, english}
                pair = {"de": german, "en": english}
                lines.append(json.dumps(pair, ensure_ascii=False) + "\n")
                if name == "train":
                    counts.update(words)
        (folder / f"{name}.jsonl").write_bytes("".join(lines).encode())


if __name__ == "__main__":
    main(Path(__file__).parent)
