"""Write train.jsonl, validation.jsonl and test.jsonl: German and English sentences.

A small grammar draws them over the words in the tables, each as one meaning spelled out
in both languages. One seeded generator makes every choice: the same bytes everywhere.
"""

import json
import random
import re
from collections import Counter, defaultdict, namedtuple
from pathlib import Path

SIZES = {"train": 4000, "validation": 250, "test": 250}
rng = random.Random(7)

# --- Words

# Tags, perhaps "/" and a preposition in both languages, and nouns: article, singular,
# plural or its ending ("-" adds nothing, "." means none), and the English, with the
# plural unless that adds "s"; "*" keeps a noun out of train. Verbs choose by tag or by
# singular. Groups of adjectives (see WORDS) are tags. Tags that mean more: core (drawn
# often), in and out (only there), each (two boys wear two hats), owned ("his hat"),
# family ("his mother", never "a mother"), many (only plural).
NOUN_TABLE = """
person adult core mood age hair: der Mann Männer man/men, die Frau -en woman/women
person child core mood small hair: der Junge -n boy, das Mädchen - girl,
  das Kind -er child/children, der Schüler - pupil, die Schülerin -nen schoolgirl
person adult family each owned mood: der Vater Väter father, die Mutter Mütter mother,
  der Großvater Großväter grandfather, die Großmutter Großmütter grandmother
person adult mood age hair: der Student -en student, der Tourist -en tourist,
  der Fußballspieler - football player, die Krankenschwester -n nurse,
  die Lehrerin -nen teacher, die Köchin -nen cook, der Künstler - artist,
  der Polizist -en police officer, die Nachbarin -nen neighbour, der Wanderer - hiker,
  die Tänzerin -nen dancer, der Clown -s clown, der Straßenmusiker - street musician,
  die Sängerin -nen singer, der Bauarbeiter - construction worker, der Bauer -n farmer,
  der Feuerwehrmann Feuerwehrmänner firefighter, der Gärtner - gardener,
  die Verkäuferin -nen saleswoman/saleswomen, *der Schornsteinfeger - chimney sweep,
  *die Imkerin -nen beekeeper
animal dog pet owned core size fur: der Hund -e dog, der Welpe -n puppy/puppies
animal cat pet owned core size fur: die Katze -n cat, das Kätzchen - kitten
animal mount herd size fur: das Pferd -e horse, der Esel - donkey
animal herd size fur: die Kuh Kühe cow, das Schaf -e sheep/sheep, die Ziege -n goat,
  *das Lama -s llama
animal bird size fur: der Vogel Vögel bird, die Ente -n duck, die Gans Gänse goose/geese
animal nimble size: der Affe -n monkey, *das Eichhörnchen - squirrel
animal mount size: der Elefant -en elephant
head each owned worn colour: der Hut Hüte hat, der Strohhut Strohhüte straw hat,
  der Helm -e helmet, die Mütze -n cap, die Brille -n glasses/glasses,
  die Sonnenbrille -n sunglasses/sunglasses
body each owned thick colour: die Jacke -n jacket, der Mantel Mäntel coat,
  die Lederjacke -n leather jacket, der Schal -s scarf/scarves, der Pullover - sweater,
  das Hemd -en shirt, die Hose -n trousers/trousers, *der Poncho -s poncho
body many owned thick colour: der Handschuh -e glove, der Schuh -e shoe,
  der Stiefel - boot
toy give size colour: der Ball Bälle ball, der Wasserball Wasserbälle beach ball,
  der Tennisball Tennisbälle tennis ball, die Puppe -n doll,
  der Teddybär -en teddy bear, das Spielzeugauto -s toy car
load each weight colour: der Korb Körbe basket, der Koffer - suitcase,
  die Kiste -n box/boxes, der Eimer - bucket, der Rucksack Rucksäcke backpack,
  die Handtasche -n handbag, die Leiter -n ladder
held give each size colour: die Blume -n flower, die Rose -n rose,
  der Luftballon -s balloon, die Kamera -s camera, die Fahne -n flag,
  der Drachen - kite, der Regenschirm -e umbrella
text give each content: das Buch Bücher book, die Zeitung -en newspaper,
  die Zeitschrift -en magazine, der Brief -e letter
show give size: das Bild -er picture, das Plakat -e poster, das Foto -s photo,
  der Stadtplan Stadtpläne city map, die Lampe -n lamp, das Geschenk -e present,
  das Paket -e parcel
many size: die Muschel -n shell, der Stein -e stone, das Blatt Blätter leaf/leaves
food give each fresh: der Apfel Äpfel apple, die Birne -n pear, die Orange -n orange,
  die Kirsche -n cherry/cherries, die Tomate -n tomato/tomatoes
each size: der Stock Stöcke stick, der Knochen - bone, der Kuchen - cake,
  die Pizza -s pizza, das Brötchen - bread roll
bare: der Tee . tea, das Wasser . water, der Saft . juice, der Kaffee . coffee,
  die Milch . milk, die Suppe . soup, der Reis . rice, das Gemüse . vegetables,
  das Eis . ice cream, der Fußball . football, das Tennis . tennis,
  der Volleyball . volleyball, das Gras . grass
instrument: die Gitarre . guitar, die Geige . violin, die Flöte . flute,
  die Trompete . trumpet, *das Akkordeon . accordion, *die Posaune . trombone
transport worn colour: der Bus -se bus/buses, der Zug Züge train,
  die Straßenbahn -en tram
machine push ride owned each worn colour: das Fahrrad Fahrräder bicycle
ride each worn colour: der Roller - scooter, das Skateboard -s skateboard
machine owned worn colour: das Auto -s car, das Motorrad Motorräder motorcycle,
  der Lastwagen - truck
push each worn: der Kinderwagen - pram, *die Schubkarre -n wheelbarrow
out size: die Sandburg -en sandcastle, das Feld -er field
seat each out worn colour: die Bank Bänke bench/benches,
  die Holzbank Holzbänke wooden bench/wooden benches,
  der Gartenstuhl Gartenstühle garden chair
seat mat out colour: die Decke -n blanket
out colour: das Zelt -e tent, *die Hängematte -n hammock
seat mat in worn colour: das Sofa -s sofa, der Teppich -e carpet
seat each in worn colour: der Stuhl Stühle chair
in size: die Tür -en door, das Fenster - window, der Tisch -e table, das Bett -en bed
below out size: der Ast Äste branch/branches, das Dach Dächer roof
wall out height: der Zaun Zäune fence, die Mauer -n wall, der Felsen - rock
obstacle out size: das Hindernis -se obstacle, die Hecke -n hedge,
  der Bach Bäche stream, der Baumstamm Baumstämme log, die Pfütze -n puddle
swim out cold: der Teich -e pond, das Schwimmbecken - swimming pool
walk green out scenic size / in in: der Park . park, der Garten . garden
green out scenic size / auf in: die Wiese . meadow
walk out scenic size / in in: der Wald . forest, die Stadt . city
out size / unter under: der Baum . tree; shore out scenic / an on: der Strand . beach
shore swim below out scenic / an by: der See . lake, der Fluss . river
play out size / auf on: der Spielplatz . playground, der Fußballplatz . football pitch,
  der Bauernhof . farm
town street out busy / auf on: die Straße . street, der Marktplatz . market square,
  die Brücke . bridge
town sight below out worn / vor in front of: die Kirche . church, das Schloss . castle,
  das Haus . house
town sight out worn / an by: der Brunnen . fountain, das Denkmal . monument
out busy / an at: die Bushaltestelle . bus stop; in size / auf on: die Bühne . stage
room in size / in in: die Küche . kitchen, das Wohnzimmer . living room,
  das Klassenzimmer . classroom, das Restaurant . restaurant, die Bibliothek . library,
  die Werkstatt . workshop, der Supermarkt . supermarket
"""

# Adjectives without an ending, in the order of their groups; other words and phrases.
WORDS = """
mood: müd = tired, fröhlich = cheerful, freundlich = friendly
age: jung = young, alt = old, groß = tall; small: klein = little, neugierig = curious
worn: alt = old, neu = new; weight: schwer = heavy, leer = empty; height: hoh = high
content: spannend = exciting, interessant = interesting, neu = new; busy: belebt = busy
scenic: schön = beautiful, ruhig = quiet; size: klein = small, groß = big
thick: dick = thick, warm = warm; fresh: frisch = fresh, reif = ripe; cold: kalt = cold
colour: rot = red, blau = blue, grün = green, gelb = yellow, weiß = white,
  schwarz = black, orangefarben = orange; hair: blond = blond
fur: weiß = white, schwarz = black, braun = brown, gefleckt = spotted
number: mehrer = several, zwei = two, drei = three, vier = four, fünf = five
adverb: langsam = slowly, schnell = quickly, vorsichtig = carefully, leise = quietly,
  laut = loudly, allein = alone
anytime: heute = today, am Morgen = in the morning, am Nachmittag = in the afternoon,
  am Abend = in the evening
outdoors: im Sommer = in summer, an einem warmen Tag = on a warm day,
  bei schönem Wetter = in nice weather
weather: obwohl es regnet = although it is raining, obwohl es kalt ist = although it is
  cold, während die Sonne scheint = while the sun is shining, weil die Sonne scheint =
  because the sun is shining
"""

# Subjects | singular, plural, particle | English | objects | places | kind and tags
# An object has a case, perhaps with a preposition, and the nouns that fit; "bare" takes
# no article. "_" keeps a particle apart ("spazieren geht"), "!" asks for a place. The
# kind tells which verbs combine (see PARTNERS). Tags: in, out, reflexive, new
# (never "the" object), many (plural objects), often, and the adverbs that fit.
VERB_TABLE = """
person | sitzt sitzen | sitting on {} | auf+dat:seat | green town shore room | posture
person | steht stehen | standing | | ! green town shore Bushaltestelle room | posture
person pet | liegt liegen | lying on {} | auf+dat:mat | green shore Wohnzimmer | rest
person | schläft schlafen | sleeping in {} | in+dat:Zelt Hängematte Bett | green | rest
person | ruht ruhen aus | resting on {} | auf+dat:seat | green shore | rest reflexive
person pet | schläft schlafen ein | falling asleep on {} | auf+dat:mat | | rest
person | steht stehen auf | getting up | | | act
person | lacht lachen | laughing | | green Bühne Klassenzimmer | calm laut
person | winkt winken zu | waving to {} | dat:person | town Bushaltestelle | calm
person | lächelt lächeln an | smiling at {} | acc:person | green town Restaurant | calm
person | singt singen | singing | | green Bühne Klassenzimmer | calm laut leise
person | liest lesen | reading {} | acc:text | green Baum shore Bibliothek | calm leise
person | isst essen | eating {} | acc:food Brötchen Pizza | green Baum room | calm new
person | isst essen | eating {} | bare:Suppe Reis Gemüse Eis | Küche Restaurant | calm
adult | trinkt trinken | drinking {} | bare:Tee Kaffee Wasser | Garten Restaurant | calm
child | trinkt trinken | drinking {} | bare:Saft Milch Wasser | Garten Küche | calm
person | spielt spielen | playing the {} | bare:instrument | Bühne green town | calm
person | hört hören zu | listening to {} | dat:Straßenmusiker Sängerin | town | calm
person | sieht sehen zu | watching {} | dat:pet person | green town | calm
person | schaut schauen an | looking at {} | acc:sight text show | town room | calm
person | spricht sprechen | talking to {} | mit+dat:person | green room | calm leise
adult | telefoniert telefonieren | talking on the phone | | green town room | calm leise
person | wartet warten | waiting for {} | auf+acc:transport | | act out
person | trägt tragen | wearing {} | acc:head body | | wear new often
person | zieht ziehen an | putting on {} | acc:body | Wohnzimmer | dress langsam schnell
person | setzt setzen auf | putting on {} | acc:head | town | dress schnell
person | zieht ziehen aus | taking off {} | acc:body | Wohnzimmer | dress schnell
adult | probiert probieren an | trying on {} | acc:head body | Marktplatz | dress new
person | trägt tragen | carrying {} | acc:load | town Bauernhof | carry
person | hält halten | holding {} | acc:held | Bühne town green | carry
person | hebt heben hoch | lifting up {} | acc:load | Bauernhof | act vorsichtig langsam
person | geht gehen | walking through {} | durch+acc:walk | | move langsam schnell
person | geht gehen spazieren_ | going for a walk with {} | mit+dat:dog | green | move
child dog mount | springt springen | jumping over {} | über+acc:wall obstacle | | act
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
child cat nimble | klettert klettern | climbing up {} | auf+acc:wall Baum Leiter | | act
child dog | läuft laufen nach | running after {} | dat:cat child | green | move out
person | baut bauen | building {} | acc:Sandburg | Strand Spielplatz | act new
child | lässt lassen steigen_ | flying {} | acc:Drachen | Wiese Strand | act out
child | bläst blasen auf | blowing up {} | acc:Luftballon | Garten Wohnzimmer | act
child | sammelt sammeln ein | collecting {} | acc:Muschel Stein Blatt | shore | act
adult | arbeitet arbeiten | working | | ! Garten Werkstatt Bauernhof | act allein
adult | repariert reparieren | repairing {} | acc:machine | Werkstatt Bauernhof | act
adult | wäscht waschen | washing {} | acc:machine | Garten Bauernhof | act
adult | kocht kochen | cooking {} | bare:Suppe Reis Gemüse | Küche Restaurant | act in
person | backt backen | baking {} | acc:Kuchen Pizza Brötchen | Küche | act in new
person | gießt gießen | watering {} | acc:Blume Rose Baum | Garten | act out vorsichtig
person | malt malen | painting {} | acc:Bild Blume Haus Baum | Klassenzimmer | act new
person | pflückt pflücken | picking {} | acc:food Blume Rose | Garten | act out
adult | fegt fegen | sweeping {} | acc:street | | act langsam
adult | kauft kaufen | buying {} | acc:head held food | Marktplatz Supermarkt | act new
adult | verkauft verkaufen | selling {} | acc:head held food | Marktplatz | act new many
adult | fotografiert fotografieren | taking a picture of {} | acc:sight animal | | act
adult | baut bauen auf | setting up {} | acc:Zelt | green shore | act langsam
adult | hängt hängen auf | hanging up {} | acc:Bild Plakat Lampe | room | act in
person | packt packen aus | unwrapping {} | acc:Geschenk Paket | room | act schnell
person | macht machen auf | opening {} | acc:Tür Fenster | room | act leise vorsichtig
person | macht machen zu | closing {} | acc:Tür Fenster | room | act leise schnell
person | spannt spannen auf | putting up {} | acc:Regenschirm | town | act out schnell
person | hilft helfen | helping {} | dat:person | Garten Bauernhof Küche | act
person | gibt geben | giving {} {} | dat:person; acc:give | room green town | act
adult | zeigt zeigen | showing {} {} | dat:person; acc:text show | room town | act
adult | liest lesen vor | reading {1} to {0} | dat:child; acc:Buch Brief | room | act
person | umarmt umarmen | hugging {} | acc:person | town Bushaltestelle | act
person dog | folgt folgen | following {} | dat:person | green town | move langsam
person | streichelt streicheln | petting {} | acc:pet herd | Bauernhof | act vorsichtig
person | füttert füttern | feeding {} | acc:pet herd bird | Bauernhof green | act
dog | bellt bellen | barking | | green town | calm laut
dog | trägt tragen | carrying {} | acc:Stock Knochen | green shore | carry
dog | frisst fressen | eating {} | acc:Knochen | Garten Küche | act
pet | jagt jagen | chasing {} | acc:bird | green Bauernhof | move
pet | sitzt sitzen | sitting | | ! Baum town green | posture
pet herd | liegt liegen | lying | | ! Baum green | posture
pet | schläft schlafen | sleeping | | Baum green Küche Wohnzimmer | rest
cat | springt springen | jumping onto {} | auf+acc:Sofa Stuhl Tisch Bett | | act
nimble bird | sitzt sitzen | sitting on {} | auf+dat:Ast Dach wall | | posture
Vogel | singt singen | singing | | green | calm out laut leise
bird | fliegt fliegen | flying over {} | über+acc:below Feld | | move langsam
herd | frisst fressen | eating {} | bare:Gras | green Bauernhof | calm out langsam
"""


def read(table):
    """What stands before the colon of each row, and the list of what follows."""
    rows = re.split("\n|; ", table.strip().replace("\n  ", " "))
    return [(row.split(": ")[0], row.split(": ")[1].split(", ")) for row in rows]


Noun = namedtuple("Noun", "article german english tags place")
Verb = namedtuple("Verb", "subjects german english objects places tags")
NOUNS, VERBS = [], []
for head, nouns in read(NOUN_TABLE):
    tags, _, place = head.partition(" / ")
    for noun in nouns:
        article, singular, plural, english = noun.strip("*").split(" ", 3)
        german = singular, plural.replace("-", singular)
        english, _, several = english.partition("/")
        english = english, several or english + "s"
        names = {singular, "rare" if noun[0] == "*" else "", *tags.split()}
        NOUNS.append(Noun(article, german, english, names, place))
for row in VERB_TABLE.strip().splitlines():
    *columns, tags = [column.strip() for column in row.split("|")]
    VERBS.append(Verb(*columns, set(tags.split())))
WORDS = {group: [word.split(" = ") for word in words] for group, words in read(WORDS)}

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
