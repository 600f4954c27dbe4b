"""Numbers about the site, through the API of those who look after it."""

import pytest

from twite_common import clock
from twite_common.services.accounts import accounts

ADMIN = "/api/v1/admin"


@pytest.fixture
def as_admin(database, api, ann):
    with database.writing() as db:
        accounts.set_role(db, account_id=ann.id, role="admin")
    return api(ann, "read write admin:read admin:write")


@pytest.fixture
def ask(as_admin):
    """Ask about yesterday and today."""
    today = clock.now()
    days = {"start_at": f"{clock.as_date(today - clock.DAY)}", "end_at": f"{clock.as_date(today)}T12:00:00Z"}

    def ask(path, **given):
        return as_admin.post(f"{ADMIN}/{path}", json={**days, **given})

    return ask


def test_what_happened_is_counted_by_day(ask, as_admin, as_bob, as_cho, bob, make_post):
    first = make_post(bob, "#birds")
    make_post(bob, "more", in_reply_to_id=first)
    as_cho.post(f"/api/v1/statuses/{first}/favourite")
    id = as_cho.post("/api/v1/reports", json={"account_id": str(bob.id)}).json()["id"]
    as_cho.post("/api/v1/reports", json={"account_id": str(bob.id)})
    as_admin.post(f"{ADMIN}/reports/{id}/resolve")
    tag_id = as_cho.get("/api/v1/tags/birds").json()["id"]
    keys = [
        "active_users",
        "new_users",
        "interactions",
        "opened_reports",
        "resolved_reports",
        "tag_uses",
        "tag_accounts",
    ]
    made = ask("measures", keys=[*keys, "nonsense", "new_users"], tag_uses={"id": tag_id}, tag_accounts={"id": tag_id})

    found = {one["key"]: (one["total"], [day["value"] for day in one["data"]]) for one in made.json()}
    numbers = dict(zip(keys, ["2", "3", "2", "2", "1", "1", "1"], strict=True))
    assert found == {key: (number, ["0", number]) for key, number in numbers.items()}
    assert {one["previous_total"] for one in made.json()} == {"0"}


def test_other_servers_have_no_numbers(ask):
    [made] = ask("measures", keys=["instance_media_attachments"], instance_media_attachments={"domain": "x"}).json()

    assert (made["total"], made["unit"], len(made["data"])) == ("0", "bytes", 2)


def test_dimensions_show_languages_space_and_versions(ask, as_cho, bob, cho, make_post):
    make_post(bob, "#birds", language="en")
    make_post(cho, "#birds", language="de")
    make_post(bob, "#birds too", language="en")
    tag_id = as_cho.get("/api/v1/tags/birds").json()["id"]
    keys = ["languages", "tag_languages", "space_usage", "software_versions", "servers", "sources"]
    made = {one["key"]: one["data"] for one in ask("dimensions", keys=keys, tag_languages={"id": tag_id}).json()}

    assert [(part["key"], part["value"]) for part in made["languages"]] == [("de", "1"), ("en", "1")]
    assert [(part["key"], part["value"]) for part in made["tag_languages"]] == [("en", "2"), ("de", "1")]
    assert (made["space_usage"][0]["unit"], made["software_versions"][0]["key"]) == ("bytes", "twite")
    assert (made["servers"], made["sources"]) == ([], [])


@pytest.mark.parametrize("frequency", ["day", "month"])
def test_retention_tells_who_came_back(ask, bob, cho, make_post, frequency):
    make_post(bob)
    last = ask("retention", frequency=frequency).json()[-1]

    assert last["frequency"] == frequency
    assert last["data"][-1]["value"] == "1"
    assert last["data"][-1]["rate"] == pytest.approx(1 / 3)


@pytest.mark.parametrize("path", ["measures", "dimensions", "retention"])
def test_the_last_30_days_are_meant_unless_others_are_named(as_admin, path):
    answer = as_admin.post(f"{ADMIN}/{path}", json={"keys": ["new_users", "languages"]})

    assert answer.status_code == 200
    if path == "measures":
        days = [one["date"][:10] for one in answer.json()[0]["data"]]
        today = clock.as_date(clock.now())
        assert (len(days), days[-1]) == (30, f"{today}")


@pytest.mark.parametrize("path", ["measures", "dimensions", "retention"])
@pytest.mark.parametrize(
    "days",
    [
        {"start_at": "x"},
        {"end_at": "x"},
        {"start_at": "2026-02-30"},
        {"start_at": "2026-01-02", "end_at": "2026-01-01"},
        {"start_at": "0001-01-01", "end_at": "0001-01-02"},
        {"start_at": "9999-12-30", "end_at": "9999-12-31"},
        {"start_at": "2000-01-01", "end_at": "2026-01-01"},
    ],
)
def test_days_that_cannot_be_counted_are_refused(ask, path, days):
    answer = ask(path, keys=["new_users"], **days)

    assert (answer.status_code, answer.json()["error"]) == (422, "Date supplied is invalid")
