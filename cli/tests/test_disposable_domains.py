def test_a_list_is_imported_listed_and_emptied(twite, database, tmp_path):
    file = tmp_path / "list.txt"
    file.write_text("# a list\nb.example\na.example\n")
    imported = twite("disposable import", str(file))
    listed = twite("disposable list").stdout
    removed = twite("disposable remove a.example")
    again = twite("disposable remove a.example")
    cleared = twite("disposable clear")

    assert (imported.stdout, listed) == ("Added 2 domains.\n", "a.example\nb.example\n")
    assert (removed.stdout, again.exit_code) == ("Removed a.example.\n", 1)
    assert (cleared.stdout, twite("disposable list").stdout) == ("Removed 1 domains.\n", "")


def test_what_is_no_list_is_refused(twite, database, tmp_path):
    file = tmp_path / "list.txt"
    file.write_text("fine.example\n<html>\n")
    refused = twite("disposable import", str(file))

    assert refused.exit_code == 1
    assert "Nothing was added: line 2 is no domain: <html>" in refused.stderr
    assert twite("disposable list").stdout == ""
