"""What the documents tell people to type exists: commands with their options, settings, files and services."""

import inspect
import re
import shlex
import shutil
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path

import click
import pytest
import yaml
from litestar import Litestar
from litestar.routes import HTTPRoute

import twite.main
from twite_common.settings import Settings, descriptions
from twite_tasks import context
from twite_web.site.routes import router

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("*/README.md"))]
SETTINGS = {name for name, _, _ in descriptions()}
SERVICES = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["services"]
FENCED = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
INLINE = re.compile(r"`([^`]+)`")
COMPOSE = re.compile(r"docker compose (?P<verb>exec|run|cp|logs) (?:-T |--rm |--entrypoint (?P<other>\S+) )*")
DEPLOY = ROOT / "docs" / "deploy.md"
PATH = re.compile(r"[\w.<>-][\w.*@…/<>-]*")
ELSEWHERE = {".env", "NOTES.md", "<domain>/name.html", "postgresql.conf", "site.backup", "twite.toml"}
"""Files that documents name but the project doesn't hold."""


def typed(text):
    """Give each line of code in a document, whole where it went on in the next line."""
    for block in FENCED.findall(text):
        yield from block.replace("\\\n", " ").splitlines()
    for code in INLINE.findall(FENCED.sub("", text)):
        yield " ".join(code.split())


def words(line):
    """Return the words of a command up to where another one begins or its output goes."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>()")
    lexer.whitespace_split = True
    found = []
    for word in lexer:
        if set(word) <= set("|&;<>()"):
            break
        found.append(word)
    return found


def commands(text):
    """Give the arguments of every `twite …` that a document has people type."""
    for line in typed(text):
        compose = COMPOSE.match(line)
        if compose:
            _, *rest = words(line[compose.end() :])
            if compose["verb"] == "run" and not compose["other"] and rest:
                yield rest
            elif compose["verb"] == "exec" and rest[0] == "twite":
                yield rest[1:]
        elif found := re.match(r"(?:[A-Z_]+=\S+ )*(?:[\w./-]*/)?twite (.*)", line):
            yield words(found[1])


def problem(arguments):
    """Return what click has against a command; None when it could be run. Nothing is run."""
    command: click.Command = twite.main.main
    context = click.Context(command, info_name="twite", **command.context_settings)
    try:
        while isinstance(command, click.Group) and arguments:
            _, arguments, _ = command.make_parser(context).parse_args(list(arguments))
            if arguments:
                name, command, arguments = command.resolve_command(context, arguments)
                context = click.Context(command, info_name=name, parent=context)
        if not isinstance(command, click.Group):
            command.parse_args(context, list(arguments))
    except click.MissingParameter:
        # A sentence may name a command without all that belongs to it.
        return None
    except click.BadParameter as error:
        stands_for_something = any(word.isupper() for word in arguments)
        return None if stands_for_something else error.format_message()
    except click.UsageError as error:
        return error.format_message()
    return None


def links(text):
    """Return where a document's links lead, but for those to other sites."""
    return [link for link in LINK.findall(FENCED.sub("", text)) if "://" not in link and not link.startswith("mailto:")]


def leads_somewhere(document, link):
    """Say whether there is a file at a relative link and, if it names a heading, that heading in it."""
    name, _, anchor = link.partition("#")
    file = document.parent / name if name else document
    return file.exists() and (not anchor or anchor in {slug(title) for title in HEADING.findall(file.read_text())})


def slug(title):
    """Return the name that a heading has in a link."""
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


@cache
def files():
    """Return the path of every file of the project."""
    listing = ("git", "ls-files", "--cached", "--others", "--exclude-standard")
    return subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()


def paths(text):
    """Return the paths in a document's code: words that begin with a folder of the project, or end as its files do."""
    folders = {file.partition("/")[0] for file in files() if "/" in file}
    endings = {Path(file).suffix for file in files()} - {""}
    words = [word.strip(",;:()'\"") for line in INLINE.findall(FENCED.sub("", text)) for word in line.split()]
    return [
        word
        for word in words
        if PATH.fullmatch(word)
        and (("/" in word and word.partition("/")[0] in folders) or Path(word).suffix in endings)
    ]


def is_there(path):
    """Say whether files have a path, or one that ends like it.

    `<noun>` stands for any name, `…` for anything, the number of a unit for none.
    """
    pattern = re.escape(re.sub(r"@\d+\.", "@.", path.rstrip("/")))
    pattern = re.sub(r"<\w+>|\\\*", "[^/]+", pattern).replace("…", ".*")
    return any(re.search(f"(^|/){pattern}(/|$)", file) for file in files())


def targets(text):
    """Return the targets of make that a document has people type."""
    return [found[1] for line in typed(text) if (found := re.match(r"make ([a-z-]+)", line))]


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch):
    """Reading an option such as --data sets a variable."""
    monkeypatch.setenv("TWITE_DATA", "data")


def test_commands_are_found_wherever_they_are_typed():
    text = (
        "Type `twite run`, as the user `twite` or as Twite, or `.venv/bin/twite check`; `twite.toml` isn't one.\n"
        "```\nTWITE_PORT=1 twite account \\\n  list\ncreateuser twite\ntwite backup FILE && echo done\n"
        "docker compose exec worker twite events list | less\ndocker compose run --rm migrate restore FILE\n"
        "docker compose exec worker rm FILE\ndocker compose run --rm --entrypoint rm migrate FILE\n```\n"
    )

    assert list(commands(text)) == [
        ["account", "list"],
        ["backup", "FILE"],
        ["events", "list"],
        ["restore", "FILE"],
        ["run"],
        ["check"],
    ]


@pytest.mark.parametrize(
    "right", ["run --port 80", "events", "events retry ID", "account create", "backup FILE", "--data DIR check", "-h"]
)
def test_a_command_that_exists_is_no_problem(right):
    assert problem(right.split()) is None


@pytest.mark.parametrize(
    "wrong",
    ["start", "events discard", "run --prot 80", "backup FILE more", "account set-role ann king", "events retry all"],
)
def test_a_command_that_does_not_exist_is_found(wrong):
    assert problem(wrong.split())


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_exists(document):
    found = {" ".join(one): problem(one) for one in commands(document.read_text())}

    assert {command: why for command, why in found.items() if why} == {}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading(document):
    assert [link for link in links(document.read_text()) if not leads_somewhere(document, link)] == []


def test_a_link_that_leads_nowhere_is_found():
    assert links("See [this](a.md#b), ![that](c.png) and [there](https://example.org).") == ["a.md#b", "c.png"]
    assert leads_somewhere(DEPLOY, "deploy.md#many-at-once")
    assert leads_somewhere(DEPLOY, "#mail")
    assert not leads_somewhere(DEPLOY, "deploy.md#nothing-of-that-name")
    assert not leads_somewhere(DEPLOY, "nowhere.md")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_variable_is_a_setting(document):
    named = {name.removeprefix("TWITE_").lower() for name in re.findall(r"TWITE_[A-Z][A-Z_]*", document.read_text())}

    assert {name for name in named - SETTINGS if not name.startswith("test_")} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_path_exists(document):
    assert [path for path in paths(document.read_text()) if path not in ELSEWHERE and not is_there(path)] == []


def test_a_path_that_does_not_exist_is_found():
    named = paths("`make x`, `a/b` and `common/src`, `posts.py` or `.venv/bin/x posts.html`, `twite.services.posts`")

    assert named == ["common/src", "posts.py", "posts.html"]
    assert all(map(is_there, ["services/posts/polls.py", "web/tests/<room>/", "twite-web@8003.service", "deploy/…"]))
    assert not any(map(is_there, ["services/polls.py", "olls.py", "web/<noun>.py", "deploy/nothing"]))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_target_of_make_exists(document):
    present = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert [target for target in targets(document.read_text()) if target not in present] == []


def test_targets_are_found_wherever_they_are_typed():
    assert targets("Type `make test ARGS=x` or `make`.\n```\nmake run\n```\n`make-believe`") == ["run", "test"]


def test_deploying_names_many_commands_and_settings():
    text = DEPLOY.read_text()

    assert {"run", "check", "backup", "restore", "migrate", "events", "mail"} <= {one[0] for one in commands(text)}
    assert len(set(re.findall(r"TWITE_[A-Z_]+", text))) > 8


def test_every_setting_that_is_explained_exists():
    table = DEPLOY.read_text().partition("| setting |")[2].partition("\n\n")[0]
    explained = {name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in INLINE.findall(row)}

    assert len(explained) > 10
    assert explained - SETTINGS == set()


def test_the_parts_of_the_target_fit_into_what_postgresql_allows():
    web = Settings().threads + Settings().database_writers + 2
    worker = context.READERS + Settings().database_writers
    together = 2 * web + worker
    text = " ".join(DEPLOY.read_text().split())

    assert together + 2 <= 100 - 3
    assert f"streaming | {web} |" in text
    assert f"{context.READERS} (or `threads`, if that is less) + `database_writers` | {worker} |" in text
    assert f"Two web processes and a worker use {together}." in text


def test_every_file_to_be_copied_exists():
    named = set(re.findall(r"\bdeploy/[\w.@/-]*\w", DEPLOY.read_text()))

    assert len(named) > 5
    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_every_unit_and_every_container_exists():
    text = DEPLOY.read_text()
    units = set(re.findall(r"\btwite-[a-z]+\b(?!\.conf)", text)) - {"twite-upstream", "twite-restart"}
    files = {path.stem.removesuffix("@") for path in (ROOT / "deploy" / "systemd").glob("twite-*.service")}
    lines = [line for line in typed(text) if COMPOSE.match(line)]
    containers = {words(COMPOSE.sub("", line))[0].partition(":")[0] for line in lines}

    assert units <= files
    assert containers
    assert containers <= SERVICES.keys()


@pytest.mark.needs("nginx")
def test_nginx_understands_what_is_put_before_the_containers(tmp_path):
    [server] = re.findall(r"^```nginx\n(.*?)^```$", DEPLOY.read_text(), re.MULTILINE | re.DOTALL)
    server = server.replace("/var/log/nginx/error.log", f"{tmp_path}/error.log")
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/pid; events {{}} http {{ access_log off;\n{server} }}")
    command = [
        shutil.which("nginx") or "/usr/sbin/nginx",
        "-t",
        "-c",
        str(tmp_path / "nginx.conf"),
        "-e",
        str(tmp_path / "start.log"),
    ]

    assert subprocess.run(command, capture_output=True).returncode == 0


def pages():
    """Return the address of every page of the website."""
    site = Litestar([router], openapi_config=None, logging_config=None)
    return sorted(route.path_format for route in site.routes if isinstance(route, HTTPRoute) and "GET" in route.methods)


def is_named(path, text):
    """Say whether a document names an address, or a whole folder of addresses that it is in."""
    folder = f"`/{path.split('/')[1]}/…`"
    parent = path.removesuffix(".csv").rpartition("/{file}")[0] or path.removesuffix(".csv")
    return folder in text or f"`{parent}`" in text or path.startswith("/api/docs/")


def test_every_page_of_the_website_is_explained():
    text = (ROOT / "docs" / "site.md").read_text()

    assert [path for path in pages() if not is_named(path, text) and path != "/settings"] == []


def test_every_module_of_the_website_that_is_named_exists():
    rows = re.findall(r"^\| `/.*\| ([^|]+) \|$", (ROOT / "docs" / "site.md").read_text(), re.MULTILINE)
    named = {module for row in rows for module in INLINE.findall(row)}

    assert len(named) > 20
    assert {module for module in named if not is_there(f"{module}.py")} == set()


def explained_pages(text):
    """Give each address in the tables of the website's document, with the modules that are named beside it."""
    for addresses, modules in re.findall(r"^\| (`/[^|]*) \|[^|]*\| ([^|]+) \|$", text, re.MULTILINE):
        for path in re.findall(r"`(/[^`]+)`", addresses):
            yield path, set(INLINE.findall(modules))


def module_of(handler):
    """Return the name of the module that a handler is written in."""
    return inspect.unwrap(getattr(handler.fn, "func", handler.fn)).__module__.rpartition(".")[2]


def test_every_page_is_explained_once_and_beside_the_module_that_serves_it():
    site = Litestar([router], openapi_config=None, logging_config=None)
    serving = {
        route.path_format: set(map(module_of, route.route_handlers))
        for route in site.routes
        if isinstance(route, HTTPRoute)
    }
    explained = list(explained_pages((ROOT / "docs" / "site.md").read_text()))
    served = [(path, modules) for path, modules in explained if path in serving]

    assert len(served) > 100
    assert [path for path, number in Counter(path for path, _ in explained).items() if number > 1] == []
    assert {path: serving[path] for path, modules in served if not modules & serving[path]} == {}


def test_a_page_that_is_not_explained_is_found():
    assert not is_named("/somewhere", "`/elsewhere`, `/settings/…`")
    assert is_named("/settings/mail", "`/elsewhere`, `/settings/…`")
