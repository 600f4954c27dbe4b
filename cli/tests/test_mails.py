def test_without_a_mail_server_a_test_mail_is_a_file(twite, data):
    sent = twite("mail test ann@mail.example")
    written = [path.read_text() for path in (data / "mail").glob("*.eml")]

    assert sent.exit_code == 0
    assert ["To: ann@mail.example" in content for content in written] == [True]


def test_a_mail_server_that_is_not_there_is_explained(twite, environment):
    environment.setenv("TWITE_SMTP", "smtp://127.0.0.1:1")
    sent = twite("mail test ann@mail.example")

    assert sent.exit_code == 1
    assert "Please check the setting smtp" in sent.stderr


def test_a_test_mail_that_no_file_can_be_made_of_is_explained(twite, data):
    (data / "mail").touch()
    sent = twite("mail test ann@mail.example")

    assert (sent.exit_code, sent.stdout) == (1, "")
    assert "can't store files" in sent.stderr
