"""Imports through the API, and imported posts as others see them."""

from sqlalchemy import insert

from twite_common import clock, ids
from twite_common.queries.identity import imports as queries
from twite_common.services.accounts import follows
from twite_common.services.identity import imports
from twite_common.services.posts import imported_posts
from twite_common.services.posts.imported_posts import ImportedPost
from twite_common.tables import import_, import_entry

PATH = "/api/v1/imports"
YEARS_AGO = clock.now() - 2000 * clock.DAY


def brought(database, settings, person, **more):
    """Have a post be there that somebody imported, and return its id."""
    new = ImportedPost(source_id=str(ids.new(clock.now())), at=YEARS_AGO, text="An old wren", **more)
    with database.writing() as db:
        import_id = ids.new(clock.now())
        db.execute(insert(import_), {"id": import_id, "account_id": person.id, "kind": "posts", "state": "done"})
        imported_posts.add(
            db,
            settings,
            now=clock.now(),
            account_id=person.id,
            import_id=import_id,
            source="x",
            posts_with_media=[(new, [])],
        )
        return queries.brought_posts(db, import_id, limit=1)[0]


def test_one_is_uploaded_confirmed_stopped_and_undone(api, ann, bob, database):
    as_ann, as_bob = api(ann), api(bob)
    file = {"file": ("follows.csv", b"bob\nnobody\n", "text/csv")}
    begun = as_ann.post(PATH, data={"kind": "follows"}, files=file).json()
    again = as_ann.post(PATH, data={"kind": "follows"}, files=file)
    early = as_ann.post(f"{PATH}/{begun['id']}/confirm", json={})
    with database.writing() as db:
        claimed = imports.claim(db, int(begun["id"]), now=clock.now())
        entry = {"import_id": claimed.id, "position": 1, "subject": "nobody", "outcome": "unknown"}
        db.execute(insert(import_entry), entry)
        imports.be_ready(db, claimed, now=clock.now(), total=2)
    path = f"{PATH}/{begun['id']}"
    confirmed = as_ann.post(f"{path}/confirm", json={"mode": "replace"}).json()
    others = [as_bob.get(path).status_code, as_bob.get(f"{path}/refused").status_code]
    others += [as_bob.post(f"{path}/{action}", json={}).status_code for action in ("confirm", "stop", "undo")]
    stopped = as_ann.post(f"{path}/stop").json()
    undoing = as_ann.post(f"{path}/undo").json()

    assert (begun["state"], begun["kind"], begun["source"]) == ("reading", "follows", None)
    assert (again.status_code, early.status_code) == (409, 409)
    assert (confirmed["state"], confirmed["mode"], stopped["state"], undoing["state"]) == (
        *("importing", "replace", "stopped", "undoing"),
    )
    assert others == [404] * 5
    assert as_ann.get(f"{path}/refused").json() == [{"position": 1, "subject": "nobody", "reason": "unknown"}]
    assert as_ann.get(f"{path}/refused?after={10**20}").json() == []


def test_imported_posts_say_where_they_come_from_and_obey_the_one_rule(api, client, ann, bob, database, settings):
    seen = brought(database, settings, ann)
    few = brought(database, settings, ann, visibility="followers")
    status = client.get(f"/api/v1/statuses/{seen}").json()
    hidden = api(bob).get(f"/api/v1/statuses/{few}").status_code
    with database.writing() as db:
        follows.follow_account(db, now=clock.now(), follower_id=bob.id, followee_id=ann.id)
    page = client.get(f"/@ann/{seen}").text

    assert status["application"] == {"name": "Imported from X", "website": None}
    assert status["created_at"][:4] == str(clock.as_datetime(YEARS_AGO).year)
    assert (hidden, api(bob).get(f"/api/v1/statuses/{few}").status_code) == (404, 200)
    assert client.get(f"/api/v1/statuses/{few}").status_code == 404
    assert f"Imported from X, {clock.as_datetime(YEARS_AGO).year}" in page
