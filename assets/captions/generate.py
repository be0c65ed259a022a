"""Write the German-English corpus: train.jsonl, validation.jsonl and test.jsonl.

Usage: python generate.py [FOLDER]

A small grammar draws sentences over the words in the tables below, each as one meaning
that is spelled out in German and in English. One seeded generator makes every random
choice, so that the same bytes come out everywhere.
"""

import json
import random
import re
import sys
from collections import Counter, namedtuple
from pathlib import Path

SEED = 7
SIZES = {"train": 4000, "validation": 250, "test": 250}

# --- Words

# Tags / adjectives / preposition in German and English: nouns, as in a dictionary, with
# the ending of the plural ("¨" for an umlaut) and the English; "*" keeps one out of
# train. Verbs choose nouns by tag or by name. Tags that mean more: core (drawn often),
# in and out (only there), each (two boys wear two hats), owned ("his hat"), many (only
# plural).
NOUNS = """
person adult core / mood age hair: der Mann ¨er man, die Frau -en woman
person child core / mood small hair: der Junge -n boy, das Mädchen - girl,
  das Kind -er child, der Schüler - pupil, die Schülerin -nen schoolgirl
person adult family each owned / mood: der Vater ¨ father, die Mutter ¨ mother,
  der Großvater ¨ grandfather, die Großmutter ¨ grandmother
person adult / mood age hair: der Student -en student, der Tourist -en tourist,
  der Fußballspieler - football player, die Krankenschwester -n nurse,
  die Lehrerin -nen teacher, die Köchin -nen cook, der Künstler - artist,
  der Polizist -en police officer, die Nachbarin -nen neighbour, der Wanderer - hiker,
  die Tänzerin -nen dancer, der Clown -s clown, der Straßenmusiker - street musician,
  die Sängerin -nen singer, der Bauarbeiter - construction worker, der Bauer -n farmer,
  der Feuerwehrmann ¨er firefighter, der Gärtner - gardener,
  die Verkäuferin -nen saleswoman, *der Schornsteinfeger - chimney sweep,
  *die Imkerin -nen beekeeper
animal dog pet owned tame core / size fur: der Hund -e dog, der Welpe -n puppy
animal cat pet owned tame core / size fur: die Katze -n cat, das Kätzchen - kitten
animal mount grazer tame / size fur: das Pferd -e horse, der Esel - donkey
animal grazer tame / size fur: die Kuh ¨e cow, das Schaf -e sheep, die Ziege -n goat,
  *das Lama -s llama
animal bird / size fur: der Vogel ¨ bird, die Ente -n duck, die Gans ¨e goose
animal climber / size: der Affe -n monkey, *das Eichhörnchen - squirrel
animal mount / size: der Elefant -en elephant
garment head each owned goods / worn colour: der Hut ¨e hat, der Strohhut ¨e straw hat,
  der Helm -e helmet, die Mütze -n cap, die Brille -n glasses,
  die Sonnenbrille -n sunglasses
garment body each owned / thick colour: die Jacke -n jacket, der Mantel ¨ coat,
  die Lederjacke -n leather jacket, der Schal -s scarf, der Pullover - sweater,
  das Hemd -en shirt, die Hose -n trousers, *der Poncho -s poncho
garment body many owned / thick colour: der Handschuh -e glove, der Schuh -e shoe,
  der Stiefel - boot
toy give / size colour: der Ball ¨e ball, der Wasserball ¨e beach ball,
  der Tennisball ¨e tennis ball, die Puppe -n doll, der Teddybär -en teddy bear,
  das Spielzeugauto -s toy car
each / size: der Stock ¨e stick, der Knochen - bone
load each / weight colour: der Korb ¨e basket, der Koffer - suitcase, die Kiste -n box,
  der Eimer - bucket, der Rucksack ¨e backpack, die Handtasche -n handbag,
  die Leiter -n ladder
held give goods each / size colour: die Blume -n flower, die Rose -n rose,
  der Luftballon -s balloon, die Kamera -s camera, die Fahne -n flag,
  der Drachen - kite, der Regenschirm -e umbrella
text give show each / content: das Buch ¨er book, die Zeitung -en newspaper,
  die Zeitschrift -en magazine, der Brief -e letter
show give / size: das Bild -er picture, das Plakat -e poster, das Foto -s photo,
  der Stadtplan ¨e city map, die Lampe -n lamp, das Geschenk -e present,
  das Paket -e parcel
many / size: die Muschel -n shell, der Stein -e stone, das Blatt ¨er leaf
food goods give each / fresh: der Apfel ¨ apple, die Birne -n pear,
  die Orange -n orange, die Kirsche -n cherry, die Tomate -n tomato
bake each / size: der Kuchen - cake, die Pizza -s pizza, das Brötchen - bread roll
bare: der Tee tea, das Wasser water, der Saft juice, der Kaffee coffee, die Milch milk,
  die Suppe soup, der Reis rice, das Gemüse vegetables, das Eis ice cream,
  der Fußball football, das Tennis tennis, der Volleyball volleyball, das Gras grass
instrument: die Gitarre guitar, die Geige violin, die Flöte flute,
  die Trompete trumpet, *das Akkordeon accordion, *die Posaune trombone
transport / worn colour: der Bus -se bus, der Zug ¨e train, die Straßenbahn -en tram
ride machine push owned each / worn colour: das Fahrrad ¨er bicycle
ride each / worn colour: der Roller - scooter, das Skateboard -s skateboard
machine owned / worn colour: das Auto -s car, das Motorrad ¨er motorcycle,
  der Lastwagen - truck
push each / worn: der Kinderwagen - pram, *die Schubkarre -n wheelbarrow
out / size: die Sandburg -en sandcastle, das Feld -er field
seat each out / worn colour: die Bank ¨e bench, die Holzbank ¨e wooden bench,
  der Gartenstuhl ¨e garden chair
seat mat out / colour: die Decke -n blanket
bed out / colour: das Zelt -e tent, *die Hängematte -n hammock
seat mat in / worn colour: das Sofa -s sofa, der Teppich -e carpet
seat each in / worn colour: der Stuhl ¨e chair
in / size: die Tür -en door, das Fenster - window, der Tisch -e table, das Bett -en bed
perch below out / size: der Ast ¨e branch, das Dach ¨er roof
perch barrier climb out / height: der Zaun ¨e fence, die Mauer -n wall,
  der Felsen - rock
barrier out / size: das Hindernis -se obstacle, die Hecke -n hedge, der Bach ¨e stream,
  der Baumstamm ¨e log, die Pfütze -n puddle
swim out / cold: der Teich -e pond, das Schwimmbecken - swimming pool
walk green out / scenic size / in in: der Park park, der Garten garden
green out / scenic size / auf in: die Wiese meadow
walk out / scenic size / in in: der Wald forest, die Stadt city
climb shade out / size / unter under: der Baum tree
shore out / scenic / an on: der Strand beach
shore swim below out / scenic / an by: der See lake, der Fluss river
play out / size / auf on: der Spielplatz playground, der Fußballplatz football pitch,
  der Bauernhof farm
town street out / busy / auf on: die Straße street, der Marktplatz market square,
  die Brücke bridge
town sight below out / worn / vor in_front_of: die Kirche church, das Schloss castle,
  das Haus house
town sight out / worn / an by: der Brunnen fountain, das Denkmal monument
out / busy / an at: die Bushaltestelle bus stop
in / size / auf on: die Bühne stage
room in / size / in in: die Küche kitchen, das Wohnzimmer living room,
  das Klassenzimmer classroom, das Restaurant restaurant, die Bibliothek library,
  die Werkstatt workshop, der Supermarkt supermarket
"""

ADJECTIVES = """
small: klein little, neugierig curious; age: jung young, alt old, groß tall
mood: müd tired, fröhlich cheerful, freundlich friendly; hair: blond blond
size: klein small, groß big; worn: alt old, neu new; weight: schwer heavy, leer empty
colour: rot red, blau blue, grün green, gelb yellow, weiß white, schwarz black,
  orangefarben orange; fur: weiß white, schwarz black, braun brown, gefleckt spotted
content: spannend exciting, interessant interesting, neu new; height: hoh high
thick: dick thick, warm warm; fresh: frisch fresh, reif ripe; cold: kalt cold
scenic: schön beautiful, ruhig quiet; busy: belebt busy
"""

# subjects | singular, plural, particle | English | objects | places | kind and tags
# An object has a case, perhaps with a preposition, and the nouns that fit; "bare" takes
# no article. "_" keeps a particle apart ("spazieren geht"), "!" asks for a place. The
# kind tells which verbs combine (see PARTNERS). Tags: in, out, reflexive, new
# (never "the" object), many (plural objects), often, and the adverbs that fit.
VERBS = """
person | sitzt sitzen | sitting on {} | auf+dat:seat | green town shore room | posture
person | steht stehen | standing | | ! green town shore Bushaltestelle room | posture
person pet | liegt liegen | lying on {} | auf+dat:mat | green shore Wohnzimmer | rest
person | schläft schlafen | sleeping in {} | in+dat:bed Bett | green | rest
person | ruht ruhen aus | resting on {} | auf+dat:seat | green shore | rest reflexive
person pet | schläft schlafen ein | falling asleep on {} | auf+dat:mat | | rest
person | steht stehen auf | getting up | | | act
person | lacht lachen | laughing | | green Bühne Klassenzimmer | calm laut
person | winkt winken zu | waving to {} | dat:person | town Bushaltestelle | calm
person | lächelt lächeln an | smiling at {} | acc:person | green town Restaurant | calm
person | singt singen | singing | | green Bühne Klassenzimmer | calm laut leise
person | liest lesen | reading {} | acc:text | green shade shore Bibliothek | calm leise
person | isst essen | eating {} | acc:food Brötchen Pizza | green shade room | calm new
person | isst essen | eating {} | bare:Suppe Reis Gemüse Eis | Küche Restaurant | calm
adult | trinkt trinken | drinking {} | bare:Tee Kaffee Wasser | Garten Restaurant | calm
child | trinkt trinken | drinking {} | bare:Saft Milch Wasser | Garten Küche | calm
person | spielt spielen | playing the {} | bare:instrument | Bühne green town | calm
person | hört hören zu | listening to {} | dat:Straßenmusiker Sängerin | town | calm
person | sieht sehen zu | watching {} | dat:pet person | green town | calm
person | schaut schauen an | looking at {} | acc:sight show | town room | calm
person | spricht sprechen | talking to {} | mit+dat:person | green room | calm leise
adult | telefoniert telefonieren | talking on the phone | | green town room | calm leise
person | wartet warten | waiting for {} | auf+acc:transport | | act out
person | trägt tragen | wearing {} | acc:garment | | wear new often
person | zieht ziehen an | putting on {} | acc:body | Wohnzimmer | dress langsam schnell
person | setzt setzen auf | putting on {} | acc:head | town | dress schnell
person | zieht ziehen aus | taking off {} | acc:body | Wohnzimmer | dress schnell
adult | probiert probieren an | trying on {} | acc:garment | Marktplatz | dress new
person | trägt tragen | carrying {} | acc:load | town Bauernhof | carry
person | hält halten | holding {} | acc:held | Bühne town green | carry
person | hebt heben hoch | lifting up {} | acc:load | Bauernhof | act vorsichtig langsam
person | geht gehen | walking through {} | durch+acc:walk | | move langsam schnell
person | geht gehen spazieren_ | going for a walk with {} | mit+dat:dog | green | move
child dog mount | springt springen | jumping over {} | über+acc:barrier | | act
person dog mount | rennt rennen | running across {} | über+acc:street Wiese | | move
adult | joggt joggen | jogging | | ! green shore | move langsam allein
person mount | überquert überqueren | crossing {} | acc:street | | move langsam
person | steigt steigen ein | getting on {} | in+acc:transport | | act out
person | steigt steigen aus | getting off {} | aus+dat:transport | | act out
person | fährt fahren | riding {} | auf+dat:ride | green town Spielplatz | act out
person | reitet reiten | riding {} | auf+dat:mount | Bauernhof shore | act out langsam
adult | schiebt schieben | pushing {} | acc:push | green town | act out langsam
person dog Ente Gans | schwimmt schwimmen | swimming in {} | in+dat:swim | | act langsam
child | spielt spielen | playing with {} | mit+dat:toy pet | green Wohnzimmer | act
person | spielt spielen | playing {} | bare:Fußball Volleyball Tennis | green | act
person | tanzt tanzen | dancing | | Bühne town green | act allein langsam
person | wirft werfen zu | throwing {1} to {0} | dat:person dog; acc:toy | play | act
person dog | fängt fangen auf | catching {} | acc:toy | play green | act out
child dog | springt springen | jumping into {} | in+acc:swim Pfütze | | act
child cat climber | klettert klettern | climbing up {} | auf+acc:climb Leiter | | act
child dog | läuft laufen nach | running after {} | dat:cat child | green | move out
person | baut bauen | building {} | acc:Sandburg | Strand Spielplatz | act new
child | lässt lassen steigen_ | flying {} | acc:Drachen | Wiese Strand | act out
child | bläst blasen auf | blowing up {} | acc:Luftballon | Garten Wohnzimmer | act
child | sammelt sammeln ein | collecting {} | acc:Muschel Stein Blatt | shore | act
adult | arbeitet arbeiten | working | | ! Garten Werkstatt Bauernhof | act allein
adult | repariert reparieren | repairing {} | acc:machine | Werkstatt Bauernhof | act
adult | wäscht waschen | washing {} | acc:machine | Garten Bauernhof | act
adult | kocht kochen | cooking {} | bare:Suppe Reis Gemüse | Küche Restaurant | act in
person | backt backen | baking {} | acc:bake | Küche | act in new
person | gießt gießen | watering {} | acc:Blume Rose Baum | Garten | act out vorsichtig
person | malt malen | painting {} | acc:Bild Blume Haus Baum | Klassenzimmer | act new
person | pflückt pflücken | picking {} | acc:food Blume Rose | Garten | act out
adult | fegt fegen | sweeping {} | acc:street | | act langsam
adult | kauft kaufen | buying {} | acc:goods | Marktplatz Supermarkt | act new
adult | verkauft verkaufen | selling {} | acc:goods | Marktplatz | act new many
adult | fotografiert fotografieren | taking a picture of {} | acc:sight animal | | act
adult | baut bauen auf | setting up {} | acc:Zelt | green shore | act langsam
adult | hängt hängen auf | hanging up {} | acc:Bild Plakat Lampe | room | act in
person | packt packen aus | unwrapping {} | acc:Geschenk Paket | room | act schnell
person | macht machen auf | opening {} | acc:Tür Fenster | room | act leise vorsichtig
person | macht machen zu | closing {} | acc:Tür Fenster | room | act leise schnell
person | spannt spannen auf | putting up {} | acc:Regenschirm | town | act out schnell
person | hilft helfen | helping {} | dat:person | Garten Bauernhof Küche | act
person | gibt geben | giving {} {} | dat:person; acc:give | room green town | act
adult | zeigt zeigen | showing {} {} | dat:person; acc:show | room town | act
adult | liest lesen vor | reading {1} to {0} | dat:child; acc:Buch Brief | room | act
person | umarmt umarmen | hugging {} | acc:person | town Bushaltestelle | act
person dog | folgt folgen | following {} | dat:person | green town | move langsam
person | streichelt streicheln | petting {} | acc:tame | Bauernhof | act vorsichtig
person | füttert füttern | feeding {} | acc:tame bird | Bauernhof green | act
dog | bellt bellen | barking | | green town | calm laut
dog | trägt tragen | carrying {} | acc:Stock Knochen | green shore | carry
dog | frisst fressen | eating {} | acc:Knochen | Garten Küche | act
pet | jagt jagen | chasing {} | acc:bird | green Bauernhof | move
pet | sitzt sitzen | sitting | | ! shade town green | posture
pet grazer | liegt liegen | lying | | ! shade green | posture
pet | schläft schlafen | sleeping | | shade green Küche Wohnzimmer | rest
cat | springt springen | jumping onto {} | auf+acc:Sofa Stuhl Tisch Bett | | act
climber bird | sitzt sitzen | sitting on {} | auf+dat:perch | | posture
Vogel | singt singen | singing | | green | calm out laut leise
bird | fliegt fliegen | flying over {} | über+acc:below Feld | | move langsam
grazer | frisst fressen | eating {} | bare:Gras | green Bauernhof | calm out langsam
"""

# By scene, conjunction or adverb: German = English.
PHRASES = """
any: heute = today, am Morgen = in the morning, am Nachmittag = in the afternoon,
  am Abend = in the evening
out: im Sommer = in summer, an einem warmen Tag = on a warm day,
  bei schönem Wetter = in nice weather
weather: obwohl es regnet = although it is raining,
  obwohl es kalt ist = although it is cold,
  während die Sonne scheint = while the sun is shining,
  weil die Sonne scheint = because the sun is shining
adverb: langsam = slowly, schnell = quickly, vorsichtig = carefully, leise = quietly,
  laut = loudly, allein = alone
"""

# --- Grammar

CASES = {"nom": 0, "acc": 1, "bare": 1, "dat": 2}
GENDERS = ["der", "die", "das", "plural"]
# For each gender: endings of the determiner in the three cases, then of an adjective.
ENDINGS = {
    "d": "er en em e en en, ie ie er e e en, as as em e e en, ie ie en en en en",
    "ein": "_ en em er en en, e e er e e en, _ _ em es es en, e e en en en en",
    "mehrer": ", ".join(["e e en e e en"] * 4),
    "": ", ".join(["_ _ _ e e en"] * 4),
}
# A determiner: German stem, English, and the row of endings.
THE, A, BARE = ("d", "the", "d"), ("ein", "a", "ein"), ("", "", "")
GROUP, NO = ("eine Gruppe von", "a group of", ""), ("kein", "no", "ein")
NUMBERS = [("mehrer", "several", "mehrer"), ("zwei", "two", ""), ("drei", "three", "")]
NUMBERS += [("vier", "four", ""), ("fünf", "five", "")]
HIS = {"der": ("sein", "his", "ein"), "die": ("ihr", "her", "ein")}
HIS |= {"plural": ("ihr", "their", "ein")}
PLURALS = [("man$", "men"), ("child$", "children"), ("(tomato|s|x|ch|sh)$", r"\1es")]
PLURALS += [("goose$", "geese"), ("(lea|scar)f$", r"\1ves"), ("([^aeiou])y$", r"\1ies")]
PLURALS = [("(sheep|trousers|glasses)$", r"\1"), *PLURALS, ("$", "s")]  # the first fits
# The orders of words in German and in English.
ORDERS = {
    "main": ("subject verb sich middle particle", "subject be doing"),
    "front": ("front verb sich subject middle particle", "front subject be doing"),
    "and": ("und verb sich middle particle", "and doing"),
    "while": ("während subject sich middle last", "while subject be doing"),
    "relative": (", pronoun sich middle last ,", "pronoun be doing"),
}

# A part is a "known" or "new" object, "nicht", or a "place", "time" or "adverb".
Noun = namedtuple("Noun", "article german english tags adjectives prepositions")
Verb = namedtuple("Verb", "subjects forms particle english slots places kind tags")
Part = namedtuple("Part", "role german english phrase", defaults=[None])


def join(*parts):
    """The parts that are not empty, with spaces between them."""
    return " ".join(part for part in parts if part)


def glue(*pairs):
    """German and English pieces become a German and an English sentence."""
    return [join(*side) for side in zip(*pairs, strict=True)]


class Phrase(namedtuple("Phrase", "noun plural determiner adjectives")):
    def german(self, case, preposition=""):
        stem, _, row = self.determiner
        case = CASES["dat" if self.determiner == GROUP else case]  # after "von"
        gender = GENDERS.index("plural" if self.plural else self.noun.article)
        endings = ENDINGS[row].split(", ")[gender].replace("_", "").split(" ")
        adjectives = [german + endings[3 + case] for german, _ in self.adjectives]
        weak = "weak" in self.noun.tags and case > 0  # "dem Jungen"
        noun = self.noun.german[self.plural or weak]
        if self.plural and case == 2 and noun[-1] not in "ns":
            noun += "n"  # "den Kindern"
        text = join(preposition, stem + endings[case], *adjectives, noun)
        return re.sub("^(i|a)n dem ", r"\1m ", re.sub("^in das ", "ins ", text))

    def english(self):
        noun, article = self.noun.english[self.plural], self.determiner[1]
        text = join(*(english for _, english in self.adjectives), noun)
        if article == "a":
            article = "an" if text[0] in "aeiou" else "a"
            article = "" if noun.endswith(("trousers", "glasses")) else article
        return join(article, text)


def agreement(subject):
    """What verb and pronoun agree with: a gender, by its article, or the plural."""
    if subject[0].determiner == GROUP:
        return "die"
    several = len(subject) > 1 or subject[0].plural
    return "plural" if several else subject[0].noun.article


class Clause(namedtuple("Clause", "subject verb parts negated relative")):
    """Who (one phrase or two) does what; relative is a clause about the subject."""

    def middle(self, front):
        """What stands between verb and particle: the known early, the new late."""
        order = ["known", "time", "nicht", "place", "adverb", "new"]
        if all(part.role != "new" for part in self.parts):
            order[3:5] = ["adverb", "place"]
        parts = sorted(self.parts, key=lambda part: order.index(part.role))
        return join(*(part.german for part in parts if part is not front))

    def doing(self, front):
        """English from the -ing form on; place and time come last."""
        words = {part.role: part.english for part in self.parts if part is not front}
        objects = [part.english for part in self.parts if part.phrase]
        verb, _, rest = self.verb.english.format(*objects).partition(" ")
        adverb = words.get("adverb")
        start = [adverb, verb] if objects else [verb, adverb]
        return join(*start, rest, words.get("place"), words.get("time"))

    def spell(self, order, front=None):
        """German and English, in this order of words, with this part in front."""
        agrees = agreement(self.subject)
        plural, particle = agrees == "plural", self.verb.particle
        person = "person" in self.subject[0].noun.tags
        relative = self.relative.spell("relative") if self.relative else ("", "")
        subject = " und ".join(each.german("nom") for each in self.subject)
        german = {
            "front": front and front.german,
            "subject": join(subject, relative[0]),
            "verb": self.verb.forms[plural],
            "sich": "sich" if "reflexive" in self.verb.tags else "",
            "middle": self.middle(front),
            "particle": particle.strip("_"),
            "last": particle.replace("_", " ") + self.verb.forms[plural],
            "pronoun": "die" if plural else agrees,
        }
        subject = " and ".join(each.english() for each in self.subject)
        english = {
            "front": front and not front.phrase and front.english,
            "subject": join(subject, relative[1]),
            "be": join("are" if plural else "is", "not" if self.negated else ""),
            "doing": self.doing(front),
            "pronoun": "who" if person else "that",
        }
        orders = zip((german, english), map(str.split, ORDERS[order]), strict=True)
        return [join(*(words.get(w, w) for w in each)) for words, each in orders]


# --- Reading the tables


def rows(table):
    """What stands before the colon of each row, and the list of what follows."""
    rows = re.split("\n|; ", table.strip().replace("\n  ", " "))
    return [(row.split(": ")[0], row.split(": ")[1].split(", ")) for row in rows]


def read_nouns():
    entry = re.compile(r"(\*?)(d..) (\S+)(?: ([-¨])(\S*))? (.+)")
    for head, nouns in rows(NOUNS):
        tags, adjectives, places = [*map(str.split, head.split("/")), [], []][:3]
        places = [word.replace("_", " ") for word in places]
        for rare, article, *words in map(re.Match.groups, map(entry.match, nouns)):
            german, sign, ending, english = words
            weak = article == "der" and ending in ("n", "en")
            more = {german, "rare" if rare else "", "weak" if weak else ""}
            plural = german + (ending or "")
            if sign == "¨":
                at = re.search("[aouA](?=u?[^aou]*$)", german).start()
                umlaut = dict(zip("aouA", "äöüÄ", strict=True))[german[at]]
                plural = german[:at] + umlaut + german[at + 1 :] + ending
            rule = next(rule for rule in PLURALS if re.search(rule[0], english))
            forms = [[german, plural], [english, re.sub(*rule, english)]]
            forms = forms if sign else [[german], [english]]
            yield Noun(article, *forms, more.union(tags), adjectives, places)


def read_verbs():
    for row in VERBS.strip().splitlines():
        subjects, german, english, slots, places, more = map(str.strip, row.split("|"))
        singular, plural, particle = [*german.split(), ""][:3]
        slots = re.findall(r"(?:(\w+)\+)?(\w+):([^;]+)", slots)
        slots = [(before, case, set(fits.split())) for before, case, fits in slots]
        words = set(subjects.split()), (singular, plural), particle, english, slots
        yield Verb(*words, set(places.split()), more.split()[0], set(more.split()))


NOUNS, VERBS = list(read_nouns()), list(read_verbs())
ADJECTIVES = {name: [each.split() for each in all_] for name, all_ in rows(ADJECTIVES)}
PHRASES = {name: [each.split(" = ") for each in all_] for name, all_ in rows(PHRASES)}

# --- Drawing sentences

WEIGHTS = {"core": 8, "often": 12}  # by tag; otherwise 2
COUPLES = ["adult adult", "child child", "adult child", "pet pet"]
EVENTS = {"posture", "rest", "calm", "act", "move", "carry", "dress"}
# What somebody may be doing of whom a relative clause tells the first.
PARTNERS = {"wear": EVENTS - {"dress"}, "posture": {"calm"}, "calm": {"posture"}}
PARTNERS |= {"carry": {"move"}}


class Misfit(Exception):
    """No word fits: the sentence is drawn anew."""


class Author:
    def __init__(self, seed):
        self.rng = random.Random(seed)

    def draw(self):
        """German, English, and whether one of their words is rare."""
        while True:
            self.used, self.scene, self.placed = [], "", False
            self.richness = self.rng.choice([0.1, 0.3, 0.5, 0.8])  # in adjectives
            try:
                [pattern] = self.rng.choices(list(PATTERNS), PATTERNS.values())
                texts = [finish(text) for text in pattern(self)]
            except Misfit:
                continue
            if all(4 <= len(tokenize(text)) <= 25 for text in texts):
                return *texts, any("rare" in word.tags for word in self.used)

    def chance(self, probability):
        return self.rng.random() < probability

    def choose(self, words):
        """A noun or verb that suits the scene and is not in the sentence yet."""
        other = {"in": "out", "out": "in"}.get(self.scene)
        unused = [each for each in words if each not in self.used]
        words = [each for each in unused if other not in each.tags]
        if not words:
            raise Misfit
        weights = [sum(WEIGHTS.get(tag, 0) for tag in each.tags) or 2 for each in words]
        [word] = self.rng.choices(words, weights)
        self.used.append(word)
        self.scene = "".join({"in", "out"} & word.tags) or self.scene
        return word

    def noun(self, tags):
        return self.choose([noun for noun in NOUNS if noun.tags & tags])

    def phrase(self, noun, plural, determiner):
        """With no, one or two adjectives, in the order of their groups."""
        count = self.chance(self.richness) + self.chance(self.richness * 0.15)
        indices = range(len(noun.adjectives))
        indices = sorted(self.rng.sample(indices, min(count, len(indices))))
        groups = [ADJECTIVES[noun.adjectives[index]] for index in indices]
        return Phrase(noun, plural, determiner, [*map(self.rng.choice, groups)])

    def subject(self, tags, known):
        plural = self.chance(0.4)
        several = [*NUMBERS, BARE, BARE, THE, THE, GROUP]
        determiner = self.rng.choice(several if plural else [A, A, THE])
        return self.phrase(self.noun(tags), plural, THE if known else determiner)

    def object(self, slot, verb, subject, negated):
        preposition, case, fits = slot
        noun, owner = self.noun(fits), subject[0]
        tags, animate = noun.tags | verb.tags, noun.tags & {"person", "animal"}
        # How many? Each of several people wears a hat, but they look at one church.
        plural = not preposition and self.chance(0.2)
        plural = len(subject) > 1 or owner.plural if "each" in tags else plural
        plural = ("many" in tags or plural) and len(noun.german) > 1
        # Which? Those that the reader knows, or somebody's, or some.
        his = HIS.get(agreement(subject), THE)
        people = "person" in owner.noun.tags and owner.determiner != GROUP
        his = his if people and "owned" in tags and len(subject) == 1 else THE
        known = "new" not in tags and self.chance(0.5)
        counted = animate or (self.chance(0.3) and not tags & {"each", "many"})
        if negated and case != "dat" and not preposition and not animate:
            english = "" if case == "bare" else "any" if plural else "a"
            determiner = ("kein", english, "ein")
        elif case == "bare":
            determiner = BARE
        elif negated or "family" in tags or known:
            determiner = self.rng.choice([THE, his, his])
        elif plural and counted:
            determiner = self.rng.choice(NUMBERS)
        else:
            determiner = BARE if plural else A
        phrase = self.phrase(noun, plural, determiner)
        known = not preposition and determiner in (THE, his)
        german = phrase.german(case, preposition)
        return Part("known" if known else "new", german, phrase.english(), phrase)

    def place(self, verb):
        if self.placed:
            raise Misfit  # one place is enough
        self.placed = True
        taken = [preposition for preposition, *_ in verb.slots]
        nouns = [noun for noun in NOUNS if noun.tags & verb.places]
        nouns = [noun for noun in nouns if noun.prepositions[0] not in taken]
        noun = self.choose(nouns)
        phrase = self.phrase(noun, False, THE if self.chance(0.7) else A)
        german = phrase.german("dat", noun.prepositions[0])
        return Part("place", german, join(noun.prepositions[1], phrase.english()))

    def clause(self, kinds, subject=(), place=0, time=0, negated=False):
        """A clause; place and time are the probabilities of naming one."""
        verbs = [verb for verb in VERBS if verb.kind in kinds]
        for phrase in subject:
            verbs = [verb for verb in verbs if verb.subjects & phrase.noun.tags]
        verb = self.choose(verbs)
        subject = subject or [self.subject(verb.subjects, negated)]
        parts = [self.object(slot, verb, subject, negated) for slot in verb.slots]
        if negated and not any(part.phrase.determiner[0] == "kein" for part in parts):
            parts.append(Part("nicht", "nicht", ""))
        possible = verb.places and not self.placed
        if "!" in verb.places or (possible and self.chance(place)):
            parts.append(self.place(verb))
        if self.chance(time):
            times = PHRASES["any"] + PHRASES.get(self.scene, [])
            parts.append(Part("time", *self.rng.choice(times)))
        adverbs = [words for words in PHRASES["adverb"] if words[0] in verb.tags]
        if adverbs and not negated and self.chance(0.3):
            parts.append(Part("adverb", *self.rng.choice(adverbs)))
        return Clause(subject, verb, parts, negated, None)

    def main_clause(self, kinds):
        """About somebody with a relative clause, a couple, nobody, or just somebody."""
        way, relative, subject = self.rng.random(), None, ()
        if way < 0.25:
            relative = self.clause(PARTNERS)
            subject, kinds = relative.subject, PARTNERS[relative.verb.kind]
            if subject[0].determiner == GROUP:
                raise Misfit  # is it about the group or about its members?
        elif way < 0.3:
            nouns = [self.noun({tag}) for tag in self.rng.choice(COUPLES).split()]
            subject = [self.phrase(noun, False, A) for noun in nouns]
        elif way < 0.33:
            subject = [self.phrase(self.noun({"core"}), False, NO)]
        time = 0 if relative else 0.15
        return self.clause(kinds, subject, 0.6, time)._replace(relative=relative)

    def start(self, clause):
        """The clause with its subject or, often, with place, time or object in front;
        "den" and "dem" tell an object from a subject."""
        parts = [part for part in clause.parts if part.role in ("place", "time")]
        parts += [part for part in clause.parts if re.match("de[nm] ", part.german)]
        if parts and self.chance(0.4):
            return clause.spell("front", self.rng.choice(parts))
        return clause.spell("main")

    # Patterns of sentences

    def statement(self):
        """Im Park spielt ein Junge, der eine Mütze trägt, mit einem Ball."""
        return self.start(self.main_clause({*EVENTS, "wear"}))

    def described_object(self):
        """Ein Mädchen streichelt den Hund, der auf der Wiese liegt."""
        main = self.clause(EVENTS)
        phrases = [part.phrase for part in main.parts if part.phrase]
        if len(phrases) != 1 or not phrases[0].noun.tags & {"person", "animal"}:
            raise Misfit
        kinds = {"wear"} if main.verb.kind == "move" else {"wear", "posture", "rest"}
        return glue(main.spell("main"), self.clause(kinds, phrases).spell("relative"))

    def subordinate(self):
        """Während der Hund schläft, liest eine Frau ein Buch."""
        main = self.main_clause(EVENTS)
        timeless = all(part.role != "time" for part in main.parts)
        if self.scene == "out" and timeless and self.chance(0.5):
            side = self.rng.choice(PHRASES["weather"])
        else:
            side = self.clause(EVENTS).spell("while")
        if self.chance(0.5):
            return glue(side, (",", ","), main.spell("front"))
        return glue(main.spell("main"), (",", ""), side)

    def two_verbs(self):
        """Ein Mann sitzt auf einer Bank und liest eine Zeitung."""
        first = self.clause({"posture"}, place=0.5)
        second = self.clause({"calm"}, first.subject)
        return glue(self.start(first), second.spell("and"))

    def negation(self):
        """Die Frau hebt den Korb nicht hoch. Der Mann trägt keinen Hut, sondern ..."""
        clause = self.clause({*EVENTS, "wear"}, place=0.1, negated=True)
        text, phrase = clause.spell("main"), clause.parts[0].phrase
        kinds = {"head", "body", "text", "load", "held", "food"}
        like = phrase and phrase.noun.tags & kinds
        if not like or phrase.plural or len(clause.parts) > 1:
            return text
        nouns = [noun for noun in NOUNS if noun.tags & like and "many" not in noun.tags]
        nouns = [noun for noun in nouns if noun.tags & clause.verb.slots[0][2]]
        other = self.phrase(self.choose(nouns), False, A)
        return glue(text, (", sondern", "but"), (other.german("acc"), other.english()))


PATTERNS = {Author.statement: 66, Author.described_object: 10, Author.subordinate: 13}
PATTERNS |= {Author.two_verbs: 6, Author.negation: 10}

# --- Splits


def tokenize(text):
    return re.findall(r"\w+|[^\w\s]", text)


def finish(text):
    """Capital and full stop; where two clauses end, one comma."""
    text = re.sub("( ,)+", ",", text).removesuffix(",")
    return text[0].upper() + text[1:] + "."


def main(folder):
    """Write the files. No sentence comes twice; but for the rare words, train has every
    word of the other files at least twice."""
    author, seen, counts = Author(SEED), set(), Counter()
    for name, size in SIZES.items():
        pairs = []
        while len(pairs) < size:
            *texts, rare = author.draw()
            words = tokenize(" ".join(texts))
            train, unknown = name == "train", any(counts[word] < 2 for word in words)
            if (rare if train else unknown and not rare) or not seen.isdisjoint(texts):
                continue
            seen.update(texts)
            pairs.append(dict(zip(("de", "en"), texts, strict=True)))
            counts.update(words if train else ())
        lines = [json.dumps(pair, ensure_ascii=False) + "\n" for pair in pairs]
        (folder / f"{name}.jsonl").write_bytes("".join(lines).encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
