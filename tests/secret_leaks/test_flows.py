"""No secret is logged or stored in clear: every flow that handles one, then a search of all that the site leaves."""

import re
from collections.abc import Callable

from secret_leaks import accounts, applications, failures
from secret_leaks.search import leaks
from secret_leaks.story import Story

KINDS = {
    "PKCE verifier",
    "access token",
    "address of a feed",
    "appeal link",
    "authorization code",
    "changed password",
    "client secret",
    "confirmation link",
    "device code",
    "e-mail change link",
    "form cookie",
    "form token",
    "invitation code",
    "key of an app",
    "key of an app, in groups",
    "link of whom it wasn't",
    "link to follow by mail",
    "login link",
    "password for a new account",
    "password made by an operator",
    "password never taken",
    "password reset by mail",
    "password reset link",
    "password typed as a name",
    "pending log-in",
    "personal token",
    "recovery code",
    "recovery code, as it is hashed",
    "refresh token",
    "renewed secret of a webhook",
    "secret of a webhook",
    "session cookie",
    "set-up of an app",
    "the server's key",
    "token made by an operator",
    "unsubscribe link",
    "user code",
    "wrong password",
}
FLOWS = (
    accounts.an_operator_makes_an_account_and_a_token,
    accounts.somebody_logs_in,
    accounts.somebody_invites,
    accounts.the_invited_sign_up_while_no_worker_runs,
    accounts.the_new_confirm_their_address,
    accounts.somebody_forgets_a_password,
    accounts.somebody_changes_address_and_password,
    accounts.somebody_logs_in_with_a_link,
    accounts.somebody_sets_up_a_second_factor,
    accounts.somebody_reads_their_timeline_as_a_feed,
    accounts.somebody_has_a_webhook,
    accounts.somebody_follows_by_mail,
    accounts.somebody_reads_what_was_done,
    applications.somebody_makes_a_token,
    applications.an_application_is_let_in,
    applications.a_device_is_let_in,
    accounts.somebody_wants_no_more_mail,
    accounts.somebody_is_warned_and_appeals,
    failures.what_is_wrong_is_sent,
    failures.the_site_fails,
    accounts.an_operator_looks_around,
    accounts.somebody_leaves,
)


def test_whatever_people_do_no_secret_is_printed_or_kept(tell: Callable[..., Story]):
    story = tell("web", registration="invitation", signups="1000", login_attempts="1000", login_links="true")
    story.secrets.add("the server's key", (story.site.folder / accounts.KEY).read_text(), accounts.KEY, accounts.BACKUP)
    found = {}
    for flow in FLOWS:
        flow(story)
        found[flow.__name__] = leaks(story.site, story.secrets)

    assert "DEBUG" in (story.site.folder / "worker-1.log").read_text()
    assert {name: leaked for name, leaked in found.items() if leaked} == {}
    assert story.secrets.kinds == KINDS


def test_only_who_starts_a_new_site_sees_the_link_to_its_first_account(tell: Callable[..., Story]):
    story = tell("run")
    [link] = re.findall(rf"{story.site.base_url}(/first/\S+)", story.site.printed())
    story.secrets.add("link to the first account", link.rpartition(".")[2], "run-0.log")
    password = story.secrets.password("the administrator's password")
    typed = {"username": "ann", "email": "ann@mail.example", "password": password}
    story.ann.open(link)
    story.ann.submit(link, typed | {"username": ""})
    story.ann.submit(link, typed)
    story.stranger.open(link)
    story.ann.open("/menu")
    story.ann.submit("/logout")
    story.log_in(story.ann, "ann", password)

    assert story.ann.path == "/"
    assert leaks(story.site, story.secrets) == []
    assert story.site.printed().count(link) == 1
    assert {"link to the first account", "session cookie", "form token"} <= story.secrets.kinds
