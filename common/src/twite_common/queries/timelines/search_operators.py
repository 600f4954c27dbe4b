"""What can be written in a search for posts, described for a page that offers it."""

import msgspec

from twite_common.queries.timelines.search_terms import HAS, IN, IS
from twite_common.translations import gettext, marked


class Operator(msgspec.Struct, frozen=True):
    """Something that a query can have: what it does, what to write for example, and the values that it takes, if few.

    `start` is what a button writes; the value follows it. `text` is translated by `words`.
    """

    name: str
    start: str
    example: str
    text: str
    values: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What it does, in the reader's language, as a sentence."""
        return gettext(self.text)


OPERATORS = (
    Operator("word", "", "blackbird", marked("Finds posts with this word.")),
    Operator("phrase", '"', '"black bird"', marked("Finds posts with these words side by side.")),
    Operator("-word", "-", "birds -black", marked("Leaves out posts with this word.")),
    Operator("from", "from:", "from:me", marked("Finds posts by one person; “me” is you.")),
    Operator(
        "has", "has:", "has:image", marked("Finds posts that have pictures, videos, a poll, a link and so on."), HAS
    ),
    Operator("is", "is:", "is:reply", marked("Finds answers, posts that quote another, or sensitive posts."), IS),
    Operator(
        "in",
        "in:",
        "in:library",
        marked(
            "Searches only public posts, your bookmarks, or your library: your own posts and those you had to do with."
        ),
        IN[1:],
    ),
    Operator("language", "language:", "language:en", marked("Finds posts in one language.")),
    Operator("before", "before:", "before:2026-03-01", marked("Finds posts from before a day, month or year.")),
    Operator("after", "after:", "after:2026-03", marked("Finds posts from after a day, month or year.")),
    Operator("during", "during:", "during:2026", marked("Finds posts from a day, month or year.")),
)
"""`from`, `has` and `is` can be turned round with a minus: `-from:ann`."""
