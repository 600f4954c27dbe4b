"""What keeps floods of sign-ups out, on the page for staff."""

import pytest

from twite_common.queries.moderation import disposable_domains, sign_up_questions

PATH = "/admin/sign-ups"


@pytest.fixture
def boss(make_account, logged_in):
    return logged_in(make_account("boss", role="admin"))


def listed(database):
    with database.reading() as db:
        return disposable_domains.listed(db, limit=100)


def question(database):
    with database.reading() as db:
        return sign_up_questions.get(db)


def test_a_question_is_set_changed_and_taken_away(database, boss):
    boss.open(PATH)
    boss.submit(f"{PATH}/question", {"question": "Which bird?", "answers": "finch\n\n...\na finch "})
    kept = question(database)
    boss.submit(f"{PATH}/question", {"question": "", "answers": ""})

    assert (kept.question, kept.answers) == ("Which bird?", "finch\na finch")
    assert question(database) is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"question": "Which bird?", "answers": " \n..."}, "Please give at least one right answer."),
        ({"question": " ", "answers": "finch"}, "Please write the question, or remove the answers."),
        ({"question": "x" * 201, "answers": "finch"}, "The text can have at most 200 characters."),
    ],
)
def test_a_question_that_nobody_could_answer_is_refused(database, boss, fields, said):
    boss.open(PATH)
    boss.submit(f"{PATH}/question", fields)

    assert (boss.response.status_code, said in boss.text, question(database)) == (422, True, None)
    assert boss.value("question") == fields["question"]


def test_domains_are_typed_uploaded_looked_up_and_removed(database, boss):
    boss.open(PATH)
    boss.submit(f"{PATH}/domains", {"domains": "a.example\nb.example"}, {"file": ("list.txt", b"# more\nc.example\n")})
    added = listed(database)
    boss.open(f"{PATH}?q=B")
    shown = [form.parent.p.text for form in boss.page.select(f"form[action='{PATH}/domains/remove']")]
    boss.submit(f"{PATH}/domains/remove")
    left = listed(database)
    boss.submit(f"{PATH}/domains/remove-all")

    assert added == ["a.example", "b.example", "c.example"]
    assert shown == ["b.example", "c.example"]
    assert (left, listed(database)) == (["a.example", "c.example"], [])


@pytest.mark.parametrize(
    ("file", "said"),
    [(b"fine.example\n<html>\n", "line 3 is no domain: <html>"), (b"\xff\xfe", "The file isn't a text in UTF-8.")],
)
def test_a_file_that_is_no_list_adds_nothing(database, boss, file, said):
    boss.open(PATH)
    boss.submit(f"{PATH}/domains", {}, {"file": ("list.txt", file)})

    assert (boss.response.status_code, said in boss.text, listed(database)) == (422, True, [])


def test_nobody_changes_to_a_listed_address(database, boss, logged_in, ann):
    boss.open(PATH)
    boss.submit(f"{PATH}/domains", {"domains": "short.example"}, {"file": ("", b"")})
    browser = logged_in(ann)
    browser.open("/settings/account/email")
    browser.submit(
        "/settings/account/email", {"email": "ann@mail.short.example", "current_password": "correct horse battery"}
    )

    assert "only work for a short time" in browser.text


@pytest.mark.parametrize("path", ["question", "domains", "domains/remove", "domains/remove-all"])
def test_only_staff_change_that(database, logged_in, ann, path):
    browser = logged_in(ann)
    browser.open("/settings")
    sent = {"form_token": browser.value("form_token"), "domains": "a.example", "domain": "a.example"}
    answer = browser.client.post(f"{PATH}/{path}", data=sent)

    assert (browser.client.get(PATH).status_code, answer.status_code) == (403, 403)
    assert listed(database) == []


def test_what_was_changed_is_in_the_audit_log(boss):
    boss.open(PATH)
    boss.submit(f"{PATH}/question", {"question": "Which bird?", "answers": "finch"})
    boss.submit(f"{PATH}/domains", {"domains": "a.example"}, {"file": ("", b"")})
    boss.submit(f"{PATH}/domains/remove")
    log = boss.open("/admin/audit").text and boss.text

    assert "@boss changed the question for signing up: “Which bird?”" in log
    assert "@boss created disposable e-mail providers (1)" in log
    assert "@boss deleted the disposable e-mail provider a.example" in log
