"""How applications connect, what they may ask for, and when they are cut off."""

import asyncio
import threading

import msgspec
import pytest
from litestar.exceptions import WebSocketDisconnect
from sqlalchemy import update

from support.site_under_test import wait_for
from twite_common import clock
from twite_common.errors import Unavailable
from twite_common.queries.timelines.stream_events import Reader
from twite_common.services.accounts import accounts
from twite_common.services.identity import tokens
from twite_common.tables import credentials
from twite_web.streaming import connection_limits, hub, serializers
from twite_web.streaming.connection_limits import FULL, TOO_MANY_OF_ACCOUNT, TOO_MANY_OF_ADDRESS
from twite_web.streaming.hub import MAX_QUEUE_LENGTH, Listener
from twite_web.streaming.messages import Message

ADDRESS = "/api/v1/streaming"
SECONDS = 10.0


@pytest.mark.parametrize("way", ["query", "header", "protocol"])
def test_a_token_may_come_in_three_ways(client, make_token, ann, way):
    token = make_token(ann)
    session = {
        "query": lambda: client.websocket_connect(f"{ADDRESS}?access_token={token}"),
        "header": lambda: client.websocket_connect(ADDRESS, headers={"Authorization": f"Bearer {token}"}),
        "protocol": lambda: client.websocket_connect(ADDRESS, subprotocols=[token]),
    }[way]()
    with session as opened:
        opened.send_json({"type": "subscribe", "stream": "nothing"})

        assert opened.receive_json(timeout=10) == {"error": "Unknown stream type", "status": 400}
        assert opened.accepted_subprotocol == (token if way == "protocol" else "")


@pytest.mark.parametrize(
    ("token", "status", "sentence"),
    [(None, 401, "Missing access token"), ("forged", 401, "Invalid access token")],
)
def test_events_need_a_token_that_works(client, token, status, sentence):
    answer = client.get(f"{ADDRESS}/user", headers={"Authorization": f"Bearer {token}"} if token else {})

    assert (answer.status_code, answer.json()) == (status, {"error": sentence})


@pytest.mark.parametrize(
    ("path", "scopes", "status"),
    [
        ("/user", "write", 401),
        ("/user/notification", "read:statuses", 401),
        ("/public", "read:notifications", 401),
        ("/hashtag", "read", 400),
        ("/list?list=1", "read", 404),
        ("/list?list=x%00", "read", 404),
        ("/nothing", "read", 404),
        ("", "read", 404),
    ],
)
def test_what_cannot_be_heard_is_refused(client, make_token, ann, path, scopes, status):
    answer = client.get(f"{ADDRESS}{path}", headers={"Authorization": f"Bearer {make_token(ann, scopes)}"})

    assert answer.status_code == status
    assert answer.json()["error"]


def test_the_health_of_streaming_can_be_asked(client):
    answer = client.get(f"{ADDRESS}/health")

    assert (answer.status_code, answer.text) == (200, "OK")


def test_one_socket_carries_many_streams_until_they_are_left(listen, ann, bob, make_post):
    listening = listen(ann, "public")
    listening.ask("subscribe", "hashtag", tag="birds")
    listening.ask("subscribe", "hashtag", tag="birds")
    listening.ask("subscribe", "nothing")
    listening.session.receive_json(timeout=10)
    first = make_post(bob, "#birds")
    heard = {(*listening.hear()[0], ""), (*listening.hear()[0], "")}
    listening.ask("unsubscribe", "hashtag", tag="birds")
    listening.ask("subscribe", "nothing")
    listening.session.receive_json(timeout=10)
    make_post(bob, "more #birds", in_reply_to_id=first)
    make_post(ann, "an answer with #birds", in_reply_to_id=first)
    last = make_post(bob, "last")

    assert heard == {("public", ""), ("hashtag", "birds", "")}
    assert [event for event in listening.hear_until(last) if event[0] == "hashtag"] == []


def test_what_is_no_request_is_passed_over(listen, ann):
    listening = listen(ann)
    for text in ("", "{", "[]", "null", "{}", '{"type": 5}', '{"type": "dance"}', '{"type": {"a": []}}'):
        listening.session.send_text(text)
    listening.ask("subscribe", "nothing")

    assert listening.session.receive_json(timeout=10)["error"] == "Unknown stream type"


def test_bytes_end_a_socket(listen, ann):
    listening = listen(ann, "user")
    listening.session.send_bytes(b"\x00")

    with pytest.raises(WebSocketDisconnect) as closed:
        listening.session.receive_json(timeout=10)
    assert closed.value.code == 1003


@pytest.mark.parametrize("how", ["revoked", "suspended", "disabled"])
def test_a_socket_ends_with_the_right_to_it(listen, database, ann, how):
    listening = listen(ann, "user")
    with database.writing() as db:
        if how == "revoked":
            tokens.revoke_all(db, now=clock.now(), account_id=ann.id)
        elif how == "suspended":
            accounts.suspend(db, now=clock.now(), account_id=ann.id)
        else:
            db.execute(update(credentials).where(credentials.c.account_id == ann.id).values(disabled_at=clock.now()))

    with pytest.raises(WebSocketDisconnect):
        listening.session.receive_json(timeout=10)


def test_sockets_are_for_the_sites_own_names(client, make_token, ann):
    session = client.websocket_connect(f"{ADDRESS}?access_token={make_token(ann)}", headers={"Host": "evil.example"})

    with pytest.raises(WebSocketDisconnect), session:
        pass


def test_whoever_reads_too_slowly_is_cut_off():
    async def fill():
        listener = Listener(1, token_id=1)
        for _ in range(MAX_QUEUE_LENGTH):
            listener.put(Message("delete", "1", []), ("user",))
        before = listener.ended.is_set()
        listener.put(Message("delete", "2", []), ("user",))
        return before, listener.ended.is_set()

    assert asyncio.run(fill()) == (False, True)


def test_what_the_database_could_not_tell_is_heard_when_it_can_again(listen, ann, make_post, monkeypatch):
    answers = iter([Unavailable("The database can't be reached."), None])

    def prepare(*given, **named):
        if failure := next(answers, None):
            raise failure
        return serializers.prepare(*given, **named)

    monkeypatch.setattr(hub, "prepare", prepare)
    monkeypatch.setattr(hub, "AGAIN_SECONDS", 0.01)
    listening = listen(ann, "user")
    id = make_post(ann)

    assert listening.hear()[2]["id"] == str(id)


def test_who_subscribes_while_news_is_being_read_misses_nothing(listen, ann, bob, make_post, monkeypatch):
    reading, subscribed = threading.Event(), threading.Event()
    read = Reader.read

    def read_slowly(self, *given, **named):
        reading.set()
        subscribed.wait(SECONDS)
        return read(self, *given, **named)

    listen(ann, "user")
    monkeypatch.setattr(Reader, "read", read_slowly)
    first = make_post(ann)
    assert reading.wait(SECONDS)
    listening = listen(bob, "public")
    id = make_post(ann)
    subscribed.set()

    assert listening.hear_until(id) == [("public", "update", first)]


def test_what_is_read_in_vain_does_not_end_the_streams(listen, ann, make_post, monkeypatch):
    failures = iter([RuntimeError("Nobody thought of this."), None])
    read = Reader.read

    def fail_once(self, *given, **named):
        if failure := next(failures, None):
            raise failure
        return read(self, *given, **named)

    monkeypatch.setattr(Reader, "read", fail_once)
    monkeypatch.setattr(hub, "AGAIN_SECONDS", 0.01)
    listening = listen(ann, "user")
    id = make_post(ann)

    assert listening.hear()[2]["id"] == str(id)


@pytest.mark.faults
class TestPlaces:
    """How many may listen at once."""

    @pytest.fixture
    def settings(self, settings):
        return msgspec.structs.replace(settings, limit_streams_account=2, limit_streams_address=3)

    def refused(self, client, token):
        answer = client.get(f"{ADDRESS}/user", headers={"Authorization": f"Bearer {token}"})
        return answer.status_code, answer.json()["error"]

    def is_heard(self, client, token):
        try:
            with client.websocket_connect(f"{ADDRESS}?access_token={token}"):
                return True
        except WebSocketDisconnect:
            return False

    def test_an_account_has_so_many(self, client, listen, make_token, ann, bob):
        token = make_token(ann)
        listen(ann, "user")
        with client.websocket_connect(f"{ADDRESS}?access_token={token}"):
            assert self.refused(client, token) == (429, TOO_MANY_OF_ACCOUNT)
        wait_for(lambda: self.is_heard(client, token))
        listen(bob, "user")

    def test_an_address_has_so_many(self, client, listen, make_token, ann, bob, cho):
        for person in (ann, ann, bob):
            listen(person, "user")

        assert self.refused(client, make_token(cho)) == (429, TOO_MANY_OF_ADDRESS)
        with pytest.raises(WebSocketDisconnect):
            client.websocket_connect(f"{ADDRESS}?access_token={make_token(cho)}").__enter__()

    def test_a_process_has_so_many(self, client, listen, make_token, monkeypatch, ann):
        monkeypatch.setattr(connection_limits, "MAX_STREAMS", 1)
        listen(ann, "user")

        assert self.refused(client, make_token(ann)) == (503, FULL)


def test_what_is_asked_for_is_short(listen, ann):
    listening = listen(ann)
    listening.ask("subscribe", "hashtag", tag="x" * 5000)

    with pytest.raises(WebSocketDisconnect) as closed:
        listening.session.receive_json(timeout=10)
    assert closed.value.code == 1009
