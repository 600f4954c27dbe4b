"""Make a release of the version that the parts' projects name: wheels, checksums, notes and a tag. Nothing is pushed.

Everything is made from the commit, in a copy: what isn't committed can't get into a release.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"
PARTS = ("common", "broker", "web", "tasks", "cli")
VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")


class Refused(Exception):
    """There can be no release; the sentence says why and what to do."""


def main() -> None:
    """Check everything, build, and tag last."""
    try:
        version = checked_version()
        notes = checked_notes(version)
        check_site(version)
        check_tree()
        tag = f"v{version}"
        check_tag(tag)
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder)
            export(copy)
            wheels = [build(copy, part) for part in PARTS]
            publish(wheels, notes)
    except Refused as refused:
        raise SystemExit(f"No release: {refused}") from refused
    git("tag", "--annotate", "--cleanup=whitespace", "--message", f"Twite {version}\n\n{notes}", tag)
    sys.stdout.write(
        f"dist holds Twite {version}, and {tag} is tagged here. To publish it: git push origin {tag}, "
        "and put the files of dist where people find them, with NOTES.md as the text.\n"
    )


def checked_version() -> str:
    """Return the version that all parts name."""
    versions = {
        part: tomllib.loads((ROOT / part / "pyproject.toml").read_text())["project"]["version"] for part in PARTS
    }
    if len(set(versions.values())) > 1:
        named = ", ".join(f"{part} {version}" for part, version in versions.items())
        raise Refused(f"all parts have one version, but these differ: {named}. Set `version` in each pyproject.toml.")
    version: str = versions[PARTS[0]]
    if not VERSION.fullmatch(version):
        raise Refused(f"{version} isn't a semantic version such as 1.2.0. Set `version` in each pyproject.toml.")
    return version


def checked_notes(version: str) -> str:
    """Return what the changelog says about a version."""
    _, _, rest = (ROOT / "CHANGELOG.md").read_text().partition(f"\n## [{version}]")
    # The heading's rest is the date.
    notes = re.split(r"^(?:## |\[[^\]]+\]: )", rest.partition("\n")[2], maxsplit=1, flags=re.MULTILINE)[0].strip()
    if not notes:
        raise Refused(
            f"CHANGELOG.md says nothing about {version}. Give what stands under [Unreleased] the heading "
            f"`## [{version}] - YYYY-MM-DD`, and commit that."
        )
    return notes


def check_site(version: str) -> None:
    """Refuse a release that didn't keep a site of its own: later versions must be able to bring that up to date."""
    kept = ROOT / "common" / "tests" / "releases" / f"{version}.backup"
    if not kept.exists():
        raise Refused(
            f"{kept.relative_to(ROOT)} is missing. Run {kept.with_name('write.py').relative_to(ROOT)} {version}."
        )


def check_tree() -> None:
    """Refuse what isn't committed: the tag wouldn't name it."""
    if changes := git("status", "--porcelain"):
        raise Refused(f"the tree isn't clean. Commit these or take them away first:\n{changes}")


def check_tag(tag: str) -> None:
    """Refuse a version that there is already."""
    if git("tag", "--list", tag):
        raise Refused(f"the tag {tag} exists already. Set the next `version` in each pyproject.toml.")


def export(folder: Path) -> None:
    """Put the commit's files into a folder, and the licence beside each part, so that each wheel holds it."""
    archive = folder / "commit.tar"
    git("archive", f"--output={archive}", "HEAD", "LICENSE", *PARTS)
    shutil.unpack_archive(archive, folder)
    for part in PARTS:
        shutil.copy(folder / "LICENSE", folder / part)


def build(folder: Path, part: str) -> Path:
    """Build a part's wheel and see that it holds every file of the part: modules, templates, styles, migrations."""
    subprocess.run(
        (sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder / "dist"),
        cwd=folder / part,
        # The same commit makes the same wheel.
        env={**os.environ, "SOURCE_DATE_EPOCH": git("show", "--no-patch", "--format=%ct", "HEAD")},
        check=True,
        capture_output=True,
    )
    [project] = (file.name for file in (folder / part / "src").iterdir())
    [wheel] = (folder / "dist").glob(f"{project}-*.whl")
    source = folder / part / "src"
    files = {str(file.relative_to(source)) for file in source.rglob("*") if file.is_file()}
    with zipfile.ZipFile(wheel) as archive:
        missing = files - set(archive.namelist())
    if missing:
        raise Refused(
            f"{wheel.name} doesn't hold {', '.join(sorted(missing))}. See `tool.hatch` in {part}/pyproject.toml."
        )
    return wheel


def publish(wheels: list[Path], notes: str) -> None:
    """Put wheels, their checksums and the notes into ./dist, and nothing else."""
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    digests = [f"{hashlib.sha256(wheel.read_bytes()).hexdigest()}  {wheel.name}\n" for wheel in wheels]
    for wheel in wheels:
        shutil.copy(wheel, DIST)
    (DIST / "SHA256SUMS").write_text("".join(digests))
    (DIST / "NOTES.md").write_text(f"{notes}\n")


def git(*arguments: str) -> str:
    """Run git in the repository and return what it prints."""
    ran = subprocess.run(("git", *arguments), cwd=ROOT, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise SystemExit(f"git {arguments[0]} failed: {ran.stderr.strip()}")
    return ran.stdout.strip()


if __name__ == "__main__":
    main()
