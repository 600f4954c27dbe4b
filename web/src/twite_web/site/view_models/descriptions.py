"""What pages say of themselves to search engines, and to sites on which somebody links to them."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from markupsafe import Markup

from twite_common import text
from twite_common.media import pictures
from twite_common.queries.moderation.site_pictures import SitePicture
from twite_web.middleware import conditional
from twite_web.site.access import Visit
from twite_web.site.view_models import posts as post_view_models
from twite_web.site.view_models import times
from twite_web.site.view_models.accounts import AccountView
from twite_web.site.view_models.posts import PostView

EXCERPT_CHARACTERS = 200
CARD_CHARACTERS = 320
"""Of the text in the picture of a post."""
_IN_SCRIPT = str.maketrans({"<": r"\u003c", ">": r"\u003e", "&": r"\u0026", "\u2028": r"\u2028", "\u2029": r"\u2029"})


class Shared(msgspec.Struct, frozen=True):
    """A picture that others show with a link to a page, at its whole address; `wide` is one to be shown large.

    Sizes are in pixels, 0 where they aren't known.
    """

    address: str
    alt: str
    width: int = 0
    height: int = 0
    wide: bool = False


class Description(msgspec.Struct, frozen=True):
    """What a page says of itself. `kind` is its type in Open Graph, `data` what it is as JSON-LD (schema.org).

    `published` and `modified` are times as ISO 8601 writes them, or empty.
    """

    kind: str
    title: str
    text: str
    url: str
    picture: Shared
    noindex: bool
    data: Markup
    published: str = ""
    modified: str = ""


class Letters(msgspec.Struct, frozen=True):
    """What is written in the picture of a post, and the path of its author's picture."""

    name: str
    handle: str
    text: str
    site: str
    avatar: str


def of_post(visit: Visit, post: PostView) -> Description:
    """Return what the page of a post says of itself."""
    author, address = post.author, visit.core.addresses.post(post.author.username, post.id)
    excerpt = post_view_models.excerpt(post, EXCERPT_CHARACTERS)
    told = post.for_everybody and not author.noindex
    return Description(
        kind="article",
        title=f"{author.name} (@{author.username})",
        text=excerpt,
        url=address,
        picture=_picture_of(visit, post),
        noindex=author.noindex,
        data=_json_ld(_post_data(visit, post, excerpt, address)) if told else Markup(),
        published=times.iso(post.created_at),
        modified=times.iso(post.edited_at) if post.edited_at else "",
    )


def of_account(visit: Visit, account: AccountView, bio: str) -> Description:
    """Return what the page of an account says of itself; `bio` is the text that its owner wrote."""
    address, excerpt = visit.core.addresses.profile(account.username), text.plain_excerpt(bio, EXCERPT_CHARACTERS)
    person = _person(visit, account) | {
        "identifier": account.username,
        "description": excerpt,
        "agentInteractionStatistic": _counted("WriteAction", account.posts_count),
        "interactionStatistic": _counted("FollowAction", account.followers_count),
    }
    data = {
        "@context": "https://schema.org",
        "@type": "ProfilePage",
        "url": address,
        "dateCreated": times.iso(account.created_at),
        "mainEntity": person,
    }
    return Description(
        kind="profile",
        title=f"{account.name} (@{account.username})",
        text=excerpt,
        url=address,
        picture=_avatar(visit, account),
        noindex=account.noindex,
        data=Markup() if account.noindex else _json_ld(data),
    )


def of_site(visit: Visit, picture: SitePicture | None) -> Description:
    """Return what the site's first page says of the site; `picture` is its own, if it has one."""
    settings, base = visit.core.settings, visit.core.addresses.base
    data = {
        "@context": "https://schema.org",
        "@type": "WebSite",
        "name": settings.site_name,
        "description": settings.site_description,
        "url": f"{base}/",
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": f"{base}/search?q={{query}}"},
            "query-input": "required name=query",
        },
    }
    return Description(
        kind="website",
        title=settings.site_name,
        text=settings.site_description,
        url=f"{base}/",
        picture=_picture_of_site(visit, picture),
        noindex=False,
        data=_json_ld(data),
    )


def letters(visit: Visit, post: PostView) -> Letters:
    """Return what is written in the picture of a post."""
    settings, author = visit.core.settings, post.author
    return Letters(
        name=text.visible(author.name),
        handle=f"@{author.username}@{settings.domain}",
        text=text.visible(post_view_models.excerpt(post, CARD_CHARACTERS)),
        site=settings.site_name,
        avatar=author.avatar,
    )


def tag_of(letters: Letters) -> str:
    """Return the entity tag of the picture of a post."""
    return conditional.tag("share card", letters)


def _picture_of(visit: Visit, post: PostView) -> Shared:
    """Return the picture of a post that is for everybody, at an address that changes with it; else of its author."""
    if not post.for_everybody:
        return _avatar(visit, post.author)
    drawn = letters(visit, post)
    address = visit.core.addresses.share_card(post.author.username, post.id, tag_of(drawn)[3:-1])
    width, height = pictures.SHARE_CARD
    return Shared(address, f"{post.author.name}: {drawn.text}", width, height, wide=True)


def _picture_of_site(visit: Visit, picture: SitePicture | None) -> Shared:
    name, addresses = visit.core.settings.site_name, visit.core.addresses
    if picture is None:
        return Shared(f"{addresses.base}/static/icon.png", name)
    return Shared(addresses.media(picture.picture), picture.description or name, *pictures.SHARE_CARD, wide=True)


def _avatar(visit: Visit, account: AccountView) -> Shared:
    return Shared(visit.core.addresses.absolute(account.avatar), account.name, *pictures.AVATAR)


def _post_data(visit: Visit, post: PostView, excerpt: str, address: str) -> dict[str, Any]:
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "SocialMediaPosting",
        "@id": address,
        "url": address,
        "mainEntityOfPage": address,
        "headline": text.plain_excerpt(excerpt, 80),
        "text": excerpt,
        "datePublished": times.iso(post.created_at),
        "author": _person(visit, post.author),
        "image": _picture_of(visit, post).address,
        "commentCount": post.replies_count,
        "interactionStatistic": [
            _counted("LikeAction", post.favourites_count),
            _counted("ShareAction", post.boosts_count),
            _counted("CommentAction", post.replies_count),
        ],
    }
    if post.edited_at:
        data["dateModified"] = times.iso(post.edited_at)
    if post.language:
        data["inLanguage"] = post.language
    return data


def _person(visit: Visit, account: AccountView) -> dict[str, Any]:
    return {
        "@type": "Person",
        "name": account.name,
        "alternateName": f"@{account.username}@{visit.core.settings.domain}",
        "url": visit.core.addresses.profile(account.username),
        "image": visit.core.addresses.absolute(account.avatar),
    }


def _counted(action: str, number: int) -> dict[str, Any]:
    return {
        "@type": "InteractionCounter",
        "interactionType": f"https://schema.org/{action}",
        "userInteractionCount": number,
    }


def _json_ld(data: Mapping[str, Any] | Sequence[Any]) -> Markup:
    """Return JSON that can stand in a script element: nothing in it ends that."""
    return Markup(msgspec.json.encode(data).decode().translate(_IN_SCRIPT))  # noqa: S704 - escaped as JSON
