"""Posts: /api/v1/statuses/…"""

from typing import IO, Annotated

import msgspec
from litestar import Response, delete, get, post, route
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import UNSET

from twite_common import post_details
from twite_common.drafts import Draft, Thumbnail
from twite_common.media.stored_files import storing
from twite_common.queries.accounts import accounts as account_queries
from twite_common.queries.posts import contexts, writers
from twite_common.queries.posts import posts as queries
from twite_common.queries.posts.posts import Edit, Post
from twite_common.queries.posts.writers import Writer
from twite_common.services.posts import boosts, post_deletion, post_edits, posts, scheduled_posts
from twite_common.translations import gettext as _
from twite_common.translations import ngettext
from twite_web import uploads
from twite_web.api import paging
from twite_web.api.access import Access, anyone, reading, reading_replica, user, writing
from twite_web.api.account_lists import accounts_page
from twite_web.api.paging import PageRequest, page_request
from twite_web.api.path_params import NOT_FOUND, record_id, record_ids, status
from twite_web.api.posts.drafts import StatusChanges, StatusDraft, changes_of, draft_of
from twite_web.api.posts.scheduled_posts import ScheduledStatus, due, scheduled
from twite_web.api.posts.unexpected_mentions import named_in_failures
from twite_web.api.schemas import timestamp
from twite_web.api.schemas.accounts import Account
from twite_web.api.schemas.posts import (
    Context,
    DeletedStatus,
    EditedPoll,
    Status,
    StatusEdit,
    StatusSource,
    StatusWriter,
)
from twite_web.api.serializers import accounts as account_serializers
from twite_web.api.serializers import post_parts
from twite_web.api.serializers import posts as post_serializers
from twite_web.core import Core, core
from twite_web.errors import Failure
from twite_web.middleware.bodies import MAX_WITH_PICTURE_BYTES
from twite_web.routing import Router
from twite_web.types import Request

MAX_IDS = 20
STRANGERS_CONTEXT = {"above": 40, "below": 60, "depth": 20}
PEOPLES_CONTEXT = {"above": 500, "below": 1000, "depth": 1000}
Ids = Annotated[list[str] | None, QueryParameter(name="id", description="Ids of posts, as `id[]`.")]


class Deletion(msgspec.Struct):
    """How a post is to be deleted."""

    delete_media: bool = False


@post("/", status_code=200, opt=user("write:statuses"), sync_to_thread=True)
def publish(request: Request, data: JSONBody[StatusDraft]) -> Response[Status | ScheduledStatus]:
    """Publish or schedule a post.

    With the header Idempotency-Key, repeating the request within an hour doesn't create a second post.
    """
    draft = draft_of(data)
    key = request.headers.get("idempotency-key")
    if data.scheduled_at:
        return Response(_scheduled(request, draft, due(data.scheduled_at), key))
    with writing(request) as access, named_in_failures(access):
        post_id = posts.publish(
            access.db,
            access.core.settings,
            now=access.now,
            author_id=access.account_id,
            draft=draft,
            application_id=access.token.application_id if access.token else None,
            idempotency_name=key,
        )
    with access.reading() as access:
        return Response(status(access, post_id))


@get("/", opt=anyone("read:statuses"), sync_to_thread=True)
def several(request: Request, id: Ids = None) -> list[Status]:
    """Return posts by their ids; those that the viewer can't see are left out."""
    post_ids = record_ids(id or [])
    if len(post_ids) > MAX_IDS:
        raise Failure(
            422,
            ngettext(
                "Too many posts: %(count)s can be requested at once.",
                "Too many posts: %(count)s can be requested at once.",
                MAX_IDS,
            ),
        )
    with reading(request) as access:
        return post_serializers.statuses(access, post_ids)


@get("/{status_id:str}", opt=anyone("read:statuses"), sync_to_thread=True)
def one(request: Request, status_id: FromPath[str]) -> Status:
    """Return a post; to whoever acts for its author, with `written_by` where a member wrote it."""
    with reading(request) as access:
        return _with_writer(access, status(access, record_id(status_id)))


@delete("/{status_id:str}", status_code=200, opt=user("write:statuses"), sync_to_thread=True)
def remove(request: Request, status_id: FromPath[str], data: JSONBody[Deletion]) -> DeletedStatus:
    """Delete one of the user's posts or boosts, and return it with its source text, for redrafting.

    Its attachments can be reused in another post for a day, unless `delete_media` deletes them.
    """
    post_id = record_id(status_id)
    with writing(request) as access:
        # Read before it is deleted, for nobody can read it afterwards.
        entity = status(access, post_id)
        post = queries.get(access.db, post_id, viewer_id=access.account_id)
        if entity.reblog and entity.account.id == str(access.account_id):
            boosts.unboost_post(access.db, now=access.now, account_id=access.account_id, post_id=post_id)
        else:
            post_deletion.delete_own(
                access.db,
                now=access.now,
                author_id=access.account_id,
                post_id=post_id,
                with_media=data.delete_media,
            )
    values = msgspec.structs.asdict(entity)
    del values["content"]
    return DeletedStatus(**values, text=post.text if post else "")


@route(
    "/{status_id:str}",
    http_method=["PUT", "PATCH"],
    opt=user("write:statuses"),
    request_max_body_size=MAX_WITH_PICTURE_BYTES,
    sync_to_thread=True,
)
def edit(request: Request, status_id: FromPath[str], data: JSONBody[StatusChanges]) -> Status:
    """Edit one of the user's posts; the earlier version is kept."""
    post_id, equipment = record_id(status_id), core(request)
    upload = _thumbnails_for(request, post_id, data)
    with storing(equipment.database, equipment.settings) as files:
        thumbnails: dict[int, Thumbnail] = {}
        if upload is not None:
            account_id, contents = upload
            thumbnails = {id: uploads.store_thumbnail(files, content, account_id) for id, content in contents.items()}
        with writing(request) as access:
            post = _seen(access, post_id)
            post_edits.edit(
                access.db,
                access.core.settings,
                now=access.now,
                author_id=access.account_id,
                post_id=post_id,
                draft=changes_of(data, post, thumbnails),
            )
    with access.reading() as access:
        return status(access, post_id)


def _thumbnails_for(request: Request, post_id: int, data: StatusChanges) -> tuple[int, dict[int, IO[bytes]]] | None:
    """Return who sent small pictures for a post's attachments, and these by their ids; None where none was sent.

    Raises what the change is refused for.
    """
    contents = {
        record_id(parameters.id): uploads.thumbnail_in(parameters.thumbnail)
        for parameters in data.media_attributes or []
    }
    thumbnails = {id: content for id, content in contents.items() if content is not None}
    if not thumbnails:
        return None
    with reading(request) as access:
        draft = changes_of(data, _seen(access, post_id), {})
        settings = access.core.settings
        attachment_ids = post_edits.check(
            access.db, settings, author_id=access.account_id, post_id=post_id, draft=draft
        )
        kept_thumbnails = {id: content for id, content in thumbnails.items() if id in attachment_ids}
        uploads.count(request, access.account_id, len(kept_thumbnails), access.now)
    return access.account_id, kept_thumbnails


@get("/{status_id:str}/context", opt=anyone("read:statuses"), sync_to_thread=True)
def context(request: Request, status_id: FromPath[str]) -> Context:
    """Return the posts above and below a post in its thread."""
    post_id = record_id(status_id)
    with reading_replica(request) as access:
        _seen(access, post_id)
        limits = PEOPLES_CONTEXT if access.viewer else STRANGERS_CONTEXT
        thread = contexts.context(access.db, post_id, viewer_id=access.viewer_id, now=access.now, **limits)
        statuses = {
            status.id: status for status in post_serializers.statuses_of(access, [*thread.above, *thread.below])
        }
    return Context(
        ancestors=[statuses[str(entry.post_id)] for entry in thread.above if str(entry.post_id) in statuses],
        descendants=[statuses[str(entry.post_id)] for entry in thread.below if str(entry.post_id) in statuses],
    )


@get("/{status_id:str}/history", opt=anyone("read:statuses"), sync_to_thread=True)
def history(request: Request, status_id: FromPath[str]) -> list[StatusEdit]:
    """Return the versions of a post, the oldest first; to whoever acts for its author, with who wrote them.

    If a post was edited very often, only the first and the latest versions are kept.
    """
    with reading(request) as access:
        post = _seen(access, record_id(status_id))
        edits = queries.edits(access.db, post.id)
        own = access.viewer_id == post.account_id
        by = writers.of_versions(access.db, post.id, viewer_id=post.account_id) if own else {}
        author = account_serializers.accounts(access, [post.account_id])[post.account_id]
    present = post_edits.present(post)
    pages = access.core.texts.pages(post_details.decode(post.details).mentions)
    return [_version(access.core, edit, author, pages, by.get(edit.written_at)) for edit in [*edits, present]]


@get("/{status_id:str}/source", opt=user("read:statuses"), sync_to_thread=True)
def source(request: Request, status_id: FromPath[str]) -> StatusSource:
    """Return a post as its author wrote it."""
    with reading(request) as access:
        post = _seen(access, record_id(status_id))
    return StatusSource(
        id=str(post.id),
        text=post.text,
        spoiler_text=post.spoiler_text,
        reply_policy=post.reply_policy,
        expires_at=timestamp(post.expires_at) if post.expires_at is not None else None,
    )


@get("/{status_id:str}/reblogged_by", opt=anyone("read:statuses"), sync_to_thread=True)
def reblogged_by(
    request: Request, status_id: FromPath[str], page_request: NamedDependency[PageRequest]
) -> Response[list[Account]]:
    """Return who boosted a post."""
    page = page_request.page(paging.ACCOUNTS)
    with reading(request) as access:
        post = _seen(access, record_id(status_id))
        listed = account_queries.boosted_by(access.db, post.id, page, viewer_id=access.viewer_id)
        return accounts_page(request, access, listed, page.limit)


@get("/{status_id:str}/favourited_by", opt=anyone("read:statuses"), sync_to_thread=True)
def favourited_by(
    request: Request, status_id: FromPath[str], page_request: NamedDependency[PageRequest]
) -> Response[list[Account]]:
    """Return who favourited a post."""
    page = page_request.page(paging.ACCOUNTS)
    with reading(request) as access:
        post = _seen(access, record_id(status_id))
        listed = account_queries.favourited_by(access.db, post.id, page, viewer_id=access.viewer_id)
        return accounts_page(request, access, listed, page.limit)


def _with_writer(access: Access, entity: Status) -> Status:
    """Return a post of the viewer's own with who wrote it, where that was a member; any other as it is."""
    if access.viewer_id is None or entity.account.id != str(access.viewer_id):
        return entity
    writer = writers.of_posts(access.db, [int(entity.id)], viewer_id=access.viewer_id).get(int(entity.id))
    if writer is None:
        return entity
    return msgspec.structs.replace(entity, written_by=_writer(writer))


def _seen(access: Access, post_id: int) -> Post:
    post = queries.get(access.db, post_id, viewer_id=access.viewer_id)
    if post is None:
        raise Failure(404, _(NOT_FOUND))
    return post


def _scheduled(request: Request, draft: Draft, due_at: int, key: str | None) -> ScheduledStatus:
    with writing(request) as access:
        id = scheduled_posts.schedule(
            access.db,
            access.core.settings,
            now=access.now,
            account_id=access.account_id,
            draft=draft,
            due_at=due_at,
            application_id=access.token.application_id if access.token else None,
            idempotency_name=key,
        )
    with access.reading() as access:
        return scheduled(access, id)


def _version(core: Core, edit: Edit, author: Account, pages: dict[str, str], by: Writer | None) -> StatusEdit:
    version = post_edits.version_of(edit.details)
    poll = EditedPoll(options=[{"title": title} for title in version.poll]) if version.poll else UNSET
    return StatusEdit(
        content=core.texts.html(edit.text, pages),
        spoiler_text=edit.spoiler_text,
        sensitive=edit.sensitive,
        created_at=timestamp(edit.written_at),
        account=author,
        media_attachments=[post_parts.media_attachment(core.addresses, attachment) for attachment in version.media],
        emojis=[post_parts.emoji(core.addresses, emoji) for emoji in version.emojis],
        poll=poll,
        written_by=_writer(by) if by is not None else UNSET,
    )


def _writer(writer: Writer) -> StatusWriter:
    return StatusWriter(id=str(writer.account_id), acct=writer.username)


router = Router(
    "/statuses",
    route_handlers=[
        publish,
        several,
        one,
        remove,
        edit,
        context,
        history,
        source,
        reblogged_by,
        favourited_by,
    ],
    dependencies={"page_request": Provide(page_request, sync_to_thread=False)},
    tags=["statuses"],
)
