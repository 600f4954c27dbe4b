import pytest
from sqlalchemy import select

from twite_common import secret
from twite_common.tables import token


def test_a_new_token_is_printed_and_nothing_else(twite, database, ann):
    made = twite("token create ann --scopes", "read write follow push")
    with database.reading() as db:
        stored = db.execute(select(token.c.secret_hash, token.c.scopes)).one()

    assert made.stderr == ""
    assert stored == (secret.digest(made.stdout.rstrip("\n")), "read write follow push")


@pytest.mark.parametrize("scopes", ["read fly", "", "  "])
def test_a_token_for_what_does_not_exist_is_not_made(twite, database, ann, scopes):
    refused = twite("token create ann --scopes", scopes)

    assert (refused.exit_code, refused.stdout) == (1, "")
    with database.reading() as db:
        assert db.scalar(select(token.c.id)) is None


def test_tokens_are_listed_without_themselves_and_revoked_by_id(twite, ann):
    made = twite("token create ann --scopes read").stdout.strip()
    listed = twite("token list ann").stdout
    id = listed.split("\t")[0]
    revoked = twite("token revoke", id)

    assert listed.split("\t")[1:] == ["twite token create", "read", "never expires\n"]
    assert made not in listed
    assert (revoked.exit_code, twite("token list ann").stdout) == (0, "")
    assert twite("token revoke", id).exit_code == 1


@pytest.mark.faults
def test_an_account_has_as_many_tokens_for_scripts_as_it_needs(twite, ann):
    codes = [twite("token create ann").exit_code for _ in range(20)]
    refused = twite("token create ann")
    twite("token revoke", twite("token list ann").stdout.split("\t")[0])

    assert codes == [0] * 20
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "An account can have at most 20 tokens." in refused.stderr
    assert twite("token create ann").exit_code == 0
