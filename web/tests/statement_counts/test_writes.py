"""How many SQL statements a write runs, and how many of them while others who write wait."""

from twite_web.middleware.security import is_api

# What is changed often: how many statements the whole request runs, and how many while others who write wait.
WRITES = {
    "/api/v1/statuses": (11, 9),
    "/api/v1/statuses/{mine}/pin": (8, 6),
    "/api/v1/statuses/{mine}/unpin": (5, 3),
    "/api/v1/statuses/{first}/unfavourite": (6, 5),
    "/api/v1/statuses/{first}/favourite": (8, 7),
    "/api/v1/statuses/{first}/unbookmark": (4, 3),
    "/api/v1/statuses/{first}/bookmark": (4, 3),
    "/api/v1/bookmark_folders/{folder}/statuses": (6, 6),
    "/api/v1/statuses/{first}/reblog": (17, 14),
    "/api/v1/statuses/{first}/unreblog": (16, 15),
    "/api/v1/accounts/{cho}/follow": (12, 11),
    "/api/v1/accounts/{cho}/unfollow": (11, 10),
    "/api/v1/accounts/{bob}/mute": (5, 4),
    "/api/v1/accounts/{bob}/unmute": (5, 4),
    "/api/v1/accounts/{cho}/block": (10, 9),
    "/api/v1/accounts/{cho}/unblock": (5, 4),
    "/posts": (10, 9),
    "/posts/{first}/unfavourite": (5, 5),
    "/posts/{first}/favourite": (7, 7),
    "/posts/{first}/unbookmark": (3, 3),
    "/posts/{first}/bookmark": (3, 3),
    "/accounts/{cho}/follow": (12, 12),
    "/accounts/{cho}/unfollow": (10, 10),
}
TEXTS = {
    "/api/v1/statuses": {"status": "Hello"},
    "/api/v1/bookmark_folders/{folder}/statuses": {"status_ids[]": ["{first}"]},
    "/posts": {"text": "Hello"},
}


def filled(form, names):
    """Return a form with what there is in the world."""
    return {
        key: [one.format(**names) for one in value] if isinstance(value, list) else value for key, value in form.items()
    }


def test_a_write_takes_few_statements_and_renders_after_its_commit(world, statements, logged_in, ann):
    browser = logged_in(ann)
    browser.open("/compose")
    token = {"form_token": browser.value("form_token")}
    numbers = {}
    for more in (1, 3):
        world.fill(more)
        for route in WRITES:
            path = route.format(**world.names)
            client = world.as_ann if is_api(path) else browser.client
            with statements() as ran, statements(writing=True) as written:
                answer = client.post(path, data=token | filled(TEXTS.get(route, {}), world.names))
            assert answer.status_code in {200, 303}, (route, answer.text)
            numbers.setdefault(route, []).append((len(ran), len(written)))

    assert {route: found for route, found in numbers.items() if max(found) > WRITES[route]} == {}
