"""Conversations: the visitor's messages, as an inbox of threads."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common import secret
from twite_common.drafts import Draft
from twite_common.errors import Invalid, NotFound, TwiteError
from twite_common.queries.accounts import accounts, search_suggestions
from twite_common.queries.timelines import conversations as queries
from twite_common.queries.timelines.conversations import Conversation
from twite_common.services.posts import post_checks, posts, replies
from twite_common.services.timelines import conversations
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.routing import Router
from twite_web.site import draft_uploads, form_errors, paging, redirects, templating
from twite_web.site.access import Visit, id_in, reading, writing
from twite_web.site.draft_forms import DraftForm
from twite_web.site.draft_uploads import KEY, MAX_POST_BYTES
from twite_web.site.form_errors import SHOWN, shown_again
from twite_web.site.view_models import accounts as account_view_models
from twite_web.site.view_models import composers
from twite_web.site.view_models import conversations as view_models
from twite_web.types import Request, Response

MESSAGES = 40
"""Messages on a page."""
NO_CONVERSATION = marked("There is no such conversation.")
NOBODY = marked("There is nobody here with this name.")
CHOOSE = marked("Choose whom the message is for.")


class NewMessageForm(msgspec.Struct, frozen=True, kw_only=True):
    """The first message of a conversation, and the ids of the people it is for.

    `q` is whose name is looked for, `add` and `remove` whoever is chosen or taken off. `key` is the form's own, so that
    sending it twice makes one message.
    """

    text: str = ""
    key: str = ""
    people: list[str] = []
    q: str = ""
    add: str = ""
    remove: str = ""

    @property
    def people_ids(self) -> list[int]:
        """Ids of the chosen people.

        Raises NotFound for what can't be one.
        """
        chosen = dict.fromkeys([*self.people, self.add])
        return [id_in(id) for id in chosen if id and id != self.remove]


@get("/messages", sync_to_thread=True)
def show(request: Request, max_id: FromQuery[str] = "", min_id: FromQuery[str] = "") -> Response:
    """Show the visitor's conversations, that with the latest message first."""
    part = paging.page(max_id, min_id)
    with reading(request) as visit:
        rows = queries.of_account(visit.db, part, viewer_id=visit.account_id, now=visit.now)
        views = view_models.listed(visit, rows)
    beside = paging.beside("/messages", part, [row.last_post_id for row in rows])
    return templating.page(request, "timelines/conversations.html", visit, conversations=views, beside=beside)


def new_page(request: Request, data: NewMessageForm, *, error: TwiteError | None = None) -> Response:
    """Return the form for the first message to somebody, with people to choose from."""
    with reading(request) as visit:
        people_ids = data.people_ids
        query = "" if data.add else data.q
        to_choose = bool(query) or not people_ids
        found_ids = search_suggestions.to_choose(visit.db, query, viewer_id=visit.account_id) if to_choose else []
        views = account_view_models.accounts(visit, list(dict.fromkeys([*people_ids, *found_ids])))
        return form_errors.page(
            request,
            "timelines/new_conversation.html",
            visit,
            values=msgspec.structs.replace(data, q=query, key=data.key or secret.new()),
            error=error,
            people=[view for view in views if view.id in people_ids],
            found=[view for view in views if view.id not in people_ids],
        )


@get("/messages/new", sync_to_thread=True)
def show_new(request: Request, to: FromQuery[str] = "") -> Response:
    """Show the form for the first message to somebody, or the conversation that there is with them."""
    with reading(request, page=False) as visit:
        visit.require_login()
        account = accounts.by_username(visit.db, to.removeprefix("@")) if to else None
        present = _with_people(visit, [account.id]) if account else None
    if present:
        return redirects.see(request, f"/messages/{present.id}")
    return new_page(request, NewMessageForm(people=[str(account.id)] if account else []))


@post("/messages/new", sync_to_thread=True)
@shown_again(new_page, NotFound)
def change_new(request: Request, data: JSONBody[NewMessageForm]) -> Response:
    """Show the form again, with whoever was looked for, chosen or taken off."""
    return new_page(request, data)


@post("/messages", sync_to_thread=True)
@shown_again(new_page, NotFound)
def begin(request: Request, data: JSONBody[NewMessageForm]) -> Response:
    """Send a message to people who were chosen, in the conversation that there is with them, or in a new one."""
    with writing(request) as visit:
        people = _addressees(visit, data)
        present = _with_people(visit, list(people))
        addressed = (
            replies.begin(visit.db, viewer_id=visit.account_id, post_id=present.last_post_id)
            if present
            else Draft(text="".join(f"@{name} " for name in people.values()))
        )
        post_id = _send(visit, DraftForm(text=data.text, key=data.key), addressed)
        conversation = queries.with_last_post(visit.db, post_id, viewer_id=visit.account_id)
    return redirects.see(request, f"/messages/{conversation.id}" if conversation else "/messages")


def _with_people(visit: Visit, account_ids: list[int]) -> Conversation | None:
    return conversations.with_people(visit.db, account_ids, viewer_id=visit.account_id, now=visit.now)


def _addressees(visit: Visit, data: NewMessageForm) -> dict[int, str]:
    """Return the names of the chosen people by id, with one that was typed but not chosen.

    Raises NotFound where nobody has the typed name, Invalid where there is nobody.
    """
    loaded = accounts.load(visit.db, data.people_ids)
    names = {account.id: account.username for account in loaded.values() if not account.pending}
    if typed := data.q.strip().removeprefix("@"):
        account = accounts.by_username(visit.db, typed)
        if account is None:
            raise NotFound(_(NOBODY))
        names[account.id] = account.username
    if not names:
        raise Invalid(_(CHOOSE), {"q": [("ERR_BLANK", _(CHOOSE))]})
    return names


def thread_page(
    request: Request,
    data: DraftForm,
    conversation_id: str,
    max_id: str = "",
    min_id: str = "",
    *,
    error: TwiteError | None = None,
) -> Response:
    """Return a conversation's messages, the latest last, with the form for another one."""
    part = paging.page(max_id, min_id, MESSAGES)
    with reading(request) as visit:
        row = _own(visit, conversation_id)
        entries = queries.messages(visit.db, row.conversation_id, part, viewer_id=visit.account_id, now=visit.now)
        messages = view_models.messages(visit, entries)
        people = view_models.people_in(visit, row.last_post_id)
        attachments = composers.attachments(visit, data)
    if row.unread:
        with writing(request) as now_writing:
            conversations.mark(now_writing.db, account_id=now_writing.account_id, id=row.id, unread=False)
    return form_errors.page(
        request,
        "timelines/conversation.html",
        visit,
        values=msgspec.structs.replace(data, key=secret.new() if error is None else data.key),
        error=error,
        conversation=row,
        people=people,
        messages=messages,
        attachments=attachments,
        beside=paging.beside(f"/messages/{row.id}", part, [entry.post_id for entry in entries]),
    )


@get("/messages/{conversation_id:str}", sync_to_thread=True)
def show_one(
    request: Request, conversation_id: FromPath[str], max_id: FromQuery[str] = "", min_id: FromQuery[str] = ""
) -> Response:
    """Show a conversation, which makes it read."""
    return thread_page(request, DraftForm(), conversation_id, max_id, min_id)


@post("/messages/{conversation_id:str}", request_max_body_size=MAX_POST_BYTES, sync_to_thread=True)
def reply(request: Request, data: JSONBody[DraftForm], conversation_id: FromPath[str]) -> Response:
    """Send another message to those who are in a conversation."""
    form = data
    try:
        # Before anything else: what was chosen needn't be chosen again, whatever is wrong with the text.
        form = draft_uploads.kept(request, data)
        with writing(request) as visit:
            row = _own(visit, conversation_id)
            draft_uploads.describe(visit, form)
            _send(visit, form, replies.begin(visit.db, viewer_id=visit.account_id, post_id=row.last_post_id))
    except SHOWN as error:
        return thread_page(request, form, conversation_id, error=error)
    return redirects.see(request, f"/messages/{row.id}")


@post("/messages/{conversation_id:str}/read", sync_to_thread=True)
def read(request: Request, conversation_id: FromPath[str]) -> Response:
    """Mark a conversation as read."""
    return _mark(request, conversation_id, unread=False)


@post("/messages/{conversation_id:str}/unread", sync_to_thread=True)
def unread(request: Request, conversation_id: FromPath[str]) -> Response:
    """Mark a conversation as one to read again."""
    return _mark(request, conversation_id, unread=True)


@post("/messages/{conversation_id:str}/delete", sync_to_thread=True)
def delete(request: Request, conversation_id: FromPath[str]) -> Response:
    """Take a conversation out of the visitor's list; its messages stay with the others."""
    with writing(request) as visit:
        conversations.remove(visit.db, account_id=visit.account_id, id=id_in(conversation_id))
    return redirects.see(request, "/messages", "conversation_deleted")


def _own(visit: Visit, conversation_id: str) -> Conversation:
    row = queries.get(visit.db, id_in(conversation_id), viewer_id=visit.account_id)
    if row is None:
        raise NotFound(_(NO_CONVERSATION))
    return row


def _send(visit: Visit, form: DraftForm, addressed: Draft) -> int:
    """Publish what was typed for those named in a draft, and return the post's id."""
    post_checks.checked(visit.core.settings, Draft(text=form.text), required=not form.media_ids)
    return posts.publish(
        visit.db,
        visit.core.settings,
        now=visit.now,
        author_id=visit.account_id,
        draft=msgspec.structs.replace(
            addressed, text=addressed.text + form.text, visibility="mentioned", media_ids=form.media_ids
        ),
        idempotency_name=f"message {form.key}" if KEY.fullmatch(form.key) else None,
    )


def _mark(request: Request, conversation_id: str, *, unread: bool) -> Response:
    with writing(request) as visit:
        conversations.mark(visit.db, account_id=visit.account_id, id=id_in(conversation_id), unread=unread)
    return redirects.see(request, "/messages")


router = Router("/", route_handlers=[show, show_new, change_new, begin, show_one, reply, read, unread, delete])
