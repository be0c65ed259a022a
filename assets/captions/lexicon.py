"""Hand-written German-English lexicon of the caption grammar (see generate.py, which reads these tables).

Each table holds one entry a line; columns are separated by "|", blank lines and lines with "#" are skipped.
"""

# German singular, gender, plural | English singular, plural | semantic classes | adjective groups | place use
# Classes tell the grammar what may fill a slot. Some also steer form: weak (adds -n/-en outside the
# nominative), many (always plural), single (never plural), unique (always definite), pair ("eine Hose" is
# "trousers", without an article), core (chosen more often), rare (kept out of the training split).
# Place use gives the German and English preposition of "im Park" / "in the park"; "_" stands for a space.
NOUNS = """
# people
Mann m Männer | man men | person adult core | age hair mood
Frau f Frauen | woman women | person adult core | age hair mood
Junge m Jungen | boy boys | person child sibling core weak | small hair mood
Mädchen n Mädchen | girl girls | person child sibling core | small hair mood
Kind n Kinder | child children | person child core | small hair mood
Vater m Väter | father fathers | person adult family | hair mood
Mutter f Mütter | mother mothers | person adult family | hair mood
Großvater m Großväter | grandfather grandfathers | person adult family | mood
Großmutter f Großmütter | grandmother grandmothers | person adult family | mood
Schüler m Schüler | pupil pupils | person child | hair mood
Schülerin f Schülerinnen | schoolgirl schoolgirls | person child | hair mood
Student m Studenten | student students | person adult weak | hair mood
Tourist m Touristen | tourist tourists | person adult weak | age mood
Bauarbeiter m Bauarbeiter | construction_worker construction_workers | person adult worker | age mood
Straßenmusiker m Straßenmusiker | street_musician street_musicians | person adult performer musical | age mood
Fußballspieler m Fußballspieler | football_player football_players | person adult | age hair
Krankenschwester f Krankenschwestern | nurse nurses | person adult | age hair mood
Feuerwehrmann m Feuerwehrmänner | firefighter firefighters | person adult worker | age mood
Lehrerin f Lehrerinnen | teacher teachers | person adult musical | age hair mood
Verkäuferin f Verkäuferinnen | saleswoman saleswomen | person adult seller | age hair mood
Köchin f Köchinnen | cook cooks | person adult | age mood
Tänzerin f Tänzerinnen | dancer dancers | person adult performer | age hair
Sängerin f Sängerinnen | singer singers | person adult performer musical | age hair
Clown m Clowns | clown clowns | person adult performer | age mood
Künstler m Künstler | artist artists | person adult | age mood
Gärtner m Gärtner | gardener gardeners | person adult worker | age mood
Bauer m Bauern | farmer farmers | person adult worker seller weak | age mood
Polizist m Polizisten | police_officer police_officers | person adult weak | age mood
Nachbarin f Nachbarinnen | neighbour neighbours | person adult | age mood
Wanderer m Wanderer | hiker hikers | person adult | age mood
Schornsteinfeger m Schornsteinfeger | chimney_sweep chimney_sweeps | person adult worker rare | age mood
Imkerin f Imkerinnen | beekeeper beekeepers | person adult seller rare | age mood
# animals
Hund m Hunde | dog dogs | animal dog pet tame core | size fur
Welpe m Welpen | puppy puppies | animal dog pet tame weak | fur
Katze f Katzen | cat cats | animal cat pet tame core | size fur
Kätzchen n Kätzchen | kitten kittens | animal cat pet tame | fur
Pferd n Pferde | horse horses | animal horse grazer mount tame | size fur
Esel m Esel | donkey donkeys | animal grazer mount tame | size
Kuh f Kühe | cow cows | animal grazer tame | fur
Schaf n Schafe | sheep sheep | animal grazer tame | size
Ziege f Ziegen | goat goats | animal grazer tame | size fur
Lama n Lamas | llama llamas | animal grazer tame rare | size fur
Vogel m Vögel | bird birds | animal bird | size fur
Ente f Enten | duck ducks | animal waterbird | size
Gans f Gänse | goose geese | animal waterbird | size
Elefant m Elefanten | elephant elephants | animal mount giant weak | size
Affe m Affen | monkey monkeys | animal climber ape weak | size
Eichhörnchen n Eichhörnchen | squirrel squirrels | animal climber rare | fur
Maus f Mäuse | mouse mice | prey | size
# clothes
Hut m Hüte | hat hats | garment head goods | size colour
Strohhut m Strohhüte | straw_hat straw_hats | garment head goods | size
Helm m Helme | helmet helmets | garment head | colour
Mütze f Mützen | cap caps | garment head | worn colour
Jacke f Jacken | jacket jackets | garment body | thick colour
Lederjacke f Lederjacken | leather_jacket leather_jackets | garment body | worn colour
Mantel m Mäntel | coat coats | garment body | thick colour
Schal m Schals | scarf scarves | garment body | thick colour
Pullover m Pullover | sweater sweaters | garment body | thick colour
Poncho m Ponchos | poncho ponchos | garment body rare | thick colour
Hemd n Hemden | shirt shirts | garment body | worn colour
Hose f Hosen | trousers trousers | garment body pair | worn colour
Brille f Brillen | glasses glasses | garment head pair | worn
Sonnenbrille f Sonnenbrillen | sunglasses sunglasses | garment head pair | worn
Handschuh m Handschuhe | glove gloves | garment body many | thick colour
Schuh m Schuhe | shoe shoes | garment body many | worn colour
Stiefel m Stiefel | boot boots | garment body many | worn colour
Halsband n Halsbänder | collar collars | collar | worn colour
# toys, loads, things in the hand
Ball m Bälle | ball balls | toy throwable give | size colour
Wasserball m Wasserbälle | beach_ball beach_balls | toy throwable | size colour
Tennisball m Tennisbälle | tennis_ball tennis_balls | throwable give | worn
Stock m Stöcke | stick sticks | stick | size
Knochen m Knochen | bone bones | bone | size
Puppe f Puppen | doll dolls | toy give | size worn
Teddybär m Teddybären | teddy_bear teddy_bears | toy give weak | size worn
Spielzeugauto n Spielzeugautos | toy_car toy_cars | toy | size colour
Drachen m Drachen | kite kites | kite | size colour
Korb m Körbe | basket baskets | load lift | weight
Koffer m Koffer | suitcase suitcases | load lift | weight
Kiste f Kisten | box boxes | load lift | weight
Eimer m Eimer | bucket buckets | load lift | weight colour
Rucksack m Rucksäcke | backpack backpacks | load lift | weight colour
Handtasche f Handtaschen | handbag handbags | load | size colour
Leiter f Leitern | ladder ladders | ladder lift | length
Blume f Blumen | flower flowers | held give plant paint pick goods fodder | size colour
Rose f Rosen | rose roses | held give plant pick goods | size colour
Pflanze f Pflanzen | plant plants | plant | size
Luftballon m Luftballons | balloon balloons | held give balloon | size colour
Regenschirm m Regenschirme | umbrella umbrellas | held umbrella | size colour
Kamera f Kameras | camera cameras | held | size worn
Fahne f Fahnen | flag flags | held | size colour
Schlüssel m Schlüssel | key keys | give | size worn
Buch n Bücher | book books | text give story | worn content
Zeitung f Zeitungen | newspaper newspapers | text give | worn
Brief m Briefe | letter letters | text give show | content
Zeitschrift f Zeitschriften | magazine magazines | text | worn content
Geschichte f Geschichten | story stories | story | content
Foto n Fotos | photo photos | show | worn
Stadtplan m Stadtpläne | city_map city_maps | show | worn
Geschenk n Geschenke | present presents | give parcel | size
Paket n Pakete | parcel parcels | give parcel | size
Bild n Bilder | picture pictures | show paint hang | size
Lampe f Lampen | lamp lamps | hang | size worn
Plakat n Plakate | poster posters | hang | size
Muschel f Muscheln | shell shells | gather_shore many | size
Stein m Steine | stone stones | gather_shore gather_green many | size
Blatt n Blätter | leaf leaves | gather_green many | size
# food and drink
Apfel m Äpfel | apple apples | food give pick goods fodder | fresh ripe
Birne f Birnen | pear pears | food give pick goods | fresh ripe
Kirsche f Kirschen | cherry cherries | food pick goods many | fresh ripe
Orange f Orangen | orange oranges | food give goods | fresh ripe
Banane f Bananen | banana bananas | food give goods banana | fresh ripe
Tomate f Tomaten | tomato tomatoes | pick goods | fresh ripe
Nuss f Nüsse | nut nuts | nut | size
Brötchen n Brötchen | bread_roll bread_rolls | food | fresh
Kuchen m Kuchen | cake cakes | bake | size
Pizza f Pizzas | pizza pizzas | food bake | size
Eis n - | ice_cream - | food single | size
Gras n - | grass - | grass |
Tee m - | tea - | drink adultdrink |
Wasser n - | water - | drink adultdrink wet unique | cold
Kaffee m - | coffee - | adultdrink |
Saft m - | juice - | drink |
Milch f - | milk - | drink milk |
Suppe f - | soup - | dish |
Reis m - | rice - | dish |
Gemüse n - | vegetables - | dish |
# music and sport
Gitarre f - | guitar - | instrument |
Geige f - | violin - | instrument |
Flöte f - | flute - | instrument |
Trompete f - | trumpet - | instrument |
Akkordeon n - | accordion - | instrument rare |
Posaune f - | trombone - | instrument rare |
Fußball m - | football - | sport football |
Tennis n - | tennis - | sport |
Volleyball m - | volleyball - | sport |
Verstecken n - | hide_and_seek - | game |
# vehicles and machines
Bus m Busse | bus buses | transport bus | colour
Zug m Züge | train trains | transport | worn
Straßenbahn f Straßenbahnen | tram trams | transport | colour
Fahrrad n Fahrräder | bicycle bicycles | ride machine push | worn colour
Roller m Roller | scooter scooters | ride | colour
Skateboard n Skateboards | skateboard skateboards | ride | worn colour
Auto n Autos | car cars | machine wash | worn colour
Motorrad n Motorräder | motorcycle motorcycles | machine wash | worn colour
Traktor m Traktoren | tractor tractors | machine wash | worn colour
Kinderwagen m Kinderwagen | pram prams | push | worn
Schubkarre f Schubkarren | wheelbarrow wheelbarrows | push rare | weight colour
Einkaufswagen m Einkaufswagen | shopping_cart shopping_carts | cart | weight
Schlitten m Schlitten | sledge sledges | sledge | worn
Sandburg f Sandburgen | sandcastle sandcastles | sandcastle | size
Schneemann m Schneemänner | snowman snowmen | snowman | size
# furniture and parts of buildings
Bank f Bänke | bench benches | seat nap | worn colour
Holzbank f Holzbänke | wooden_bench wooden_benches | seat nap | size
Gartenstuhl m Gartenstühle | garden_chair garden_chairs | seat solo | colour
Decke f Decken | blanket blankets | seat mat | colour
Liegestuhl m Liegestühle | deck_chair deck_chairs | seat mat solo | colour
Hängematte f Hängematten | hammock hammocks | bed rare | colour
Sofa n Sofas | sofa sofas | chair furniture mat_inside | worn colour
Teppich m Teppiche | carpet carpets | chair mat_inside | colour
Stuhl m Stühle | chair chairs | chair furniture solo | worn colour
Bett n Betten | bed beds | furniture bed_inside | size
Tisch m Tische | table tables | furniture | size
Tür f Türen | door doors | opening | colour
Fenster n Fenster | window windows | opening | size
Ast m Äste | branch branches | perch | thick
Dach n Dächer | roof roofs | perch below | colour
Zaun m Zäune | fence fences | perch barrier | height
Mauer f Mauern | wall walls | seat perch barrier climb | height
Hindernis n Hindernisse | obstacle obstacles | barrier | height
Hecke f Hecken | hedge hedges | barrier | height
Bach m Bäche | stream streams | barrier | size
Baumstamm m Baumstämme | log logs | seat barrier | thick
Felsen m Felsen | rock rocks | climb | height
Pfütze f Pfützen | puddle puddles | puddle | size
# places
Park m Parks | park parks | out green walk calmplace | size scenic | in in
Garten m Gärten | garden gardens | out green yard calmplace | size scenic | in in
Wiese f Wiesen | meadow meadows | out green field calmplace | size scenic | auf in
Wald m Wälder | forest forests | out green walk | dark | in in
Baum m Bäume | tree trees | out shade climb paint calmplace | size | unter under
Feld n Felder | field fields | field below | size |
Strand m Strände | beach beaches | out shore walk_over calmplace | scenic | an on
See m Seen | lake lakes | out shore wet swim float below calmplace | scenic | an by
Fluss m Flüsse | river rivers | out shore swim float ford below calmplace | scenic | an by
Teich m Teiche | pond ponds | wet swim float | cold |
Schwimmbecken n Schwimmbecken | swimming_pool swimming_pools | wet swim | size |
Leuchtturm m Leuchttürme | lighthouse lighthouses | out shore sight rare | worn | vor in_front_of
Spielplatz m Spielplätze | playground playgrounds | out play | size | auf on
Bauernhof m Bauernhöfe | farm farms | out farm | worn | auf on
Straße f Straßen | street streets | out town walk_over cross sweep | busy | auf on
Marktplatz m Marktplätze | market_square market_squares | out town market cross sweep | busy | auf in
Brücke f Brücken | bridge bridges | out town walk_over cross sight | worn | auf on
Kirche f Kirchen | church churches | out town sight | worn | vor in_front_of
Haus n Häuser | house houses | out town paint below | size | vor in_front_of
Brunnen m Brunnen | fountain fountains | out town sight | worn | an by
Schloss n Schlösser | castle castles | out town sight paint | worn | vor in_front_of
Denkmal n Denkmäler | monument monuments | sight | worn |
Stadt f Städte | city cities | walk | busy |
Bushaltestelle f Bushaltestellen | bus_stop bus_stops | out stop | busy | an at
Fußballplatz m Fußballplätze | football_pitch football_pitches | out sports | size | auf on
Zelt n Zelte | tent tents | bed tent | colour |
Schnee m - | snow - | winter walk_snow unique | | in in
Bühne f Bühnen | stage stages | in stage | size | auf on
Küche f Küchen | kitchen kitchens | in kitchen | size | in in
Wohnzimmer n Wohnzimmer | living_room living_rooms | in home | size | in in
Klassenzimmer n Klassenzimmer | classroom classrooms | in school | size | in in
Restaurant n Restaurants | restaurant restaurants | in dining | busy | in in
Bibliothek f Bibliotheken | library libraries | in library | worn | in in
Werkstatt f Werkstätten | workshop workshops | in workshop | size | in in
Supermarkt m Supermärkte | supermarket supermarkets | in shop | size busy | in in
"""

# German stem (endings are added) | English | adjective groups
ADJECTIVES = """
klein | little | small
neugierig | curious | small
sommersprossig | freckled | small rare
jung | young | age
alt | old | age
groß | tall | age
blond | blond | hair
müd | tired | mood
fröhlich | cheerful | mood
freundlich | friendly | mood
klein | small | size
groß | big | size
alt | old | worn
neu | new | worn
rot | red | colour
blau | blue | colour
grün | green | colour
gelb | yellow | colour
orangefarben | orange | colour
türkisfarben | turquoise | colour rare
weiß | white | colour fur
schwarz | black | colour fur
braun | brown | fur
gefleckt | spotted | fur
schwer | heavy | weight
leer | empty | weight
dick | thick | thick
hoh | high | height
spannend | exciting | content
interessant | interesting | content
lang | long | content length
frisch | fresh | fresh
reif | ripe | ripe
kalt | cold | cold
schön | beautiful | scenic
ruhig | quiet | scenic
dunkl | dark | dark
belebt | busy | busy
"""

# subjects | finite singular, plural, particle | English | slots | places ("!": needed) | kind, scene, more
# Slots fill {0}, {1} in order: acc, dat, bare (no article) or preposition+case, then the classes that fit.
# A particle that ends in "_" stays a word of its own before a final verb: "spazieren geht", not
# "spazierengeht". The kind tells which verbs combine, the scene (out, in, winter, any) which places and
# second clauses do. More: own ("seine Jacke"), new (never "die Jacke"), reflexive, rain ("weil es regnet")
# and fitting adverbs.
VERBS = """
# people: posture, rest, gestures
person | sitzt sitzen | sitting on {0} | auf+dat:seat | green town shore | posture out
person | sitzt sitzen | sitting on {0} | auf+dat:chair | home | posture in
person | steht stehen | standing | | ! green town shore stop | posture out
person | steht stehen | standing | | ! stage kitchen school dining | posture any
person | liegt liegen | lying on {0} | auf+dat:mat | green shore | rest out
person | liegt liegen | lying on {0} | auf+dat:mat_inside | home | rest in
person | liegt liegen | lying in {0} | in+dat:bed | green shore | rest out
person | schläft schlafen | sleeping on {0} | auf+dat:mat nap | green shore | sleep out
person | schläft schlafen | sleeping in {0} | in+dat:bed bed_inside | | sleep any
person cat dog | schläft schlafen ein | falling asleep on {0} | auf+dat:mat_inside | | sleep in
person | ruht ruhen aus | resting on {0} | auf+dat:seat | green town shore | rest out reflexive
person | steht stehen auf | getting up | | | act any
person | lacht lachen | laughing | | green school stage | gesture any laut
person | winkt winken zu | waving to {0} | dat:person | town stop stage | gesture any own
person | lächelt lächeln an | smiling at {0} | acc:person | green town dining | gesture any
person | singt singen | singing | | stage green school | gesture any laut leise
# people: calm activities
person | liest lesen | reading {0} | acc:text | calmplace home library | calm any leise
person | isst essen | eating {0} | acc:food | calmplace kitchen dining | calm any new
adult | trinkt trinken | drinking {0} | bare:adultdrink | yard kitchen dining | calm any
child | trinkt trinken | drinking {0} | bare:drink | yard kitchen dining | calm any
person | spielt spielen | playing the {0} | bare:instrument | stage green town home | calm any laut leise
person | hört hören zu | listening to {0} | dat:musical | green town school | calm any
person | sieht sehen zu | watching {0} | dat:performer tame person | green town farm | calm out
person | schaut schauen an | looking at {0} | acc:sight | | calm out
person | schaut schauen an | looking at {0} | acc:show | town home school | calm any
person | spricht sprechen | talking to {0} | mit+dat:person | green town dining school | calm any leise
adult | telefoniert telefonieren | talking on the phone | | green town home kitchen | calm any leise
person | wartet warten | waiting for {0} | auf+acc:transport | | act out
person | wartet warten | waiting for {0} | auf+acc:bus | ! stop | calm out
# people: clothes and loads
person | trägt tragen | wearing {0} | acc:garment | | wear any new
person | zieht ziehen an | putting on {0} | acc:body | home school | dress any own langsam
person | setzt setzen auf | putting on {0} | acc:head | home town | dress any own schnell
person | zieht ziehen aus | taking off {0} | acc:body | home school | dress any own schnell
person | setzt setzen ab | taking off {0} | acc:head | home dining school | dress any own langsam
adult | probiert probieren an | trying on {0} | acc:garment | home market | dress any
person | trägt tragen | carrying {0} | acc:load | town farm | carry any
worker | trägt tragen | carrying {0} | acc:ladder | workshop yard farm | carry any
person | hält halten | holding {0} | acc:held | stage town green | carry any
person | hebt heben hoch | lifting up {0} | acc:lift | yard farm workshop | act any vorsichtig langsam
# people: on the move
person | geht gehen | walking through {0} | durch+acc:walk | | move out langsam schnell
person | geht gehen | walking through {0} | durch+acc:walk_snow | | move winter langsam
person | geht gehen spazieren_ | going for a walk with {0} | mit+dat:dog family | green shore | move out own
person dog | rennt rennen | running across {0} | über+acc:walk_over field | | move out
person dog | rennt rennen | running through {0} | durch+acc:walk | | move out
adult | joggt joggen | jogging | | ! green shore | move out langsam allein
person | überquert überqueren | crossing {0} | acc:cross | | move out langsam schnell
person | steigt steigen ein | getting on {0} | in+acc:transport | | move out
person | steigt steigen aus | getting off {0} | aus+dat:transport | | move out
person | fährt fahren | riding {0} | auf+dat:ride | green play town | act out
person | reitet reiten | riding {0} | auf+dat:mount | farm shore green | act out langsam
adult | schiebt schieben | pushing {0} | acc:push | green town | act out langsam
adult | schiebt schieben | pushing {0} | acc:cart | ! shop | act in
person | zieht ziehen | pulling {0} | acc:sledge | ! winter | act winter langsam
person dog | schwimmt schwimmen | swimming in {0} | in+dat:swim | | act out langsam allein
# people: play and sport
child | spielt spielen | playing with {0} | mit+dat:toy | play green shore home | act any leise allein
child | spielt spielen | playing with {0} | mit+dat:pet | yard green home | act any
child | spielt spielen | playing {0} | bare:game | play green | act out
person | spielt spielen | playing {0} | bare:sport | green | act out
person | spielt spielen | playing {0} | bare:football | ! sports | act out
person | tanzt tanzen | dancing | | stage town green | act any allein langsam
person | wirft werfen | throwing {0} | acc:throwable | play green shore | act out
person dog | fängt fangen auf | catching {0} | acc:throwable | play green shore | act out
person | wirft werfen zu | throwing {0} to {1} | acc:throwable;dat:person dog | play green shore | act out
child dog | springt springen | jumping into {0} | in+acc:wet puddle | | act out
child dog horse | springt springen | jumping over {0} | über+acc:barrier | | act out
child | klettert klettern | climbing up {0} | auf+acc:climb ladder | | act out vorsichtig langsam schnell
child | läuft laufen nach | running after {0} | dat:pet | green play | move out
child | baut bauen | building {0} | acc:sandcastle | shore play | act out new
person | baut bauen | building {0} | acc:snowman | winter | act winter new
child | lässt lassen steigen_ | flying {0} | acc:kite | field shore | act out
child | bläst blasen auf | blowing up {0} | acc:balloon | yard home | act any langsam
child | sammelt sammeln ein | collecting {0} | acc:gather_shore | shore | act out
child | sammelt sammeln ein | collecting {0} | acc:gather_green | green | act out
# people: work
worker | arbeitet arbeiten | working | | ! yard workshop farm | act any langsam allein
adult | repariert reparieren | repairing {0} | acc:machine | workshop farm | act any
adult | wäscht waschen | washing {0} | acc:wash | yard farm | act out own
adult | kocht kochen | cooking {0} | bare:dish | kitchen dining | act in
person | backt backen | baking {0} | acc:bake | kitchen | act in new
person | gießt gießen | watering {0} | acc:plant | yard | act out vorsichtig
person | malt malen | painting {0} | acc:paint | home school yard | act any new
person | pflückt pflücken | picking {0} | acc:pick | yard farm | act out
adult | fegt fegen | sweeping {0} | acc:sweep | | act out langsam
adult | kauft kaufen | buying {0} | acc:goods | market shop | act any new
seller | verkauft verkaufen | selling {0} | acc:goods wares | market farm | act any new
adult | fotografiert fotografieren | taking a picture of {0} | acc:sight animal performer | | act out
adult | baut bauen auf | setting up {0} | acc:tent | green shore | act out langsam
adult | hängt hängen auf | hanging up {0} | acc:hang | home school dining | act in vorsichtig
person | packt packen aus | unwrapping {0} | acc:parcel | home kitchen | act in vorsichtig langsam schnell
person | macht machen auf | opening {0} | acc:opening | kitchen home school | act in leise vorsichtig
person | macht machen zu | closing {0} | acc:opening | kitchen home school | act in leise schnell
person | spannt spannen auf | putting up {0} | acc:umbrella | town stop | act out rain own schnell
# people: with people and animals
person | hilft helfen | helping {0} | dat:person | yard farm kitchen | act any own
person | gibt geben | giving {1} {0} | acc:give;dat:person | home green town | act any
adult | zeigt zeigen | showing {1} {0} | acc:show;dat:person | home town school | act any
person | bringt bringen | bringing {1} {0} | acc:give;dat:family | home yard | act any own
adult | liest lesen vor | reading {0} to {1} | acc:story;dat:child | home library green | act any leise
person | umarmt umarmen | hugging {0} | acc:person | town stop home | act any own
person | folgt folgen | following {0} | dat:person tame | green town | move out langsam
person | streichelt streicheln | petting {0} | acc:tame | yard farm green | act out own vorsichtig
person | füttert füttern | feeding {0} | acc:tame waterbird | farm green | act out own
person | bürstet bürsten | brushing {0} | acc:pet horse | yard farm | act out own vorsichtig
# animals
dog | bellt bellen | barking | | green town yard | gesture any laut
dog | trägt tragen | carrying {0} | acc:stick bone | green shore | carry out
dog cat | trägt tragen | wearing {0} | acc:collar | | wear any new
dog | frisst fressen | eating {0} | acc:bone | yard kitchen | act any
dog | läuft laufen nach | running after {0} | dat:throwable cat child | green shore | move out
dog | jagt jagen | chasing {0} | acc:cat waterbird | green farm | move out
dog | folgt folgen | following {0} | dat:person | green town | move out langsam
dog cat | sitzt sitzen | sitting | | ! shade town yard | posture out
dog cat | liegt liegen | lying on {0} | auf+dat:mat_inside | home | rest in
dog cat grazer | liegt liegen | lying | | ! shade green | rest out
dog cat | schläft schlafen | sleeping | | shade home yard kitchen | sleep any
cat | springt springen | jumping onto {0} | auf+acc:furniture | home | act in
cat | jagt jagen | chasing {0} | acc:prey bird | yard farm | move out
cat | trinkt trinken | drinking {0} | bare:milk | kitchen home | act in
cat climber | klettert klettern | climbing up {0} | auf+acc:climb | | act out schnell vorsichtig
climber | frisst fressen | eating {0} | acc:nut | shade | act out schnell
ape | frisst fressen | eating {0} | acc:banana | shade | act out schnell
climber bird | sitzt sitzen | sitting on {0} | auf+dat:perch | | posture out
bird | singt singen | singing | | yard green | gesture out laut leise
bird waterbird | fliegt fliegen | flying over {0} | über+acc:below | | move out langsam
waterbird | schwimmt schwimmen | swimming on {0} | auf+dat:float | | move out langsam
grazer | frisst fressen | eating {0} | acc:fodder | yard | act out langsam
grazer giant | frisst fressen | eating {0} | bare:grass | green farm | act out langsam
giant | überquert überqueren | crossing {0} | acc:ford | | move out langsam
grazer | steht stehen | standing | | ! green farm shade | posture out
horse | galoppiert galoppieren | galloping across {0} | über+acc:field walk_over | | move out
"""

# German | English | scene
TIMES = """
heute | today | any
am Morgen | in the morning | any
am Nachmittag | in the afternoon | any
am Abend | in the evening | any
im Sommer | in summer | out
bei schönem Wetter | in nice weather | out
an einem warmen Tag | on a warm day | out
im Winter | in winter | winter
an einem kalten Tag | on a cold day | winter
"""

# German | English; the last belongs only to verbs marked rain
WEATHER = """
obwohl es regnet | although it is raining
obwohl es kalt ist | although it is cold
während die Sonne scheint | while the sun is shining
weil es regnet | because it is raining
"""

ADVERBS = {
    "langsam": "slowly",
    "schnell": "quickly",
    "vorsichtig": "carefully",
    "leise": "quietly",
    "laut": "loudly",
    "allein": "alone",
}

COUNTS = {"zwei": "two", "drei": "three", "vier": "four", "fünf": "five"}
