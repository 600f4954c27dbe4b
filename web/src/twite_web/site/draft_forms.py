"""The form for a post, which several pages show, and the choices that it offers."""

from typing import Any

import msgspec

from twite_common import secret
from twite_common.drafts import Draft, PollDraft
from twite_common.queries.accounts import credentials
from twite_common.translations import marked
from twite_web.site.access import Visit, id_in

POLL_TIMES = {
    "3600": marked("an hour"),
    "86400": marked("a day"),
    "259200": marked("three days"),
    "604800": marked("a week"),
}
VISIBILITIES = {
    "public": marked("Everyone"),
    "unlisted": marked("Everyone, but not in public timelines"),
    "followers": marked("Followers only"),
    "mentioned": marked("Only people I mention"),
}


class DraftForm(msgspec.Struct, frozen=True, kw_only=True):
    """A post as it is typed.

    `key` is the form's own, so that sending it twice makes one post; `back` is the page to return to.
    """

    text: str = ""
    spoiler_text: str = ""
    visibility: str = ""
    in_reply_to_id: str = ""
    quote_of_id: str = ""
    key: str = ""
    back: str = ""
    files: list[Any] = []
    descriptions: list[str] = []
    options: list[str] = []
    poll_seconds: str = "86400"
    multiple: bool = False
    hide_totals: bool = False

    def draft(self) -> Draft:
        """Return what is to be published, without attachments."""
        options = tuple(option for option in self.options if option.strip())
        poll = PollDraft(
            options=options,
            expires_in_seconds=int(self.poll_seconds) if self.poll_seconds in POLL_TIMES else 0,
            multiple=self.multiple,
            hide_totals=self.hide_totals,
        )
        return Draft(
            text=self.text,
            spoiler_text=self.spoiler_text,
            visibility=self.visibility or None,
            in_reply_to_id=id_in(self.in_reply_to_id) if self.in_reply_to_id else None,
            quote_of_id=id_in(self.quote_of_id) if self.quote_of_id else None,
            poll=poll if options else msgspec.UNSET,
        )


def blank(visit: Visit) -> DraftForm:
    """Return the form for a new post, with what its writer usually chooses."""
    preferences = credentials.preferences_of(visit.db, visit.account_id)
    return DraftForm(visibility=preferences.visibility, key=secret.new())
