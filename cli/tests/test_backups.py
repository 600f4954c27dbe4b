from twite_common import secret


def test_a_site_is_backed_up_and_restored_elsewhere(twite, environment, data, tmp_path, ann):
    file = str(tmp_path / "site.backup")
    wrote = twite("backup", file)
    environment.setenv("TWITE_DATABASE", "")
    restored = twite("restore --data", str(tmp_path / "elsewhere"), file)
    shown = twite("account list --data", str(tmp_path / "elsewhere"))

    assert [wrote.exit_code, restored.exit_code] == [0, 0]
    assert shown.output.startswith("ann\t")
    assert (tmp_path / "elsewhere" / secret.KEY_FILE).read_bytes() == (data / secret.KEY_FILE).read_bytes()


def test_a_restore_over_a_site_is_refused(twite, tmp_path, ann):
    file = str(tmp_path / "site.backup")
    twite("backup", file)
    refused = twite("restore", file)

    assert (refused.exit_code, "Restore into an empty" in refused.stderr) == (1, True)
    assert twite("account list").output.startswith("ann\t")
