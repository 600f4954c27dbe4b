"""The twelve people and places of the demonstration: a small town by a river."""

from twite.demo.story import Look, Person

TOWN = (
    *("mira", "harbour_bakery", "wheels", "library", "tomas", "choir"),
    *("yuki", "amal", "devika", "ada", "olek", "river_gauge"),
)
"""Their names, in the order in which they came."""

PEOPLE = (
    Person(
        username="mira",
        name="Mira Lindqvist",
        bio=(
            "I look after this site, the allotment by the weir and a cat called Bishop. Ask me anything about any "
            "of them."
        ),
        fields=(("Pronouns", "she/her"), ("Allotment", "Plot 14"), ("Help", "Write to me here, any time")),
        look=Look(header="field", ground=("#ffe3b3", "#f5a97a"), hair="#b5522a", shirt="#2f6d62", skin=0, style="long"),
        follows=TOWN,
        since=40,
        role="admin",
        tags=("allotment", "Wrenford"),
    ),
    Person(
        username="harbour_bakery",
        name="Harbour Bakery :loaf:",
        bio="Sourdough, rye and Saturday buns. Open Tuesday to Saturday from seven until the shelves are empty.",
        fields=(("Where", "3 Quay Street"), ("Open", "Tue-Sat, 7:00"), ("Orders", "By message, the day before")),
        look=Look(header="town", ground=("#7a4b2c", "#4b2c1a"), emblem="loaf"),
        follows=("mira", "tomas", "library", "wheels", "choir", "ada"),
        since=38,
    ),
    Person(
        username="wheels",
        name="Wrenford Wheels",
        bio=(
            "The town's cycling club. All bikes, all speeds, nobody gets dropped. Rides on Sundays at nine, from "
            "the clock."
        ),
        fields=(("Next ride", "Sunday, 9:00"), ("Meet", "Under the market clock"), ("Members", "61")),
        look=Look(header="dawn", ground=("#1f7a83", "#124a55"), emblem="wheel"),
        follows=("mira", "tomas", "harbour_bakery", "ada", "olek", "river_gauge", "library"),
        since=37,
        tags=("cycling",),
    ),
    Person(
        username="library",
        name="Wrenford Library",
        bio=(
            "Books, maps, a sewing machine and warm radiators. Everybody is welcome, nobody has to be quiet on "
            "Thursdays."
        ),
        fields=(("Open", "Mon-Sat, 10-18"), ("Thursdays", "until 21"), ("Catalogue", "Ask at the desk")),
        look=Look(header="forest", ground=("#3f4f8f", "#262f5c"), emblem="book"),
        follows=("mira", "devika", "yuki", "choir", "amal", "tomas", "harbour_bakery"),
        since=36,
        role="moderator",
        tags=("bookclub",),
    ),
    Person(
        username="tomas",
        name="Tomás Arrieta",
        bio="Photographer. Mostly fog, mostly before breakfast. Prints at the library until the end of the month.",
        fields=(("Camera", "An old one"), ("Prints", "Ask @library"), ("Languages", "English, español, euskara")),
        look=Look(header="sea", ground=("#cfe3f2", "#7fa6c9"), hair="#22191a", shirt="#3b3b46", skin=2, style="short"),
        follows=("mira", "yuki", "wheels", "harbour_bakery", "ada", "amal", "library"),
        since=33,
        tags=("photography",),
    ),
    Person(
        username="choir",
        name="The Weir Singers",
        bio=(
            "Forty voices and one very patient pianist. We rehearse on Wednesdays at half past seven in St "
            "Brannoc's hall."
        ),
        fields=(("Rehearsals", "Wed, 19:30"), ("Basses", "Always wanted")),
        look=Look(header="dusk", ground=("#8a2f5c", "#4d1834"), emblem="note"),
        follows=("mira", "library", "harbour_bakery", "devika", "olek"),
        since=30,
    ),
    Person(
        username="yuki",
        name="森田 ゆき",
        bio="陶芸と猫。川沿いの小さな工房で器を作っています。 Potter by the river; I write in Japanese and English.",
        fields=(("工房", "Old Mill, 2F"), ("Open studio", "First Saturday")),
        look=Look(header="snow", ground=("#f7d7df", "#d98ba2"), hair="#1c1413", shirt="#5a6b8c", skin=1, style="bun"),
        follows=("mira", "tomas", "library", "ada", "amal"),
        since=27,
        language="ja",
        tags=("pottery",),
    ),
    Person(
        username="amal",
        name="أمل حداد",
        bio="مهندسة مياه وأم لتوأمين. أكتب عن النهر والطبخ.\n"
        "Water engineer; I write about the river, and about dinner.",
        fields=(("المدينة", "Wrenford"), ("Work", "The weir, mostly")),
        look=Look(header="night", ground=("#b7e0d2", "#4f9d8b"), hair="#3a2230", shirt="#7a3b69", skin=2, style="long"),
        follows=("mira", "river_gauge", "tomas", "devika", "harbour_bakery", "library"),
        since=24,
        language="ar",
        tags=("river",),
    ),
    Person(
        username="devika",
        name="देविका राव",
        bio="Teaches maths at the school on the hill. हिन्दी, English, and long division. Alto in @choir.",
        fields=(("School", "Hilltop"), ("Voice", "Alto, on good days"), ("Tea", "Yes")),
        look=Look(
            header="forest", ground=("#ffd8a8", "#e58f65"), hair="#15100f", shirt="#b03a48", skin=3, style="curls"
        ),
        follows=("mira", "library", "choir", "amal", "ada", "olek"),
        since=20,
        language="hi",
    ),
    Person(
        username="ada",
        name="Ada Okonkwo",
        bio=(
            "Repairs bicycles, radios and most kettles. Repair café, every second Saturday. If it has screws, bring it."
        ),
        fields=(("Repair café", "Market hall, 10-13"), ("Bring", "The thing and its screws")),
        look=Look(header="town", ground=("#d9cff2", "#8b78c9"), hair="#120d0c", shirt="#e0a030", skin=4, style="curls"),
        follows=("mira", "wheels", "library", "harbour_bakery", "olek", "tomas"),
        since=16,
        tags=("repaircafe",),
    ),
    Person(
        username="olek",
        name="Олександр Коваль",
        bio="Бас у хорі, пекар удома, велосипедист у неділю. Bass singer and weekend cyclist. I approve my followers.",
        fields=(("Хор", "@choir"), ("Велосипед", "Сталевий, 1984")),
        look=Look(header="field", ground=("#bcd7f7", "#5f8fd0"), hair="#8d8d92", shirt="#34495e", skin=0, style="bald"),
        follows=("mira", "choir", "wheels", "ada", "devika", "harbour_bakery"),
        since=11,
        locked=True,
        language="uk",
    ),
    Person(
        username="river_gauge",
        name="River gauge at the weir",
        bio="I post the height of the river twice a day, and more often when it matters. Looked after by @amal.",
        fields=(("Normal", "0.80-1.60 m"), ("Warning from", "2.40 m")),
        look=Look(header="sea", ground=("#2d6ca2", "#173a5c"), emblem="leaf"),
        follows=("amal",),
        since=9,
        bot=True,
    ),
)
