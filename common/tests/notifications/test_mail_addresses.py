"""Mail addresses and names of servers in every script: stored in one form, found in each, and shown readably."""

import msgspec
import pytest

from support.moment import NOW
from twite_common import domains
from twite_common.errors import Invalid
from twite_common.queries.accounts import credentials
from twite_common.services import validators
from twite_common.services.accounts import accounts
from twite_common.services.identity import passwords, registrations
from twite_common.services.identity.registrations import SignUp
from twite_common.services.validators import checked_domain, checked_email

MUNICH = "xn--mnchen-3ya.example"


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("ann@münchen.example", f"ann@{MUNICH}"),
        (" Ann@MÜNCHEN.Example ", f"Ann@{MUNICH}"),
        ("ann@mu\u0308nchen.example", f"ann@{MUNICH}"),
        ("ann@XN--MNCHEN-3YA.example", f"ann@{MUNICH}"),
        ("ann@例え。テスト", "ann@xn--r8jz45g.xn--zckzah"),
        # IDNA 2003 made ss of it.
        ("ann@straße.example", "ann@xn--strae-oqa.example"),
        ("ann@ｅｘａｍｐｌｅ.org", "ann@example.org"),
        ("ann@r3---x.Example", "ann@r3---x.example"),
        ("ann@xn--ls8h.example", "ann@xn--ls8h.example"),
        ("root@localhost", "root@localhost"),
        ("jo\u0308rg@example.org", "jörg@example.org"),
        ("用户@例え.テスト", "用户@xn--r8jz45g.xn--zckzah"),
    ],
)
def test_an_address_is_stored_in_one_form(written, stored):
    assert checked_email(written, smtp_utf8=True) == stored
    assert checked_email(stored, smtp_utf8=True) == stored
    assert credentials.email_key(written) == credentials.email_key(stored) == stored.lower()
    assert validators.canonical_email_hash(written) == validators.canonical_email_hash(stored)


@pytest.mark.parametrize(
    "written",
    [
        *("ann@", "@münchen.example", "ann", "ann@-münchen.example", "ann@mün chen.example", "ann@.example"),
        *("ann@\u2603.example", "ann@a\u200db.example", "ann@a\u0644b.example", "ann@münchen..example"),
        *(
            f"ann@{'ü' * 64}.example",
            f"ann@{'münchen.' * 40}example",
            f"{'ü' * 33}@example.org",
            f"{'a' * 65}@example.org",
        ),
        *(
            "a\u202enn@example.org",
            "a\u200bnn@example.org",
            "a\ud800@example.org",
            "ann@exa\ud800mple.org",
            "a\0@b.org",
        ),
    ],
)
def test_what_is_no_address_is_refused(written):
    with pytest.raises(Invalid, match="isn't an e-mail address"):
        checked_email(written, smtp_utf8=True)
    assert isinstance(credentials.email_key(written), str)


@pytest.mark.parametrize(("smtp_utf8", "taken"), [(True, True), (False, False)])
def test_letters_before_the_at_need_a_mail_server_that_takes_them(smtp_utf8, taken):
    assert checked_email("ann@münchen.example", smtp_utf8=smtp_utf8)
    if taken:
        assert checked_email("jörg@münchen.example", smtp_utf8=smtp_utf8) == f"jörg@{MUNICH}"
    else:
        with pytest.raises(Invalid, match=r"This site's mail server only accepts .* Please use another address\."):
            checked_email("jörg@münchen.example", smtp_utf8=smtp_utf8)


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        (f"ann@{MUNICH}", "ann@münchen.example"),
        (f"ann@{MUNICH.upper()}", "ann@münchen.EXAMPLE"),
        ("xn--r8jz45g.xn--zckzah", "例え.テスト"),
        ("xn--ls8h.example", "xn--ls8h.example"),
        ("ann@example.org", "ann@example.org"),
        ("", ""),
    ],
)
def test_an_address_is_shown_readably(stored, shown):
    assert domains.readable(stored) == shown


@pytest.mark.parametrize(
    ("written", "stored"),
    [("@Straße.example.", "xn--strae-oqa.example"), ("例え.テスト", "xn--r8jz45g.xn--zckzah"), (MUNICH, MUNICH)],
)
def test_a_servers_name_is_stored_in_one_form(written, stored):
    assert checked_domain(written) == stored


@pytest.mark.parametrize("written", ["localhost", "\u2603.example", "a b.example", "münchen"])
def test_what_is_no_servers_name_is_refused(written):
    with pytest.raises(Invalid):
        checked_domain(written)


@pytest.fixture
def sign_up(db, settings):
    def sign_up(email, name="dot", **changes):
        form = SignUp(username=name, email=email, password_hash="x", address="192.0.2.9")
        return registrations.sign_up(db, msgspec.structs.replace(settings, **changes), now=NOW, sign_up=form)

    return sign_up


@pytest.mark.parametrize("again", ["dot@münchen.example", f"DOT@{MUNICH}"])
def test_an_address_has_one_account_however_it_is_written(db, sign_up, again):
    id = sign_up("dot@münchen.example")

    assert sign_up(again, "dora") is None
    assert credentials.by_login(db, again).account_id == credentials.by_email(db, again).account_id == id
    assert credentials.get(db, id).email == f"dot@{MUNICH}"
    assert [one.account_id for one in credentials.search(db, again, limit=5)] == [id]
    assert [one.account_id for one in credentials.search(db, "dot@xn--mn", limit=5)] == [id]


def test_rows_from_before_are_found(db, sign_up):
    id = sign_up("dot@mail.example")
    before = {"email": "Dot@XN--MNCHEN-3YA.Example", "email_key": f"dot@{MUNICH}"}
    db.execute(accounts.CHANGE_CREDENTIALS.values(before), {"the_id": id})

    for written in ("Dot@XN--MNCHEN-3YA.Example", "dot@münchen.example"):
        assert credentials.by_login(db, written).account_id == id


@pytest.mark.parametrize("smtp_utf8", [False, True])
def test_every_door_knows_what_the_mail_server_takes(db, settings, sign_up, ann, smtp_utf8):
    form = SignUp(username="dot", email="jörg@mail.example", password_hash="x")
    doors = [
        lambda: sign_up("jürgen@mail.example", smtp_utf8=smtp_utf8),
        lambda: registrations.create(db, now=NOW, sign_up=form, smtp_utf8=smtp_utf8),
        lambda: passwords.ask_to_change_email(
            db, now=NOW, account_id=ann.id, email="änn@mail.example", smtp_utf8=smtp_utf8
        ),
    ]
    for door in doors[1:] if smtp_utf8 else doors:
        if smtp_utf8:
            door()
        else:
            with pytest.raises(Invalid, match="mail server only accepts"):
                door()
