"""Check the locks without a network: they pin what the projects ask for, and name no address to download from."""

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "requirements"
NPM_LOCKS = (ROOT / "package-lock.json", ROOT / "tests" / "clients" / "javascript" / "package-lock.json")
PARTS = ("common", "broker", "web", "tasks", "cli")
OWN = {"twite-common", "twite-broker", "twite-web", "twite-tasks", "twite"}
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;]+)", re.MULTILINE)
ADDRESS = re.compile(r"^.*(?:://| @ |--(?:extra-)?index-url|--find-links).*$", re.MULTILINE)


def main() -> int:
    """Print what is wrong with the locks; return 1 when something is."""
    wanted = [*unmet("run.txt", run_requirements())]
    for name in ("build", "dev"):
        wanted += unmet(f"{name}.txt", listed_requirements(LOCKS / f"{name}.in"))
    problems = [*addresses(), *(f"{problem} Run `make lock`." for problem in wanted)]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def addresses() -> Iterator[str]:
    """Give a sentence for every line of a lock that names where to download from."""
    for lock in sorted(LOCKS.iterdir()):
        for line in ADDRESS.findall(lock.read_text()):
            yield f"{lock.name} names a download address: {line.strip()}."
    for lock in NPM_LOCKS:
        packages = json.loads(lock.read_text())["packages"]
        for name in sorted(name for name, package in packages.items() if "resolved" in package):
            yield f"{lock.relative_to(ROOT)} names a download address for {name}; .npmrc says how to leave it out."


def unmet(lock: str, requirements: Iterator[Requirement]) -> Iterator[str]:
    """Give a sentence for every requirement that a lock doesn't pin to a version that meets it."""
    pins = [(canonicalize_name(name), version) for name, version in PIN.findall((LOCKS / lock).read_text())]
    for requirement in requirements:
        name = canonicalize_name(requirement.name)
        versions = [version for pinned, version in pins if pinned == name]
        if not any(requirement.specifier.contains(version, prereleases=True) for version in versions):
            yield f"{lock} doesn't lock {requirement} (it has {', '.join(versions) or 'no version of it'})."


def run_requirements() -> Iterator[Requirement]:
    """Give what the projects ask for, but for each other."""
    for part in PARTS:
        project = tomllib.loads((ROOT / part / "pyproject.toml").read_text())["project"]
        for text in project["dependencies"]:
            requirement = Requirement(text)
            if canonicalize_name(requirement.name) not in OWN:
                yield requirement


def listed_requirements(file: Path) -> Iterator[Requirement]:
    """Give the requirements that a file lists, but for those of files it refers to."""
    for line in file.read_text().splitlines():
        if line and not line.startswith(("-", "#")):
            yield Requirement(line)


if __name__ == "__main__":
    raise SystemExit(main())
