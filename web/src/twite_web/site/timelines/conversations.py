"""Conversations: the visitor's messages, as an inbox of threads."""

import msgspec
from litestar import Router, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common import secret
from twite_common.drafts import Draft
from twite_common.errors import NotFound, TwiteError
from twite_common.queries.accounts import accounts
from twite_common.queries.timelines import conversations as queries
from twite_common.queries.timelines.conversations import Conversation
from twite_common.services.posts import post_checks, posts, replies
from twite_common.services.timelines import conversations
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.site import form_errors, paging, redirects, templating
from twite_web.site.access import Visit, id_in, reading, writing
from twite_web.site.draft_uploads import KEY
from twite_web.site.form_errors import shown_again
from twite_web.site.view_models import accounts as account_view_models
from twite_web.site.view_models import conversations as view_models
from twite_web.types import Request, Response

MESSAGES = 40
"""Messages on a page."""
NO_CONVERSATION = marked("There is no such conversation.")
NOBODY = marked("There is nobody here with this name.")


class MessageForm(msgspec.Struct, frozen=True, kw_only=True):
    """A message as it is typed; `key` is the form's own, so that sending it twice makes one message."""

    text: str = ""
    key: str = ""


class NewMessageForm(MessageForm, frozen=True, kw_only=True):
    """The first message of a conversation, and the name of whom it is for."""

    to: str = ""


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
    """Return the form for the first message to somebody."""
    with reading(request) as visit:
        visit.require_login()
        account = accounts.by_username(visit.db, data.to.removeprefix("@")) if data.to else None
        return form_errors.page(
            request,
            "timelines/new_conversation.html",
            visit,
            values=msgspec.structs.replace(data, key=data.key or secret.new()),
            error=error,
            person=account_view_models.account(visit, account) if account else None,
        )


@get("/messages/new", sync_to_thread=True)
def show_new(request: Request, to: FromQuery[str] = "") -> Response:
    """Show the form for the first message to somebody."""
    return new_page(request, NewMessageForm(to=to))


@post("/messages", sync_to_thread=True)
@shown_again(new_page, NotFound)
def begin(request: Request, data: JSONBody[NewMessageForm]) -> Response:
    """Send the first message of a conversation."""
    with writing(request) as visit:
        account = accounts.by_username(visit.db, data.to.strip().removeprefix("@"))
        if account is None:
            raise NotFound(_(NOBODY))
        post_id = _send(visit, data, Draft(text=f"@{account.username} ", visibility="mentioned"))
        conversation = queries.with_last_post(visit.db, post_id, viewer_id=visit.account_id)
    return redirects.see(request, f"/messages/{conversation.id}#latest" if conversation else "/messages", "sent")


def thread_page(
    request: Request,
    data: MessageForm,
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
        messages = view_models.messages(visit, entries)[::-1]
        people = view_models.people_in(visit, row.last_post_id)
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
        beside=paging.beside(f"/messages/{row.id}", part, [entry.post_id for entry in entries]),
    )


@get("/messages/{conversation_id:str}", sync_to_thread=True)
def show_one(
    request: Request, conversation_id: FromPath[str], max_id: FromQuery[str] = "", min_id: FromQuery[str] = ""
) -> Response:
    """Show a conversation, which makes it read."""
    return thread_page(request, MessageForm(), conversation_id, max_id, min_id)


@post("/messages/{conversation_id:str}", sync_to_thread=True)
@shown_again(thread_page)
def reply(request: Request, data: JSONBody[MessageForm], conversation_id: FromPath[str]) -> Response:
    """Send another message to those who are in a conversation."""
    with writing(request) as visit:
        row = _own(visit, conversation_id)
        _send(visit, data, replies.begin(visit.db, viewer_id=visit.account_id, post_id=row.last_post_id))
    return redirects.see(request, f"/messages/{row.id}#latest")


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


def _send(visit: Visit, data: MessageForm, addressed: Draft) -> int:
    """Publish what was typed for those named in a draft, and return the post's id."""
    post_checks.checked(visit.core.settings, Draft(text=data.text), required=True)
    return posts.publish(
        visit.db,
        visit.core.settings,
        now=visit.now,
        author_id=visit.account_id,
        draft=msgspec.structs.replace(addressed, text=addressed.text + data.text, visibility="mentioned"),
        idempotency_name=f"message {data.key}" if KEY.fullmatch(data.key) else None,
    )


def _mark(request: Request, conversation_id: str, *, unread: bool) -> Response:
    with writing(request) as visit:
        conversations.mark(visit.db, account_id=visit.account_id, id=id_in(conversation_id), unread=unread)
    return redirects.see(request, "/messages")


router = Router("/", route_handlers=[show, show_new, begin, show_one, reply, read, unread, delete])
