"""Naming other accounts of one's own."""


def test_other_accounts_are_named_and_removed(as_ann, as_bob):
    as_ann.open("/settings/aliases")
    as_ann.submit("/settings/aliases", {"address": "@Ann@Other.Example"})
    named = as_ann.text
    as_bob.open("/settings/aliases")
    [remove] = [action for action in as_ann.actions() if action.endswith("/remove")]
    as_ann.submit(remove)

    assert "@Ann@other.example" in named
    assert "other.example" not in as_ann.text.replace("name@other.example", "")
    assert "@Ann" not in as_bob.text


def test_those_that_are_shown_stand_on_the_profile(ann, as_ann, stranger):
    as_ann.open("/settings/aliases")
    as_ann.submit("/settings/aliases", {"address": "ann@other.example", "shown": "1"})
    as_ann.submit("/settings/aliases", {"address": "ann@hidden.example"})
    shown = stranger.open(f"/@{ann.username}").text
    # Naming one again says anew whether it is shown, as the buttons beside each do.
    as_ann.submit("/settings/aliases", {"address": "ann@other.example"})

    assert "@ann@other.example" in shown
    assert "hidden.example" not in shown
    assert "other.example" not in stranger.open(f"/@{ann.username}").text


def test_what_is_no_account_elsewhere_is_refused(as_ann):
    as_ann.open("/settings/aliases")
    as_ann.submit("/settings/aliases", {"address": "ann"})

    assert as_ann.response.status_code == 422
    assert "isn't an account on another site" in as_ann.text
