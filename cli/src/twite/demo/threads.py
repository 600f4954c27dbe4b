"""Threads of the demonstration: the club's ride, the bakery and the river; `hours` says when each was written."""

from twite.demo.story import Shown, Told
from twite_common.drafts import PollDraft

DAY = 24.0

RIDE = (
    Told(
        key="ride",
        by="wheels",
        hours=6.1 * DAY,
        text=(
            "Sunday's ride: 38 km, out along the river, up to the windmill, back by the lanes. One real hill. "
            "Two bakeries, which is not a coincidence.\n\nMeet under the market clock at nine. #cycling #Wrenford"
        ),
        pictures=(Shown(view="field", alt="Low green and yellow hills under a clear sky, with a lane between them."),),
        liked=("mira", "ada", "olek", "tomas", "harbour_bakery"),
        boosted=("mira", "ada"),
    ),
    Told(
        key="ride-1",
        by="ada",
        hours=6.0 * DAY,
        answers="ride",
        text="@wheels I'm bringing the stand and a bag of spare tubes. If your gears skip, come at a quarter to.",
        liked=("wheels", "olek", "mira"),
    ),
    Told(
        key="ride-2",
        by="olek",
        hours=5.95 * DAY,
        answers="ride-1",
        text="@ada @wheels Mine skip only uphill. I had put that down to age. Mine, not the bicycle's.",
        liked=("ada", "wheels", "mira", "devika", "tomas"),
    ),
    Told(
        key="ride-3",
        by="ada",
        hours=5.93 * DAY,
        answers="ride-2",
        text="@olek That's a stretched chain. Ten minutes. Bring coffee.",
        liked=("olek",),
    ),
    Told(
        key="ride-4",
        by="harbour_bakery",
        hours=5.9 * DAY,
        answers="ride",
        text=(
            "@wheels We'll put twenty cardamom buns aside. First come, first served; helmets don't count as "
            "reservations."
        ),
        liked=("wheels", "ada", "olek", "mira", "library"),
        boosted=("wheels",),
    ),
    Told(
        key="ride-5",
        by="tomas",
        hours=5.8 * DAY,
        answers="ride",
        text="@wheels Is the windmill open? I'd like to photograph from the gallery.",
    ),
    Told(
        key="ride-6",
        by="wheels",
        hours=5.75 * DAY,
        answers="ride-5",
        text="@tomas It is, from ten. The miller says to mind the third step.",
        liked=("tomas",),
    ),
    Told(
        key="ride-7",
        by="tomas",
        hours=3.2 * DAY,
        answers="ride-6",
        text="@wheels I did not mind the third step. The photograph survived. 📷",
        pictures=(
            Shown(view="dawn", alt="Layers of blue hills at dawn, seen from high up, with a pale sun above them."),
            Shown(view="forest", alt="Fir trees in front of green hills in the morning mist."),
        ),
        liked=("wheels", "ada", "mira", "yuki", "amal", "library"),
        boosted=("wheels", "yuki"),
    ),
)

BAKERY = (
    Told(
        key="loaves",
        by="harbour_bakery",
        hours=5.2 * DAY,
        text=(
            "The new oven is in. It took six people, a borrowed crane and most of a Tuesday, and the first loaves "
            "came out like bricks.\n\nThese are the second ones. #baking"
        ),
        pictures=(
            Shown(thing="loaf", alt="Eight golden loaves of bread with slashed crusts on a wooden table."),
            Shown(view="town", alt="A street of gabled houses at dusk with lit windows.", size=(900, 1200)),
        ),
        liked=("mira", "tomas", "ada", "library", "choir", "olek", "devika", "amal"),
        boosted=("mira", "library", "tomas"),
        bookmarked=("mira",),
    ),
    Told(
        key="loaves-1",
        by="library",
        hours=5.1 * DAY,
        answers="loaves",
        text="@harbour_bakery We have a book on brick-laying, should you need it for the first ones. 📚",
        liked=("harbour_bakery", "mira", "tomas", "ada", "devika"),
    ),
    Told(
        key="bun-poll",
        by="harbour_bakery",
        hours=3.5 * DAY,
        text="Saturday's bun, decided by you. The losers come back another week, we promise. #baking",
        poll=PollDraft(
            options=("Cardamom", "Cinnamon", "Saffron and raisin", "Poppy seed"), expires_in_seconds=2 * 24 * 3600
        ),
        votes=(
            ("mira", (0,)),
            ("ada", (0,)),
            ("olek", (3,)),
            ("tomas", (2,)),
            ("library", (0,)),
            ("devika", (0,)),
            ("amal", (2,)),
            ("wheels", (1,)),
        ),
        liked=("olek", "amal"),
        boosted=("mira",),
    ),
    Told(
        key="bun-result",
        by="harbour_bakery",
        hours=1.4 * DAY,
        text="Cardamom it is. Poppy seed had one vote. We know who you are, @olek, and we respect it.",
        quotes="bun-poll",
        liked=("olek", "mira", "ada", "devika", "choir"),
        boosted=("olek",),
    ),
    Told(
        key="sold-out",
        by="harbour_bakery",
        hours=3,
        text="Sold out at 9:40. That's a record. Thank you, Wrenford. Back on Tuesday. :loaf:",
        liked=("mira", "wheels", "tomas", "library"),
    ),
)

RIVER = (
    Told(
        key="gauge-1",
        by="river_gauge",
        hours=4.0 * DAY,
        text="River at the weir: 1.12 m, falling. #river",
        visibility="unlisted",
    ),
    Told(
        key="gauge-2",
        by="river_gauge",
        hours=2.0 * DAY,
        text="River at the weir: 1.38 m, rising. #river",
        visibility="unlisted",
    ),
    Told(
        key="gauge-3",
        by="river_gauge",
        hours=20,
        text="River at the weir: 1.94 m, rising 6 cm an hour. Below the warning level of 2.40 m. #river",
        liked=("amal", "mira"),
        boosted=("amal", "mira", "library", "wheels"),
    ),
    Told(
        key="river-thread",
        by="amal",
        hours=19,
        text=(
            "Many have asked what the gauge means, so here is the river in four posts. 🧵\n\n"
            "1/ The number is the height of the water above the old mill's sill, not the depth. "
            "At 0.80 m the stepping stones are dry; at 1.60 m they are gone. #river #Wrenford"
        ),
        liked=("mira", "library", "tomas", "devika", "ada", "wheels", "yuki", "olek"),
        boosted=("mira", "library", "tomas", "devika", "river_gauge"),
        bookmarked=("mira", "library"),
        pinned=True,
    ),
    Told(
        key="river-thread-2",
        by="amal",
        hours=18.9,
        answers="river-thread",
        text=(
            "2/ What falls on the moor reaches us after about nine hours. So when it rains hard there at supper, look "
            "at the gauge at breakfast, not at midnight. I sleep too."
        ),
        liked=("mira", "devika", "ada", "library"),
    ),
    Told(
        key="river-thread-3",
        by="amal",
        hours=18.8,
        answers="river-thread-2",
        text=(
            "3/ At 2.00 m we open the second gate. You hear it in Quay Street: a low hum for ten minutes. "
            "That is normal, and it has frightened exactly one dog."
        ),
        liked=("mira", "tomas", "yuki", "choir"),
    ),
    Told(
        key="river-thread-4",
        by="amal",
        hours=18.7,
        answers="river-thread-3",
        text=(
            "4/ At 2.40 m I write to everybody here, and the library opens its cellar door the other way round. End. ☕"
        ),
        liked=("mira", "library", "devika", "olek"),
    ),
    Told(
        key="river-a",
        by="library",
        hours=18.2,
        answers="river-thread-4",
        text="@amal We can confirm the door. It has been rehearsed. The maps went upstairs on Monday.",
        liked=("amal", "mira"),
    ),
    Told(
        key="river-b",
        by="devika",
        hours=18.0,
        answers="river-thread-2",
        text=(
            "@amal Nine hours over 31 km of river: my year eight would like to check that with you. With floats. "
            "May we?"
        ),
        liked=("amal", "mira", "library", "choir"),
    ),
    Told(
        key="river-c",
        by="amal",
        hours=17.8,
        answers="river-b",
        text="@devika Yes! Oranges work best as floats: bright, harmless, and somebody downstream gets an orange. 🍊",
        liked=("devika", "mira", "tomas", "library", "ada", "harbour_bakery"),
        boosted=("devika",),
    ),
    Told(
        key="river-d",
        by="tomas",
        hours=17.5,
        answers="river-thread-3",
        text="@amal So that's what the hum is! I have been blaming the fridge since March.",
        liked=("amal", "mira", "ada"),
    ),
    Told(
        key="dinner",
        by="amal",
        hours=2.6 * DAY,
        language="ar",
        text="مقلوبة للعشاء الليلة. السر في الباذنجان: ملح، ثم صبر، ثم زيت ساخن جدًا. التوأمان طلبا طبقًا ثانيًا! 🍆",
        liked=("mira", "devika", "yuki", "harbour_bakery"),
        boosted=("devika",),
    ),
)
