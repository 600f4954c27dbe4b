from sqlalchemy import update

from twite_common.tables import account


def test_right_counts_are_said_to_be_right(twite, ann):
    checked = twite("counts check")

    assert (checked.exit_code, checked.output) == (0, "All counts are correct.\n")


def test_wrong_counts_are_named_and_repaired(twite, database, ann):
    with database.writing() as db:
        db.execute(update(account).values(posts_count=7))
    wrong = twite("counts check")
    repaired = twite("counts repair")

    assert (wrong.exit_code, "is 7 and should be 0" in wrong.output) == (1, True)
    assert (repaired.output, twite("counts check").exit_code) == ("Repaired one count.\n", 0)
