"""What people write is bounded in bytes, too: what others' programs fetch stays small, whatever is in it."""

import pytest
from sqlalchemy import func, select

from support.pictures import picture
from twite_common import clock, text
from twite_common.drafts import Draft
from twite_common.services.posts import post_edits
from twite_common.tables import account, media, poll, post, post_edit, report, scheduled_post

pytestmark = pytest.mark.faults

FAMILY = "👩‍👩‍👧‍👦"
MAX_SHOWN_BYTES = 96 * 1024
"""Bytes of the largest post that can be written, with all that is shown with it."""
LONG = {
    "hosts": " ".join(["@a@" + "b" * 250] * 100),
    "long hosts": " ".join(["@a@" + "b" * 2000] * 100),
    "addresses": " ".join(["https://x.example/" + "y" * 2000] * 20),
    "families": FAMILY * 400,
    "marks": "e\u0323\u0307\u0323\u0307\u0323\u0307\u0323\u0307" * 499,
    "joiners": "x" + "\u200c" * 7000,
    "ampersands": " ".join(["https://x.example/" + "&" * 1800] * 4),
    "space": " " * 9000 + "x",
}
TEXTS = {
    "display_name": ("PATCH", "accounts/update_credentials", {"display_name": FAMILY * 30}),
    "note": ("PATCH", "accounts/update_credentials", {"note": FAMILY * 400}),
    "field": ("PATCH", "accounts/update_credentials", {"fields_attributes[0][name]": FAMILY * 200}),
    "avatar_description": ("PATCH", "profile", {"avatar_description": FAMILY * 140}),
    "option": ("POST", "statuses", {"poll[options][]": ["tea", FAMILY * 40], "poll[expires_in]": "600"}),
    "spoiler_text": ("POST", "statuses", {"status": "x", "spoiler_text": FAMILY * 400}),
    "scheduled": ("POST", "statuses", {"status": " " * 9000 + "x", "scheduled_at": "2099-01-01T00:00:00Z"}),
    "edit": ("PUT", "statuses/{post}", {"status": FAMILY * 400}),
    "description": ("PUT", "media/{media}", {"description": FAMILY * 400}),
    "comment": ("POST", "reports", {"account_id": "{bob}", "comment": FAMILY * 400}),
    "personal note": ("POST", "accounts/{bob}/note", {"comment": FAMILY * 400}),
    "list": ("POST", "lists", {"title": FAMILY * 40}),
    "filter": ("POST", "filters", {"phrase": FAMILY * 80, "context[]": "home"}),
    "application": ("POST", "apps", {"client_name": FAMILY * 20, "redirect_uris": "https://app.example/"}),
}
KEPT = (account.c.bio, account.c.fields, media.c.description, poll.c.options, post.c.text, report.c.comment)


@pytest.mark.parametrize("written", LONG.values(), ids=LONG.keys())
def test_few_characters_of_many_bytes_are_no_post(as_ann, logged_in, ann, database, written):
    answer = as_ann.post("/api/v1/statuses", json={"status": written})
    browser = logged_in(ann)
    browser.open("/compose")
    form = {"text": written, "form_token": browser.value("form_token")}

    assert answer.status_code == 422
    assert "exceeded" in answer.json()["error"]
    assert browser.client.post("/posts", data=form).status_code == 422
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(post)) == 0


@pytest.mark.parametrize("ask", TEXTS.values(), ids=TEXTS.keys())
def test_no_text_has_many_bytes(as_ann, database, make_post, ann, bob, ask):
    uploaded = as_ann.post("/api/v2/media", files={"file": ("wren.png", picture())}).json()["id"]
    names = {"post": make_post(ann), "media": uploaded, "bob": bob.id}
    method, path, given = ask
    form = {key: value.format(**names) if isinstance(value, str) else value for key, value in given.items()}
    answer = as_ann.request(method, f"/api/v1/{path.format(**names)}", data=form)

    assert answer.status_code == 422, answer.text
    assert any(word in answer.json()["error"] for word in ("bytes", "characters"))
    with database.reading() as db:
        assert max(db.scalar(select(func.max(func.length(column)))) or 0 for column in KEPT) < 100
        assert db.scalar(select(func.count()).select_from(scheduled_post)) == 0


def test_the_largest_post_is_small_with_all_that_is_shown_with_it(as_ann, stranger):
    fields = {f"fields_attributes[{n}][{one}]": _filled(255) for n in range(4) for one in ("name", "value")}
    profile = {"display_name": _filled(40), "note": _filled(500), **fields}
    files = [{"description": _filled(1500)} for _ in range(4)]
    uploads = [as_ann.post("/api/v2/media", data=one, files={"file": ("wren.png", picture())}) for one in files]
    media_ids = [upload.json()["id"] for upload in uploads]
    address = "https://x.example/" + "y" * 2000
    status = f"{address} {address} {address} {FAMILY * 80}"

    assert as_ann.patch("/api/v1/accounts/update_credentials", data=profile).status_code == 200
    assert as_ann.post("/api/v1/statuses", json={"status": status, "media_ids": media_ids}).status_code == 200
    shown = stranger.get("/api/v1/timelines/public")
    assert len(shown.json()) == 1
    assert len(shown.content) < MAX_SHOWN_BYTES


def test_of_a_post_that_is_edited_for_ever_the_first_version_and_the_latest_are_kept(
    as_ann, stranger, database, settings, make_post, ann, long_faults
):
    times = 1000 if long_faults else 70
    post_id = make_post(ann, "the first")
    with database.writing() as db:
        for number in range(1, times + 1):
            draft = Draft(text=f"number {number} {FAMILY * (300 if number < 20 else 1)}")
            post_edits.edit(db, settings, now=clock.now(), author_id=ann.id, post_id=post_id, draft=draft)
        size = func.sum(func.length(post_edit.c.text) + func.length(post_edit.c.details))
        rows, characters = db.execute(select(func.count(), size)).one()

    assert rows <= post_edits.MAX_VERSIONS
    assert characters <= post_edits.MAX_VERSION_CHARACTERS + 8000
    shown = [one["content"] for one in stranger.get(f"/api/v1/statuses/{post_id}/history").json()]
    assert shown[0] == "<p>the first</p>"
    assert [one.split()[1] for one in shown[-40:]] == [str(number) for number in range(times - 39, times + 1)]


def test_large_versions_are_kept_as_far_as_there_is_room(as_ann, database, settings, make_post, ann):
    post_id = make_post(ann, "the first")
    with database.writing() as db:
        for number in range(45):
            draft = Draft(text=f"number {number} https://x.example/{'y' * 2000} https://x.example/{'z' * 2000}")
            post_edits.edit(db, settings, now=clock.now(), author_id=ann.id, post_id=post_id, draft=draft)
        kept = db.scalars(select(post_edit.c.text).order_by(post_edit.c.id)).all()

    assert kept[0] == "the first"
    assert kept[-1].startswith("number 43 ")
    assert 10 < len(kept) < 20


@pytest.mark.parametrize("characters", [40, 50, 255, 500, 1500])
def test_plain_characters_of_any_script_fit(characters):
    # The longest in UTF-8, and words of Hindi, whose characters are made of several letters and marks.
    assert text.excess("𠀀" * characters, characters) is None
    assert text.excess("हिन्दी में लिखा हुआ पाठ, " * (characters // 25), characters) is None


def _filled(characters):
    """Return the largest text that may stand where so many characters may."""
    return FAMILY * min(characters, text.max_bytes(characters) // len(FAMILY.encode()))
