"""`make release` in a copy of the repository."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("common", "broker", "web", "tasks", "cli")
WHEELS = [f"{name}-1.2.3-py3-none-any.whl" for name in ("twite", *(f"twite_{part}" for part in sorted(PARTS[:-1])))]
NOTES = "### Added\n\n- Something, at last."
CHANGELOG = (
    f"# Changelog\n\n## [Unreleased]\n\n- Later.\n\n## [1.2.3] - 2026-12-01\n\n{NOTES}\n\n## [1.2.2]\n\n- Before.\n"
)
KEPT = "common/tests/releases/1.2.3.backup"
WHO = {f"GIT_{who}_{what}": "ann@mail.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
ENVIRONMENT = {**{name: value for name, value in os.environ.items() if not name.startswith("GIT_")}, **WHO}

pytestmark = pytest.mark.usefixtures("integration")


@pytest.fixture
def repository(tmp_path):
    """A repository that a release of 1.2.3 can be made of."""
    root = tmp_path / "repository"
    for part in PARTS:
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("tests", "__pycache__"))
        set_version(root, part, "1.2.3")
    (root / "deploy").mkdir()
    for name in (".gitignore", "LICENSE", "deploy/release.py"):
        shutil.copy(ROOT / name, root / name)
    (root / "CHANGELOG.md").write_text(CHANGELOG)
    (root / KEPT).parent.mkdir(parents=True)
    (root / KEPT).touch()
    git(root, "init", "--quiet", "--initial-branch=main")
    commit(root)
    return root


def git(root, *arguments):
    return subprocess.run(
        ("git", *arguments), cwd=root, env=ENVIRONMENT, capture_output=True, text=True, check=True
    ).stdout.strip()


def commit(root):
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "Change")


def set_version(root, part, version):
    file = root / part / "pyproject.toml"
    file.write_text(file.read_text().replace('version = "0.1.0"', f'version = "{version}"'))


def release(root):
    command = (sys.executable, root / "deploy" / "release.py")
    return subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=120)


def refusal(root):
    tags = git(root, "tag")
    made = release(root)

    assert made.returncode == 1
    assert not (root / "dist").exists()
    assert git(root, "tag") == tags
    return made.stderr


def test_a_release_is_built_checked_and_tagged(repository):
    made = release(repository)
    dist = repository / "dist"

    assert made.returncode == 0, made.stderr
    assert "git push origin v1.2.3" in made.stdout
    assert sorted(file.name for file in dist.iterdir()) == sorted(["NOTES.md", "SHA256SUMS", *WHEELS])
    assert (dist / "NOTES.md").read_text() == f"{NOTES}\n"
    assert subprocess.run(("sha256sum", "--check", "--strict", "SHA256SUMS"), cwd=dist).returncode == 0
    assert git(repository, "rev-parse", "v1.2.3^{commit}") == git(repository, "rev-parse", "HEAD")
    assert git(repository, "tag", "--list", "--format=%(contents)", "v1.2.3") == f"Twite 1.2.3\n\n{NOTES}"


def test_wheels_hold_templates_styles_migrations_and_the_licence(repository):
    (repository / "web" / "src" / "twite_web" / "templates" / "draft.html").write_text("not committed, but ignored")
    with (repository / ".git" / "info" / "exclude").open("a") as excluded:
        excluded.write("draft.html\n")
    release(repository)
    held = {name for wheel in WHEELS for name in zipfile.ZipFile(repository / "dist" / wheel).namelist()}

    for part in PARTS:
        source = repository / part / "src"
        assert held >= set(git(source, "ls-files").splitlines())
    assert "twite_web/templates/draft.html" not in held
    assert len([name for name in held if name.endswith("licenses/LICENSE")]) == len(PARTS)


def test_the_same_commit_makes_the_same_wheels(repository):
    release(repository)
    before = (repository / "dist" / "SHA256SUMS").read_text()
    git(repository, "tag", "--delete", "v1.2.3")
    release(repository)

    assert (repository / "dist" / "SHA256SUMS").read_text() == before


def test_what_is_not_committed_is_not_released(repository):
    (repository / "LICENSE").write_text("Mine")

    assert "the tree isn't clean" in refusal(repository)
    assert "LICENSE" in refusal(repository)


def test_a_version_that_the_changelog_does_not_name_is_not_released(repository):
    (repository / "CHANGELOG.md").write_text(CHANGELOG.replace("[1.2.3]", "[1.2.30]"))
    commit(repository)

    assert "CHANGELOG.md says nothing about 1.2.3. Give" in refusal(repository)


def test_a_version_of_which_the_changelog_says_nothing_is_not_released(repository):
    (repository / "CHANGELOG.md").write_text(CHANGELOG.replace(NOTES, ""))
    commit(repository)

    assert "CHANGELOG.md says nothing about 1.2.3. Give" in refusal(repository)


def test_a_version_that_kept_no_site_is_not_released(repository):
    (repository / KEPT).unlink()
    commit(repository)

    assert f"{KEPT} is missing. Run common/tests/releases/write.py 1.2.3." in refusal(repository)


def test_a_version_is_released_once(repository):
    git(repository, "tag", "v1.2.3")

    assert "the tag v1.2.3 exists already" in refusal(repository)


def test_parts_of_different_versions_are_not_released(repository):
    file = repository / "web" / "pyproject.toml"
    file.write_text(file.read_text().replace("1.2.3", "1.2.4"))
    commit(repository)

    assert "common 1.2.3, broker 1.2.3, web 1.2.4" in refusal(repository)


def test_a_version_that_is_not_semantic_is_not_released(repository):
    for part in PARTS:
        file = repository / part / "pyproject.toml"
        file.write_text(file.read_text().replace("1.2.3", "1.2"))
    commit(repository)

    assert "1.2 isn't a semantic version" in refusal(repository)


def test_a_wheel_without_its_styles_is_not_released(repository):
    file = repository / "web" / "pyproject.toml"
    wheel = '[tool.hatch.build.targets.wheel]\nexclude = ["*.css"]'
    file.write_text(file.read_text().replace("[tool.hatch.build.targets.wheel]", wheel))
    commit(repository)

    assert "doesn't hold twite_web/static/" in refusal(repository)
