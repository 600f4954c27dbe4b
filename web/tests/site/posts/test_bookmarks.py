"""Bookmarks on the website: folders, putting bookmarks into them, and looking for some."""

from twite_common import clock
from twite_common.services.posts import bookmark_folders, bookmarks


def shown(browser):
    return [int(post["data-post"]) for post in browser.page.find_all("article")]


def folder_named(browser, name):
    links = browser.page.find("ul", class_="chips").find_all("a")
    return next(link["href"] for link in links if link.text == name)


def test_a_folder_is_made_renamed_and_deleted(as_ann, ann, database, make_post):
    post_id = make_post(ann)
    as_ann.open("/bookmarks/new")
    as_ann.submit("/bookmarks/new", {"name": "Recipes"})
    assert "The folder is ready." in as_ann.text
    folder = as_ann.path
    with database.writing() as db:
        now, folder_id = clock.now(), int(folder.rpartition("/")[2])
        bookmark_folders.put(db, now=now, account_id=ann.id, post_id=post_id, folder_id=folder_id)
    as_ann.open(f"{folder}/settings")
    as_ann.submit(f"{folder}/settings", {"name": "Dishes"})
    assert as_ann.path == folder
    assert as_ann.page.find("h2").text == "Dishes"
    assert shown(as_ann) == [post_id]

    as_ann.open(f"{folder}/settings")
    as_ann.submit(f"{folder}/delete")
    assert (as_ann.path, shown(as_ann)) == ("/bookmarks", [post_id])
    assert as_ann.open(folder).status_code == 404


def test_a_name_that_is_taken_is_said_beside_it(as_ann, ann, database):
    with database.writing() as db:
        bookmark_folders.add(db, now=clock.now(), account_id=ann.id, name="Recipes")
    as_ann.open("/bookmarks/new")
    answer = as_ann.submit("/bookmarks/new", {"name": "Recipes"})

    assert answer.status_code == 422
    assert "You have a folder with this name already." in as_ann.text
    assert as_ann.value("name") == "Recipes"


def test_a_bookmark_is_put_into_a_folder_and_out_of_it(as_ann, ann, bob, database, make_post):
    post_id = make_post(bob, "Soup")
    with database.writing() as db:
        folder_id = bookmark_folders.add(db, now=clock.now(), account_id=ann.id, name="Recipes")
    as_ann.open(f"/posts/{post_id}/menu?back=/@bob")
    as_ann.open(as_ann.page.find("a", href=f"/posts/{post_id}/folder?back=/%40bob")["href"])
    token = as_ann.value("form_token")
    form = as_ann.form(f"/posts/{post_id}/folder")
    assert [button["value"] for button in form.find_all("button")] == [str(folder_id), ""]

    sent = {"form_token": token, "back": "/bookmarks"}
    as_ann.client.post(f"/posts/{post_id}/folder", data=sent | {"folder_id": str(folder_id)})
    as_ann.open(f"/bookmarks/{folder_id}")
    assert shown(as_ann) == [post_id]
    as_ann.open("/bookmarks")
    assert as_ann.page.find("div", class_="filed").find_all("p")[-1].text.strip() == "In the folder Recipes"

    as_ann.client.post(f"/posts/{post_id}/folder", data=sent | {"folder_id": ""})
    as_ann.open(f"/bookmarks/{folder_id}")
    assert shown(as_ann) == []
    as_ann.open("/bookmarks")
    assert shown(as_ann) == [post_id]


def test_a_folder_is_made_for_a_bookmark(as_ann, bob, make_post):
    post_id = make_post(bob, "Soup")
    as_ann.open(f"/posts/{post_id}/folder")
    as_ann.submit("/bookmarks/new", {"name": "Recipes"})
    assert as_ann.path == "/bookmarks"
    as_ann.open(folder_named(as_ann, "Recipes"))

    assert shown(as_ann) == [post_id]


def test_bookmarks_are_looked_for_in_all_and_in_a_folder(as_ann, ann, bob, database, make_post):
    soup, wren, other = make_post(bob, "a red soup"), make_post(bob, "a red wren"), make_post(bob, "a red fox")
    now = clock.now()
    with database.writing() as db:
        folder_id = bookmark_folders.add(db, now=now, account_id=ann.id, name="Recipes")
        bookmark_folders.put(db, now=now, account_id=ann.id, post_id=soup, folder_id=folder_id)
        bookmarks.bookmark_post(db, now=now, account_id=ann.id, post_id=wren)
    as_ann.open("/bookmarks?q=red")
    assert shown(as_ann) == [wren, soup]
    as_ann.open(f"/bookmarks/{folder_id}?q=red")
    assert shown(as_ann) == [soup]
    as_ann.open("/bookmarks?q=fox")

    assert other not in shown(as_ann)
    assert "Only your bookmarks were searched." in as_ann.text


def test_nobody_sees_anothers_folder(as_bob, ann, database):
    with database.writing() as db:
        folder_id = bookmark_folders.add(db, now=clock.now(), account_id=ann.id, name="Recipes")

    for path in (f"/bookmarks/{folder_id}", f"/bookmarks/{folder_id}/settings"):
        assert as_bob.open(path).status_code == 404
    as_bob.open("/menu")
    sent = {"form_token": as_bob.value("form_token"), "name": "Mine"}
    for path in ("settings", "delete"):
        assert as_bob.client.post(f"/bookmarks/{folder_id}/{path}", data=sent).status_code == 404
