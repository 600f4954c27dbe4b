"""Nobody hears in a stream of a post that the oracle denies them, and everybody hears of what the streams are for.

All that happened while the posts were written is told once more to everybody, as they stand to the authors now.
"""

import json
from contextlib import ExitStack

import msgspec
import pytest

from post_visibility.oracle import (
    FOLLOWING,
    PEOPLE,
    WIDE,
    found_in,
    is_at_home,
    is_listed,
    is_public,
    is_shown,
    is_tagged,
    may,
)
from post_visibility.world import TAG
from twite_common import clock, outbox
from twite_common.queries.timelines.stream_events import Reader
from twite_common.services.timelines import timelines
from twite_web.core import make
from twite_web.streaming import channels
from twite_web.streaming.serializers import Listening, Told, prepare

LISTENERS = [name for name in PEOPLE if name != "expelled"]
"""Who may listen: the connections of those who are suspended end."""


def _is_last_said(viewer, post):
    """Say whether a post for those named is what a viewer's conversation shows; the warned ones answer the plain."""
    last = post.visibility == "mentioned" and post.shape != "plain"
    return is_shown(viewer, post) and last and (viewer == "bob" or post.shape == "naming")


def _is_told(viewer, post):
    """Say whether a viewer was told of a post, or of what others did with it, and may still see it.

    Mentions that only few can read are kept aside, as long as their readers don't follow the author.
    """
    by_name = {
        "mentioned": post.shape == "naming" and post.visibility != "mentioned",
        "former": post.visibility in WIDE,
        "follower": post.visibility != "mentioned",
        "mutual": post.visibility != "mentioned",
        "bob": post.author == "bob" and (post.visibility != "mentioned" or post.shape == "poll"),
    }
    return is_shown(viewer, post) and by_name.get(viewer, False)


HEARD = {
    channels.USER: is_at_home,
    channels.NOTIFICATION: _is_told,
    channels.LIST: is_listed,
    channels.DIRECT: _is_last_said,
    channels.PUBLIC: is_public,
    channels.LOCAL: is_public,
    channels.HASHTAG: is_tagged,
    channels.HASHTAG_LOCAL: is_tagged,
}
"""Whose texts are heard in each stream, of those that carry all of something."""


WAYS = {"at once": {}, "in chunks": {"fanout_at_once": 1}, "merged": {"fanout_limit": 0}}
"""How posts come into home timelines, and the settings for it."""
MAX_COUNT = 10_000
LAST = "that is all"
KINDS = {"post.published", "post.edited", "notifications.created", "conversation.changed"}
"""Kinds of events of which posts are told."""


@pytest.fixture
def settings(request, settings):
    """Settings with the changes of a test's parameter."""
    return msgspec.structs.replace(settings, **getattr(request, "param", {}))


@pytest.fixture
def told(world, database, settings):
    """Return what is told: its event's kind, its stream, the listeners' names, and the text."""
    ids = {world.people[name].id: name for name in LISTENERS}
    owners = {id: name for name, id in world.lists.items() if name in LISTENERS}
    hashtags = [TAG, *[f"{post.word}tag" for post in world.posts if post.shape == "plain"]]
    listened = {(stream, id) for stream in channels.PERSONAL for id in ids}
    listened |= {(channels.LIST, id) for id in owners} | {(stream, "") for stream in channels.PUBLIC_POSTS}
    listened |= {(stream, tag) for stream in (channels.HASHTAG, channels.HASHTAG_LOCAL) for tag in hashtags}
    listening, core, remembered = Listening(frozenset(ids), frozenset(listened)), make(settings, database), Told()
    reader = Reader()

    def names(channel, only):
        stream, of = channel
        if stream == channels.LIST:
            return {owners[of]}
        return {ids[of]} if stream in channels.PERSONAL else {ids[id] for id in (ids if only is None else only)}

    def tell():
        with database.reading() as db:
            happened = reader.read(db, now=clock.now(), limit=MAX_COUNT)
            return [
                (one.kind, channel, names(channel, message.only), message.frame(()))
                for one in happened
                for message in prepare(core, db, one, listening, remembered, now=clock.now())
                for channel in message.channels
                if channel in listened
            ]

    at_once = tell()
    _deliver_the_rest(database, settings)
    return at_once + tell()


def _deliver_the_rest(database, settings):
    """Put posts into the home timelines that they come into later, as tasks do."""
    with database.writing() as db:
        while chunks := [one for one in outbox.pending(db) if one.kind == "post.deliver"]:
            for one in chunks:
                outbox.take(db, one.id)
                timelines.deliver_chunk(db, settings, now=clock.now(), **one.details())


@pytest.mark.parametrize("settings", WAYS.values(), ids=WAYS, indirect=True)
def test_nobody_hears_of_what_the_oracle_denies(world, told, settings):
    wrong = {
        (kind, stream, name, word)
        for kind, (stream, _), names, text in told
        for word in found_in(text, world.posts)
        for name in names
        if not any(word in post.words and may(name, post) for post in world.posts)
    }

    assert sorted(wrong) == []
    later = {"post.delivered"} if settings.fanout_at_once == 1 else set()
    assert {kind for kind, _, _, text in told if found_in(text, world.posts)} == KINDS | later


def test_everybody_hears_of_what_a_stream_is_for(world, told):
    heard = {(stream, name): set() for stream in HEARD for name in LISTENERS}
    for kind, (stream, _), names, text in told:
        if kind != "post.edited" and stream in HEARD:
            for name in names:
                heard[stream, name] |= found_in(text, world.posts)
    wrong = {}
    for (stream, name), words in heard.items():
        texts = {post.word + "text": post for post in world.posts}
        expected = {word for word, post in texts.items() if HEARD[stream](name, post)}
        if words & texts.keys() != expected:
            wrong[stream, name] = sorted((words & texts.keys()) ^ expected)

    assert wrong == {}


def test_open_connections_hear_of_what_the_oracle_allows(world, viewers, client, make_post):
    made = [post for post in world.posts if post.shape == "naming"]
    with ExitStack() as open_sockets:
        sockets = {name: open_sockets.enter_context(_connected(client, viewers[name])) for name in LISTENERS}
        for name, socket in sockets.items():
            _subscribe(socket, {"list": str(world.lists[name])} if name in world.lists else {})
        for post in made:
            make_post(
                world.people["bob"], f"{post.word}text #{TAG} @mentioned @late @blocked", visibility=post.visibility
            )
        make_post(world.people["booster"], LAST)
        heard = {name: _heard(socket, made) for name, socket in sockets.items()}

    assert heard == {
        name: {
            post.word + "text" for post in made if may(name, post) and (_is_concerned(name) or is_public(name, post))
        }
        for name in LISTENERS
    }


def _is_concerned(name):
    return name in FOLLOWING or name in {"mentioned", "bob"}


def _connected(client, viewer):
    return client.websocket_connect(f"/api/v1/streaming?access_token={viewer.token}")


def _subscribe(socket, parameters):
    """Subscribe to every stream, and wait until that is done."""
    for stream in ("user", "direct", "public", "public:local", "hashtag", *(["list"] if parameters else [])):
        socket.send_json({"type": "subscribe", "stream": stream, "tag": TAG, **parameters})
    socket.send_json({"type": "subscribe", "stream": "nothing"})
    assert "error" in socket.receive_json(timeout=10)


def _heard(socket, made):
    """Return the words that are heard before the last post."""
    heard = set()
    while LAST not in (text := json.dumps(socket.receive_json(timeout=10))):
        heard |= found_in(text, made)
    return heard
