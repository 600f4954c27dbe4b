"""Templates: what they name is there, and they load."""

import errno
import os
import re

import pytest
from jinja2 import FileSystemBytecodeCache, FileSystemLoader

from twite_web.core import STATIC
from twite_web.site import assets, templating, visibilities
from twite_web.site.operations import style_guide
from twite_web.site.view_models.notifications import ICONS

TEMPLATES = STATIC.parent / "templates"


def test_every_icon_that_is_named_is_drawn():
    drawn = set(re.findall(r'<symbol id="([a-z]+)"', (STATIC / "icons.svg").read_text()))
    files = TEMPLATES.rglob("*.html")
    pattern = r"(?:icons \}\}#|icon\(\")([a-z]+)\""
    named = {name for file in files for name in re.findall(pattern, file.read_text())}

    assert "home" in named
    assert (named | set(ICONS.values())) - drawn == set()


def test_no_rule_of_the_stylesheet_is_for_nothing():
    written_style = assets.read(STATIC).files[assets.STYLESHEET].decode()
    style = re.sub(r"\{[^{}]*\}", "{}", re.sub(r"/\*.*?\*/", "", written_style, flags=re.DOTALL))
    classes = set(re.findall(r"\.([a-z][a-z-]*)", style))
    files = [*TEMPLATES.rglob("*.html"), *(STATIC / "scripts").rglob("*.js")]
    written = "".join(file.read_text() for file in files)

    made = {"mention", "hashtag", "invisible", "ellipsis"}
    made |= {f"swatch-{name}" for name in style_guide.COLOURS} | {f"sample-{name}" for name in style_guide.SIZES}
    made |= {f"readers-{name}" for name in visibilities.WORDS}
    made |= {f"repliers-{name}" for name in visibilities.REPLY_WORDS}
    assert {name for name in classes - made if not re.search(rf"\b{name}\b", written)} == set()


def test_a_component_is_styled_in_one_file_only():
    files_by_class: dict[str, set[str]] = {}
    for file in (STATIC / "styles").glob("*.css"):
        style = re.sub(r"/\*.*?\*/|@media[^{]*\{|\([^()]*\)", "", file.read_text(), flags=re.DOTALL)
        for name in re.findall(r"(?:^|[{},])\s*\.([a-z-]+)\s*(?=[,{])", style):
            files_by_class.setdefault(name, set()).add(file.name)

    # The frame's parts have a place in it and a look.
    assert {name: files for name, files in files_by_class.items() if len(files) > 1 and name != "top"} == {}


class FullDisk(FileSystemBytecodeCache):
    def dump_bytecode(self, bucket):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_site_starts_without_room_for_compiled_templates(tmp_path, monkeypatch):
    monkeypatch.setattr(templating._environment, "bytecode_cache", FullDisk(str(tmp_path)))
    monkeypatch.setattr(templating._environment, "cache", {})
    templating.load_templates()

    assert templating._environment.bytecode_cache is None
    assert len(templating._environment.cache) == len(templating._environment.list_templates())


@pytest.fixture
def change(tmp_path, monkeypatch):
    """Write a template that is one word, as if some time had passed."""
    monkeypatch.setattr(templating._environment, "loader", FileSystemLoader(tmp_path))
    monkeypatch.setattr(templating._environment, "auto_reload", False)
    monkeypatch.setattr(assets._current, "reloads", False)
    file = tmp_path / "word.html"

    def change(word):
        seconds = file.stat().st_mtime + 1 if file.exists() else 0
        file.write_text(word)
        os.utime(file, (seconds, seconds))

    return change


def test_a_template_stays_as_it_was_when_the_site_started(change):
    change("before")
    templating.load_templates()
    change("after")

    assert templating.template("word.html").render() == "before"


def test_who_changes_templates_sees_that_at_once(change):
    change("before")
    templating.load_templates()
    templating.reload_templates()
    change("after")

    assert templating.template("word.html").render() == "after"


def test_only_strangers_are_asked_to_log_in_where_a_page_is_not_found(client, as_ann):
    strangers, anns = client.get("/nobody/is/here").text, as_ann.open("/nobody/is/here").text

    assert 'href="/login"' in strangers
    assert 'href="/login"' not in anns
    assert 'href="/"' in anns


@pytest.mark.parametrize(("value", "is_whole"), [("1", False), ("", True)])
def test_an_empty_header_asks_for_no_part_since_caches_take_it_for_none(client, value, is_whole):
    page = client.get("/about", headers={"Twite-Part": value}).text

    assert page.startswith("<!doctype html>") is is_whole


def test_a_kept_page_is_for_its_own_address_alone(client):
    pages = [client.get(path).text for path in ("/about", "/about?q=birds", "/about", "/about?q=birds")]
    addresses = [re.search(r'<link rel="canonical" href="https?://[^/]+([^"]+)"', page)[1] for page in pages]

    assert addresses == ["/about", "/about?q=birds"] * 2


def test_a_page_is_rendered_once_for_strangers_until_something_changes(client, ann, make_post, monkeypatch):
    rendered = []
    template = templating._environment.get_template("timelines/public.html")
    render = template.render
    monkeypatch.setattr(template, "render", lambda **given: rendered.append(1) or render(**given))
    make_post(ann, "Hello")
    first, again = client.get("/public").text, client.get("/public").text
    make_post(ann, "Goodbye")
    after = client.get("/public").text

    assert first == again
    assert "Goodbye" in after
    assert len(rendered) == 2
