"""Folders of bookmarks through the API."""

import pytest


@pytest.fixture
def make_folder(as_ann):
    def make(name="Birds", client=as_ann):
        answer = client.post("/api/v1/bookmark_folders", json={"name": name})
        assert answer.status_code == 200, answer.text
        return answer.json()["id"]

    return make


def shown(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return [int(one["id"]) for one in answer.json()]


def test_folders_are_made_changed_and_removed(as_ann, make_folder):
    birds, trees = make_folder(), make_folder("Trees")
    changed = as_ann.put(f"/api/v1/bookmark_folders/{trees}", json={"name": "Woods", "position": 0})
    order = as_ann.get("/api/v1/bookmark_folders").json()
    removed = as_ann.delete(f"/api/v1/bookmark_folders/{birds}")

    assert changed.json() == {"id": trees, "name": "Woods", "position": 0}
    assert [folder["name"] for folder in order] == ["Woods", "Birds"]
    assert (removed.status_code, removed.json()) == (200, {})
    assert as_ann.get("/api/v1/bookmark_folders").json() == [changed.json()]


def test_bookmarks_are_put_into_folders_and_listed_by_them(as_ann, make_folder, bob, make_post):
    birds = make_folder()
    wren, robin, oak = (make_post(bob, name) for name in ("wren", "robin", "oak"))
    as_ann.post(f"/api/v1/statuses/{oak}/bookmark")
    body = {"status_ids": [str(wren), str(robin)]}
    assert as_ann.post(f"/api/v1/bookmark_folders/{birds}/statuses", json=body).json() == {}
    in_folder = shown(as_ann, f"/api/v1/bookmarks?folder_id={birds}")
    page = as_ann.get(f"/api/v1/bookmarks?folder_id={birds}&limit=1")
    as_ann.request("DELETE", f"/api/v1/bookmark_folders/{birds}/statuses", json={"status_ids": [str(wren)]})

    assert in_folder == [robin, wren]
    assert f"folder_id={birds}" in page.headers["Link"]
    assert [int(one["id"]) for one in page.json()] == [robin]
    assert shown(as_ann, f"/api/v1/bookmarks?folder_id={birds}") == [robin]
    assert set(shown(as_ann, "/api/v1/bookmarks")) == {wren, robin, oak}


def test_bookmarks_are_found_by_their_words(as_ann, bob, make_post):
    wren, _robin, other = (make_post(bob, text) for text in ("a wren", "a robin", "a wren that isn't bookmarked"))
    as_ann.post(f"/api/v1/statuses/{wren}/bookmark")
    found = as_ann.get("/api/v2/search?type=statuses&q=in:bookmarks wren").json()["statuses"]

    assert [int(one["id"]) for one in found] == [wren]
    assert other != wren


def test_what_is_not_ones_own_is_not_there(as_ann, as_bob, make_folder, bob, make_post):
    of_bob, wren = make_folder(client=as_bob), make_post(bob, "wren")
    answers = [
        as_ann.get(f"/api/v1/bookmarks?folder_id={of_bob}"),
        as_ann.get("/api/v1/bookmarks?folder_id=x"),
        as_ann.put(f"/api/v1/bookmark_folders/{of_bob}", json={"name": "mine"}),
        as_ann.delete(f"/api/v1/bookmark_folders/{of_bob}"),
        as_ann.post(f"/api/v1/bookmark_folders/{of_bob}/statuses", json={"status_ids": [str(wren)]}),
        as_ann.post(f"/api/v1/bookmark_folders/{make_folder()}/statuses", json={"status_ids": ["1"]}),
    ]

    assert [answer.status_code for answer in answers] == [404] * len(answers)
    assert shown(as_ann, "/api/v1/bookmarks") == []


def test_what_breaks_a_rule_is_refused(as_ann, make_folder):
    id = make_folder()
    many = {"status_ids": [str(number) for number in range(41)]}
    answers = [
        as_ann.post("/api/v1/bookmark_folders", json={}),
        as_ann.post("/api/v1/bookmark_folders", json={"name": "Birds"}),
        as_ann.post(f"/api/v1/bookmark_folders/{id}/statuses", json=many),
    ]

    assert [answer.status_code for answer in answers] == [422] * len(answers)


@pytest.mark.parametrize(("position", "place"), [(10**25, 1), (2**63, 1), (-(10**25), 0)])
def test_a_folder_stands_at_one_of_the_ends_however_far_it_is_moved(as_ann, make_folder, position, place):
    birds, _ = make_folder(), make_folder("Trees")
    moved = as_ann.patch(f"/api/v1/bookmark_folders/{birds}", json={"position": position})

    assert (moved.status_code, moved.json()["position"]) == (200, place)
