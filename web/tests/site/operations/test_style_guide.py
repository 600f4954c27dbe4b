"""The style guide is for those who develop."""

from twite_web.site import assets


def test_it_is_shown_while_the_site_is_developed_only(client, monkeypatch):
    before = client.get("/styleguide")
    monkeypatch.setattr(assets._current, "reloads", True)
    shown = client.get("/styleguide")

    assert (before.status_code, shown.status_code) == (404, 200)
    assert "#bird" in shown.text
