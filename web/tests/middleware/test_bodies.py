"""Bodies: whose are taken, how large and how quickly they come, and that nothing of them stays."""

import asyncio
import logging
import random
import tempfile
import threading
import time
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from support.scopes import http_scope
from twite_common import clock, disk
from twite_common.errors import TooMany, Unavailable
from twite_common.services.identity import sessions, tokens
from twite_web import cookies, multipart, parameters
from twite_web.middleware import bodies
from twite_web.middleware.bodies import BLOCK, MAX_BODY_BYTES, Ledger

MB = 1024 * 1024
FORM_WITH_FILES = "multipart/form-data; boundary=b"
TEXT_PART = (
    b'--b\r\nContent-Disposition: form-data; name="client_name"\r\n'
    b"Content-Type: text/plain; charset=%s\r\n\r\n%s\r\n--b--\r\n"
)


class Sender:
    """A client that sends a body in pieces, and knows how much of it was taken."""

    def __init__(self, app, pieces, ends="whole"):
        self._app = app
        self._pieces = iter(pieces)
        self._ends = ends
        self.taken = self.taken_before_answer = 0
        self.answer = []

    def send(self, method, path, **headers):
        """Send it and return the status; None where there was no answer."""
        scope = http_scope(method, path, headers)
        asyncio.run(asyncio.wait_for(self._app(scope, self._receive, self._send), 30))
        return self.answer[0]["status"] if self.answer else None

    @property
    def headers(self):
        return {name.decode(): value.decode() for name, value in self.answer[0]["headers"]}

    async def _receive(self):
        piece = next(self._pieces, None)
        if piece is None and self._ends == "silence":
            await asyncio.Event().wait()
        if piece is None and self._ends == "disconnect":
            return {"type": "http.disconnect"}
        self.taken += len(piece or b"")
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    async def _send(self, message):
        if message["type"] == "http.response.start":
            self.taken_before_answer = self.taken
        self.answer.append(message)


@pytest.fixture
def token(database, ann):
    def token(scopes):
        with database.writing() as db:
            made = tokens.create_personal(db, now=clock.now(), account_id=ann.id, name="test", scopes=scopes)
        return f"Bearer {made}"

    return token


@pytest.fixture
def in_flight(bare):
    return bare.state["bodies"]


def pieces(size):
    return [b"x" * BLOCK] * (size // BLOCK)


@pytest.mark.parametrize(("path", "status"), [("/api/v2/media", 401), ("/posts", 303), ("/settings/profile", 303)])
def test_nothing_is_read_of_what_a_stranger_sends_to_a_route_that_takes_more(app, path, status):
    sender = Sender(app, pieces(8 * MB))

    assert sender.send("POST", path, Content_Type=FORM_WITH_FILES, Content_Length=str(8 * MB)) == status
    assert sender.taken_before_answer == 0
    assert status != 303 or sender.headers["location"].startswith("/login")


def test_what_was_refused_is_thrown_away_for_a_while_so_that_the_answer_can_be_read(app):
    sender = Sender(app, pieces(100 * MB))

    assert sender.send("POST", "/api/v2/media", Content_Type=FORM_WITH_FILES, Content_Length=str(100 * MB)) == 413
    assert sender.taken_before_answer == 0
    assert sender.taken == bodies.LINGER_BYTES


def test_who_sends_it_is_looked_up_before_more_than_a_megabyte_of_a_body_without_length_is_read(app, in_flight):
    sender = Sender(app, pieces(8 * MB))

    assert sender.send("POST", "/api/v2/media", Content_Type=FORM_WITH_FILES) == 401
    assert sender.taken_before_answer <= MAX_BODY_BYTES + BLOCK
    assert (in_flight.memory.total, in_flight.disk.total) == (0, 0)


def test_a_token_for_something_else_is_no_reason_to_read_more(app, token):
    sender = Sender(app, pieces(8 * MB))
    headers = {"Authorization": token("read"), "Content_Type": FORM_WITH_FILES, "Content_Length": str(8 * MB)}

    assert sender.send("POST", "/api/v2/media", **headers) == 403
    assert sender.taken_before_answer == 0


def test_a_page_for_administrators_reads_no_more_of_others(app, database, settings, ann):
    with database.writing() as db:
        session = sessions.start(
            db, settings, now=clock.now(), account_id=ann.id, address="192.0.2.1", browser="Firefox/140.0 Linux"
        )
    sender = Sender(app, pieces(8 * MB))
    headers = {"Cookie": f"{cookies.session_name(settings)}={session}", "Content_Type": FORM_WITH_FILES}

    assert sender.send("POST", "/admin/emojis", Content_Length=str(8 * MB), **headers) == 403
    assert sender.taken_before_answer == 0


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", ""])
@pytest.mark.parametrize("declared", [True, False])
def test_only_a_form_with_files_may_be_larger_than_a_megabyte(app, token, kind, declared):
    sender = Sender(app, pieces(8 * MB))
    headers = {"Content_Length": str(8 * MB)} if declared else {}

    assert sender.send("POST", "/api/v2/media", Authorization=token("write"), Content_Type=kind, **headers) == 413
    assert sender.taken_before_answer <= MAX_BODY_BYTES + BLOCK


@pytest.mark.parametrize("length", ["-1", "x", "1" * 19])
def test_a_length_that_is_none_is_refused(app, length):
    assert Sender(app, [b"x"]).send("POST", "/login", Content_Length=length) == 400


@pytest.mark.parametrize("sent", [0, 1, 3])
def test_whoever_sends_too_slowly_is_told_so(app, monkeypatch, in_flight, sent):
    monkeypatch.setattr(bodies, "BLOCK_SECONDS", 0.05)
    monkeypatch.setattr(bodies, "LINGER_SECONDS", 0.05)
    sender = Sender(app, pieces(sent * BLOCK), "silence")

    assert sender.send("POST", "/api/v1/apps", Content_Length=str(4 * BLOCK)) == 408
    assert in_flight.memory.total == 0


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/apps"),
        ("POST", "/nothing"),
        ("GET", "/login"),
        ("GET", "/api/v1/accounts/familiar_followers"),
        ("POST", "/api/v1/streaming/health"),
    ],
)
def test_a_body_may_not_come_in_countless_pieces(app, method, path):
    sender = Sender(app, [b"x"] * 100_000)
    sender.send(method, path, Transfer_Encoding="chunked")

    # Refused once it is too many, and then thrown away in as many again.
    assert sender.taken <= 2 * bodies.MAX_PIECES + 2


def test_a_body_in_small_pieces_is_told_so(app):
    sender = Sender(app, [b"x"] * 1000)

    assert sender.send("POST", "/api/v1/apps", Transfer_Encoding="chunked") == 400


def test_pieces_as_networks_make_them_are_taken(app):
    name = b'{"client_name":"' + b"x" * 1000
    sender = Sender(app, [name] + [b"x" * 536] * 1500)

    assert sender.send("POST", "/api/v1/apps", Transfer_Encoding="chunked") == 400
    assert b"JSON" in sender.answer[1]["body"] or sender.taken > 800_000


def test_a_body_may_not_take_for_ever_however_steadily_it_comes(app, monkeypatch):
    monkeypatch.setattr(bodies, "MAX_SECONDS", 0.05)
    monkeypatch.setattr(bodies, "LINGER_SECONDS", 0.05)

    async def slowly():
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x" * BLOCK, "more_body": True}

    sender = Sender(app, [])
    sender._receive = slowly  # type: ignore[method-assign] # the client is this test's own

    assert sender.send("POST", "/api/v1/apps", Content_Length=str(MAX_BODY_BYTES)) == 408


@pytest.mark.parametrize("sent", [0, 3])
def test_what_breaks_off_is_a_bad_request_and_one_line_in_the_log(app, caplog, sent):
    caplog.set_level(logging.INFO)
    sender = Sender(app, pieces(sent * BLOCK), "disconnect")

    assert sender.send("POST", "/api/v1/apps", Content_Length=str(4 * BLOCK)) == 400
    [line] = [record for record in caplog.records if record.name.startswith("twite")]
    assert (line.getMessage().split()[0], line.exc_info) == ("body_broke_off", None)


def test_a_large_file_arrives_whole_and_nothing_stays_behind(app, token, settings, in_flight):
    picture = Image.frombytes("RGB", (800, 800), random.Random(1).randbytes(800 * 800 * 3))
    content = BytesIO()
    picture.save(content, "PNG")
    assert content.tell() > MAX_BODY_BYTES
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    form = part + content.getvalue() + b"\r\n--b--\r\n"
    cut = [form[start : start + 50_000] for start in range(0, len(form), 50_000)]
    for headers in ({"Content_Length": str(len(form))}, {}):
        sender = Sender(app, cut)

        assert (
            sender.send("POST", "/api/v2/media", Authorization=token("write"), Content_Type=FORM_WITH_FILES, **headers)
            == 200
        )
    assert list(settings.scratch.iterdir()) == []
    assert (in_flight.memory.total, in_flight.disk.total, in_flight.disk.by_address) == (0, 0, {})


@pytest.mark.parametrize("length", [65 * 1024, 500 * 1024])
def test_a_disk_that_is_full_when_a_form_is_taken_apart_is_said(app, token, monkeypatch, in_flight, length):
    # Noticed when the file is written, or where it still fits in a buffer, at its end.
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda *_, **__: Path("/dev/full").open("w+b"))  # noqa: SIM115 - by the form
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    form = part + b"x" * length + b"\r\n--b--\r\n"
    sender = Sender(app, [form])

    assert sender.send("POST", "/api/v2/media", Authorization=token("write"), Content_Type=FORM_WITH_FILES) == 503
    assert disk.FULL.encode() in b"".join(message.get("body", b"") for message in sender.answer)
    assert in_flight.memory.total == 0


def test_an_address_has_a_share_of_the_room_and_all_have_what_there_is():
    ledger = Ledger(most=100, max_of_address=60)
    with ledger.of("one") as one, ledger.of("one") as again, ledger.of("two") as two, ledger.of("three") as three:
        one.take(50)
        with pytest.raises(TooMany):
            again.take(20)
        two.take(40)
        with pytest.raises(Unavailable):
            three.take(20)
        one.give_back()
        three.take(20)

    assert (ledger.total, ledger.by_address) == (0, {})


def test_what_has_many_parts_is_counted_before_it_is_taken_apart(client):
    form = {"content-type": "application/x-www-form-urlencoded"}

    assert client.post("/api/v1/apps", content=b"a[][b]=1&" * 1001, headers=form).status_code == 400
    assert client.post("/api/v1/apps", json={"a": [[]] * 50_000}).status_code == 400
    assert client.post("/api/v1/apps", content=b'{"a":[' + b"1," * 30_000 + b"1]}").status_code == 400


def test_files_of_a_form_whose_names_are_not_understood_are_closed(client, monkeypatch):
    files = []

    class File(tempfile.SpooledTemporaryFile[bytes]):
        def __init__(self, *given, **named):
            super().__init__(*given, **named)
            files.append(self)

    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", File)
    sent = [("picture", ("a.png", b"png")), ("other[300]", ("b.png", b"png"))]

    assert client.post("/api/v1/apps", files=sent).status_code == 400
    assert [file.closed for file in files] == [True, True]


@pytest.mark.parametrize("charset", ["punycode", "idna", "unicode_escape", "undefined", "utf-16", "klingon"])
def test_texts_in_an_encoding_that_isnt_taken_are_refused_unread(client, charset):
    form = TEXT_PART % (charset.encode(), b"a" * 65_000)
    began = time.thread_time()
    answer = client.post("/api/v1/apps", content=form, headers={"content-type": FORM_WITH_FILES})

    assert (answer.status_code, answer.json()) == (400, {"error": "Form fields must be encoded in UTF-8."})
    assert time.thread_time() - began < 0.05


@pytest.mark.parametrize(
    ("charset", "text"), [("UTF-8", "é".encode()), ("us-ascii", b"e"), ("ISO-8859-1", b"\xe9"), ("latin1", b"\xe9")]
)
def test_texts_in_common_encodings_are_read(charset, text):
    fields = multipart.read(BytesIO(TEXT_PART % (charset.encode(), text)), "b")

    assert fields["client_name"][0] in {"é", "e"}


@pytest.mark.parametrize("charset", ["utf-8", "us-ascii"])
def test_a_text_that_isnt_what_its_encoding_says_is_refused(client, charset):
    form = TEXT_PART % (charset.encode(), b"\xff")

    assert client.post("/api/v1/apps", content=form, headers={"content-type": FORM_WITH_FILES}).status_code == 400


@pytest.mark.parametrize(
    ("given", "quick"),
    [
        (b"a=1", True),
        (b"a=1&" * 201, False),
        (b"a[b]=1&" * 150, False),
        (b"a" * 100_000, False),
        (b"%41" * 5000, False),
        ("", True),
    ],
)
def test_what_may_take_long_is_not_read_on_the_event_loop(given, quick):
    assert parameters.is_quick(given) == quick


NUMBERS = b'{"context":[' + b"1e300," * 9900 + b"1]}"


@pytest.mark.parametrize(
    ("body", "threads"),
    [
        (b'{"context":["home"]}', {"loop"}),
        (b'{"context":[' + b"1," * 5000 + b"1]}", {"reading"}),
        (b'{"context":["' + b"1" * 20_000 + b'"]}', {"reading"}),
        (NUMBERS, {"reading"}),
        (b'{"keywords_attributes":[' + b"{}," * 4000 + b"{}]}", {"reading"}),
    ],
)
def test_parameters_are_fitted_where_they_are_read(client, monkeypatch, body, threads):
    seen = set()

    def fit(*given, **options):
        seen.add("reading" if threading.current_thread().name.startswith("reading") else "loop")
        return fit_as_ever(*given, **options)

    fit_as_ever = parameters.fit
    monkeypatch.setattr(parameters, "fit", fit)
    answer = client.post("/api/v2/filters", content=body, headers={"content-type": "application/json"})

    assert (answer.status_code, seen) == (401, threads)


@pytest.mark.parametrize("name", ["\u00b2", "\u0661", "1" * 5000, "9" * 10, "-1", ""])
def test_names_that_are_no_numbers_of_elements_are_no_failure_of_ours(client, name):
    answers = [
        client.post("/api/v2/filters", json={"context": {name: 1, "1": 2}}),
        client.post("/api/v2/filters", data={f"context[{name}]": "1", "context[1]": "2"}),
        client.post("/api/v2/filters", files={f"context[{name}]": (None, "1"), "context[1]": (None, "2")}),
    ]

    assert {answer.status_code for answer in answers} <= {400, 401, 422}
