"""Imported posts are seen by those who may see any other, wherever they are asked for, whomever they name."""

from sqlalchemy import insert

from post_visibility.oracle import AUTHORS, Post, may
from twite_common import clock, ids
from twite_common.services.posts import imported_posts
from twite_common.services.posts.imported_posts import ImportedPost
from twite_common.tables import import_
from twite_common.visibility import VISIBILITIES

PLACES = ("/api/v1/statuses/{id}", "/@{author}/{id}", "/api/v1/accounts/{account}/statuses?limit=40", "/@{author}")


def test_imported_posts_are_shown_as_the_oracle_allows(world, viewers, database, settings):
    now = clock.now()
    for author in AUTHORS:
        account_id, import_id = world.people[author].id, ids.new(now)
        posts = [
            # As old as a post that the page of its author begins with.
            ImportedPost(
                source_id=visibility, at=now, text=f"zq{author}{visibility}qz @mentioned @wary", visibility=visibility
            )
            for visibility in VISIBILITIES
            if visibility != "mentioned"
        ]
        with database.writing() as db:
            db.execute(insert(import_), {"id": import_id, "account_id": account_id, "kind": "posts"})
            imported_posts.add(
                db,
                settings,
                now=now,
                account_id=account_id,
                import_id=import_id,
                source="mastodon",
                posts_with_media=[(post, []) for post in posts],
            )
    with database.reading() as db:
        known = {
            author: imported_posts.known(
                db,
                settings,
                account_id=world.people[author].id,
                source="mastodon",
                source_ids=VISIBILITIES,
            )
            for author in AUTHORS
        }
    made = [
        Post(id, author, "reply", visibility) for author, those in known.items() for visibility, id in those.items()
    ]
    wrong = []
    for name, viewer in viewers.items():
        for post in made:
            account = world.people[post.author].id
            places = [place.format(id=post.id, author=post.author, account=account) for place in PLACES]
            word = f"zq{post.author}{post.visibility}qz"
            for place, answer in zip(places, viewer.ask(places), strict=True):
                # To the website, whoever is suspended is a stranger.
                seer = "anonymous" if name == "expelled" and not place.startswith("/api/") else name
                asked_for_it = str(post.id) in place
                if (word in answer.text) != may(seer, post) and (asked_for_it or word in answer.text):
                    wrong.append((name, place, word, answer.status_code))

    assert len(made) == 3 * len(AUTHORS)
    assert wrong == []
