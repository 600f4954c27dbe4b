"""One's own profile through the API."""

import pytest
from sqlalchemy import select

from twite_common.queries.accounts import accounts as queries
from twite_common.services.accounts import field_verification, profiles
from twite_common.services.accounts.profiles import ProfileChanges
from twite_common.tables import field_check


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_the_profile_is_changed_and_read(as_ann, method):
    changes = {
        "display_name": "Ann A.",
        "note": "Birds",
        "avatar_description": "Me",
        "header_description": "A lake",
        "show_media": False,
        "show_media_replies": False,
        "show_featured": False,
        "follow_by_mail": False,
        "attribution_domains": ["Blog.example", "blog.example", ""],
        "fields_attributes": [{"name": "Web", "value": "https://ann.example"}],
    }
    changed = as_ann.request(method, "/api/v1/profile", json=changes).json()

    assert changed == as_ann.get("/api/v1/profile").json()
    assert changed == {
        "id": changed["id"],
        "display_name": "Ann A.",
        "note": "Birds",
        "fields": [{"name": "Web", "value": "https://ann.example", "verified_at": None}],
        "avatar": None,
        "avatar_static": None,
        "avatar_description": "Me",
        "header": None,
        "header_static": None,
        "header_description": "A lake",
        "locked": False,
        "bot": False,
        "hide_collections": False,
        "discoverable": False,
        "indexable": False,
        "show_media": False,
        "show_media_replies": False,
        "show_featured": False,
        "follow_by_mail": False,
        "attribution_domains": ["blog.example"],
        "featured_tags": [],
    }


def test_everybody_sees_what_is_public_of_it(as_ann, stranger, ann):
    as_ann.patch("/api/v1/accounts/update_credentials", data={"avatar_description": "Me", "show_media": "false"})
    shown = stranger.get(f"/api/v1/accounts/{ann.id}").json()

    assert (shown["avatar_description"], shown["show_media"], shown["show_featured"]) == ("Me", False, True)


def test_defaults_for_posts_and_named_websites_are_among_the_credentials(as_ann):
    changed = as_ann.patch(
        "/api/v1/accounts/update_credentials",
        data={"source[quote_policy]": "followers", "attribution_domains[]": ["a.example", "b.example"]},
    ).json()

    assert changed["source"]["quote_policy"] == "followers"
    assert changed["source"]["attribution_domains"] == ["a.example", "b.example"]
    assert as_ann.get("/api/v1/preferences").json()["posting:default:quote_policy"] == "followers"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"avatar_description": "x" * 151}, "ERR_TOO_LONG"),
        ({"attribution_domains": [f"n{n}.example" for n in range(11)]}, "ERR_TOO_LONG"),
        ({"attribution_domains": ["no domain"]}, "ERR_INVALID"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_its_code(as_ann, change, code):
    refused = as_ann.patch("/api/v1/profile", json=change)

    assert refused.status_code == 422
    assert [one["error"] for one in next(iter(refused.json()["details"].values()))] == [code]


def test_a_verified_field_stays_so_until_it_is_changed(as_ann, ann, database):
    fields = [("Web", "https://ann.example"), ("Name", "Ann")]
    with database.writing() as db:
        profiles.change_profile(db, now=1, account_id=ann.id, changes=ProfileChanges(fields=fields))
        [check_id] = db.scalars(select(field_check.c.id))
        check = field_verification.claim(db, check_id, now=1)
        field_verification.finish(db, check, now=86_400_000, links_back=True)
        profiles.change_profile(db, now=1, account_id=ann.id, changes=ProfileChanges(fields=fields[::-1]))
        kept = queries.fields_of(queries.load(db, [ann.id])[ann.id])
    shown = as_ann.get("/api/v1/accounts/verify_credentials").json()

    assert [(one.name, one.verified_at) for one in kept] == [("Name", None), ("Web", 86_400_000)]
    assert shown["fields"][1]["verified_at"] == "1970-01-02T00:00:00.000Z"


def test_featured_hashtags_stand_in_the_profile(as_ann):
    as_ann.post("/api/v1/featured_tags", json={"name": "birds"})

    assert [one["name"] for one in as_ann.get("/api/v1/profile").json()["featured_tags"]] == ["birds"]
