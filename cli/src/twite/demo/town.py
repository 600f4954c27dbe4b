"""What else is written in the demonstration: the town's days, and letters that only those named can read."""

from twite.demo.story import Card, Shown, Told
from twite_common.drafts import PollDraft

DAY = 24.0

TOWN_LIFE = (
    Told(
        key="welcome",
        by="mira",
        hours=6.8 * DAY,
        text=(
            "Welcome to Wrenford's own corner of the internet. No advertising, no ranking, nobody watching over your "
            "shoulder: just the town, in the order in which it says things.\n\nSay hello with #introduction, "
            "and ask me if anything is odd."
        ),
        liked=("library", "harbour_bakery", "tomas", "yuki", "amal", "ada", "choir", "wheels"),
        boosted=("library", "harbour_bakery", "choir"),
        pinned=True,
    ),
    Told(
        key="hello-ada",
        by="ada",
        hours=6.5 * DAY,
        text="#introduction I mend things. Bicycles, radios, lamps, one accordion. I don't do printers; nobody can.",
        liked=("mira", "olek", "wheels", "library", "tomas", "devika"),
        boosted=("mira",),
    ),
    Told(
        key="hello-olek",
        by="olek",
        hours=6.4 * DAY,
        language="uk",
        text="#introduction Вітаю всіх! Я Олександр. Співаю басом, печу хліб і вчуся не поспішати.",
        liked=("mira", "choir", "ada", "devika"),
    ),
    Told(
        key="hello-yuki",
        by="yuki",
        hours=6.2 * DAY,
        language="ja",
        text="#introduction はじめまして。川のそばで器を焼いています。今朝の窯は静かで、猫はもっと静かでした。🐈",
        liked=("mira", "tomas", "amal", "library"),
        boosted=("tomas",),
    ),
    Told(
        key="kiln",
        by="yuki",
        hours=2.3 * DAY,
        language="ja",
        text="雪の日の工房。釉薬が乾くのを待ちながら、熱いほうじ茶を一杯。 #pottery",
        pictures=(
            Shown(view="snow", alt="Snow-covered hills and dark fir trees under a blue winter sky."),
            Shown(view="night", alt="A full moon and many stars above a dark forest."),
            Shown(view="dawn", alt="Blue hills one behind another at sunrise."),
            Shown(view="dusk", alt="Purple hills under a red evening sky."),
        ),
        liked=("mira", "tomas", "amal", "library", "ada", "devika", "choir"),
        boosted=("tomas", "mira"),
    ),
    Told(
        key="fog",
        by="tomas",
        hours=30,
        text="Six in the morning, four degrees, nobody but me and the heron. #photography #Wrenford",
        pictures=(
            Shown(
                view="sea", alt="Calm water under a hazy sky, with the sun's light glittering on it.", size=(1400, 800)
            ),
        ),
        liked=("mira", "yuki", "amal", "library", "wheels", "ada", "harbour_bakery", "devika", "choir"),
        boosted=("mira", "yuki", "amal", "library"),
        bookmarked=("yuki", "mira"),
    ),
    Told(
        key="fog-quote",
        by="yuki",
        hours=28,
        text="この青を、次の器の色にしたい。",
        language="ja",
        quotes="fog",
        liked=("tomas", "mira", "amal"),
        boosted=("tomas",),
    ),
    Told(
        key="timelapse",
        by="tomas",
        hours=9,
        text="A night over the weir in ten seconds. #photography",
        recording="video",
        liked=("mira", "yuki", "amal", "ada"),
        boosted=("ada",),
    ),
    Told(
        key="chord",
        by="choir",
        hours=26,
        text="Your starting note for Wednesday. Basses: it really is that low.",
        recording="audio",
        liked=("olek", "devika", "mira"),
    ),
    Told(
        key="concert",
        by="choir",
        hours=4.4 * DAY,
        text=(
            "Winter concert, Saturday the 19th, half past six, St Brannoc's. Free, with soup. "
            "We are singing Tallis, a sea shanty and something Devika's class wrote. #choir #Wrenford"
        ),
        liked=("mira", "devika", "olek", "library", "harbour_bakery", "amal"),
        boosted=("devika", "olek", "mira", "library"),
        bookmarked=("mira", "amal"),
        edited=(
            "Winter concert, Saturday the 19th, half past SEVEN, St Brannoc's. Free, with soup. "
            "We are singing Tallis, a sea shanty and something Devika's class wrote. #choir #Wrenford"
        ),
    ),
    Told(
        key="concert-1",
        by="olek",
        hours=4.2 * DAY,
        answers="concert",
        text=(
            "@choir The shanty has a bottom D. I have been practising in the shower. The neighbours know all the words."
        ),
        liked=("choir", "devika", "mira", "ada"),
    ),
    Told(
        key="sums",
        by="devika",
        hours=34,
        language="hi",
        text=("आज कक्षा में किसी ने पूछा: “अनंत से एक ज़्यादा कितना होता है?” जवाब में हम सब आधा घंटा हँसते रहे। 😄 #school"),
        liked=("mira", "amal", "olek", "library"),
        boosted=("amal",),
    ),
    Told(
        key="bookclub",
        by="library",
        hours=2.9 * DAY,
        text=(
            "The #bookclub's next book is chosen by vote, as ever. Choose as many as you would really read. "
            "We meet on the first Thursday; there is cake, and nobody asks whether you finished."
        ),
        poll=PollDraft(
            options=("A history of rain", "The lighthouse letters", "Twelve short walks", "Cooking with clay"),
            expires_in_seconds=6 * 24 * 3600,
            multiple=True,
        ),
        votes=(
            ("mira", (0, 2)),
            ("devika", (1,)),
            ("yuki", (3,)),
            ("amal", (0, 1)),
            ("choir", (1, 2)),
            ("tomas", (0,)),
            ("harbour_bakery", (3,)),
        ),
        liked=("mira", "devika", "yuki"),
        boosted=("mira", "devika"),
    ),
    Told(
        key="bookclub-end",
        by="devika",
        hours=25,
        warning="The last chapter of this month's #bookclub book",
        text=(
            "It was the ferryman. It was ALWAYS the ferryman. I have gone back and he is on every single page with "
            "water in it."
        ),
        liked=("library", "mira", "amal"),
    ),
    Told(
        key="bookclub-end-1",
        by="library",
        hours=24,
        answers="bookclub-end",
        warning="The last chapter of this month's #bookclub book",
        text="@devika Page 212. The wet footprints. We said nothing for three weeks and it was very hard.",
        liked=("devika",),
    ),
    Told(
        key="repair",
        by="ada",
        hours=12,
        text=(
            "#repaircafe, the figures: 31 things came in, 24 went home working, 4 need parts, 2 were fine all along "
            "and 1 was a wasps' nest.\n\nNext one in a fortnight. Bring the screws. :wheel: #Wrenford"
        ),
        pictures=(Shown(thing="wheel", alt="Eight drawings of yellow bicycles on a workbench."),),
        liked=("mira", "wheels", "olek", "library", "tomas", "amal", "devika"),
        boosted=("wheels", "mira", "library", "olek"),
    ),
    Told(
        key="repair-1",
        by="mira",
        hours=11.5,
        answers="repair",
        text="@ada I would like to hear more about the wasps' nest, from a distance.",
        liked=("ada", "olek", "tomas", "wheels"),
    ),
    Told(
        key="repair-2",
        by="ada",
        hours=11.2,
        answers="repair-1",
        text="@mira It came in as “a radio that hums”.",
        liked=("mira", "olek", "tomas", "wheels", "library", "amal", "devika", "choir"),
        boosted=("mira",),
    ),
    Told(
        key="allotment",
        by="mira",
        hours=7,
        text=(
            "Plot 14, end of November: the leeks stand, the kale sulks, the shed door has swollen shut with my gloves "
            "inside. Bishop the cat supervised from the compost, which is warm, and which she considers hers. "
            "#allotment"
        ),
        pictures=(Shown(view="forest", alt="Green hills and dark fir trees behind the allotments."),),
        liked=("tomas", "yuki", "ada", "harbour_bakery"),
    ),
    Told(key="tea", by="devika", hours=1.5, text="First frost. Second cup.", liked=("mira", "amal", "choir", "olek")),
    Told(
        key="found",
        by="wheels",
        hours=5.5,
        text=(
            "Found after the ride: one glove (left, green), one very good apple. The glove is at the library. #Wrenford"
        ),
        liked=("mira", "library", "ada"),
        boosted=("library",),
    ),
    Told(
        key="maps",
        by="library",
        hours=1.2 * DAY,
        text=(
            "The county has put its old river maps online. Ours has a sea serpent at the weir: "
            "https://maps.example.org/wrenford"
        ),
        card=Card(
            url="https://maps.example.org/wrenford",
            title="Wrenford and its river in nine maps",
            description="From 1611 to today: mills, floods, a serpent, and the slow walk of the river to the east.",
            view="night",
        ),
        liked=("mira", "amal", "tomas", "devika"),
        boosted=("amal",),
        bookmarked=("mira",),
    ),
    Told(
        key="thursday",
        by="library",
        hours=0.6,
        text="It is Thursday somewhere. Be loud. 📣",
        liked=("devika", "mira"),
    ),
    Told(
        key="followers-only",
        by="olek",
        hours=13,
        visibility="followers",
        text="To those who follow me: there is spare borscht. A lot of it. I misread the recipe by a factor of four.",
        liked=("ada", "choir"),
    ),
    Told(
        key="mention-mira",
        by="tomas",
        hours=0.9,
        text="@mira Could the site's picture be the weir in fog? I happen to have one. Or ninety.",
        liked=("yuki",),
    ),
    Told(
        key="mention-admin",
        by="ada",
        hours=0.4,
        text="@mira Your shed door is open and the gloves are dry. You owe me a leek. 🧤",
        liked=("tomas",),
    ),
)

LETTERS = (
    Told(
        key="letter-1",
        by="harbour_bakery",
        hours=2.1 * DAY,
        visibility="mentioned",
        text="@mira Two rye and the seeded one for Friday, as always? We close early for the oven inspection.",
    ),
    Told(
        key="letter-2",
        by="mira",
        hours=2.0 * DAY,
        visibility="mentioned",
        answers="letter-1",
        text="@harbour_bakery Yes please! I'll come before eight. Good luck with the inspector; feed them.",
    ),
    Told(
        key="letter-3",
        by="harbour_bakery",
        hours=1.95 * DAY,
        visibility="mentioned",
        answers="letter-2",
        text="@mira That is the plan. It is in writing nowhere.",
    ),
    Told(
        key="letter-4",
        by="amal",
        hours=4,
        visibility="mentioned",
        text="@mira @library If it goes over two metres tonight, can we pin my thread for everybody until the morning?",
    ),
    Told(
        key="letter-5",
        by="library",
        hours=3.8,
        visibility="mentioned",
        answers="letter-4",
        text="@amal @mira We'd also put it on the door, in large letters, for those who have no screens.",
    ),
    Told(
        key="letter-6",
        by="devika",
        hours=0.7,
        visibility="mentioned",
        text=(
            "@mira Surprise for the choir's pianist: can you keep Saturday evening free, and say nothing to the others?"
        ),
    ),
)
