"""The catalogs of texts: what the tool makes of the code, and which mistakes it finds in translations."""

import re

import pytest

import translations as tool
from twite_common import translations

CODE = """
from twite_common.translations import gettext as _, marked, ngettext, pgettext

TITLE = marked("A title")
def f(n): return _("Up to %(count)s characters", count=n), ngettext("%(count)s day", "%(count)s days", n)
def g(): return pgettext("verb", "Post"), _(TITLE), _("Follow @%(name)s", name="ann")
"""
PAGE = """
<h1>{{ _("Hello <em>%(name)s</em>", name=name) }}</h1>
{% trans count=n %}
  {{ count }} post
{% pluralize %}
  {{ count }} posts
{% endtrans %}
"""


@pytest.fixture
def root(tmp_path):
    """A tree with a part that has texts in its code and in a template."""
    templates = tmp_path / "web" / "src" / "twite_web" / "templates" / "posts"
    templates.mkdir(parents=True)
    (templates.parents[1] / "titles.py").write_text(CODE)
    (templates / "post.html").write_text(PAGE)
    return tmp_path


@pytest.fixture
def translate(root):
    """Translate a text into a language, in place; `forms` are for its counts."""

    def translate(language, text, *forms):
        path = tool.Part("web", root).catalog(language)
        catalog = tool._read(path, language)
        message = next(one for one in catalog if one.id and text in one.id)
        message.string = forms if message.pluralizable else forms[0]
        tool._write(path, catalog)

    return translate


def found(root, language):
    return [sentence for sentence in tool.problems(root) if f"/{language}/" in sentence]


def test_texts_of_code_and_templates_are_in_every_catalog(root):
    tool.update(root)
    template = tool._read(tool.Part("web", root).template, None)
    ids = {message.id for message in template if message.id}

    assert ids == {
        *("A title", "Up to %(count)s characters", "Post", "Hello <em>%(name)s</em>", "Follow @%(name)s"),
        *(("%(count)s day", "%(count)s days"), ("%(count)s post", "%(count)s posts")),
    }
    assert all(tool.Part("web", root).catalog(language).exists() for language in (*tool.COMPLETE, *tool.BEGUN))
    assert not (root / "common").exists()


def test_running_it_again_changes_nothing_and_keeps_translations(root, translate):
    tool.update(root)
    translate("de", "A title", "Ein Titel")
    written = {path: path.read_bytes() for path in root.rglob("*.po*")}
    tool.update(root)

    assert {path: path.read_bytes() for path in root.rglob("*.po*")} == written
    assert b"Ein Titel" in written[tool.Part("web", root).catalog("de")]
    assert not any(re.search(rb"Date|:\d+\n", content) for content in written.values())


def test_what_is_not_there_yet_is_not_missed(root):
    assert list(tool.problems(root)) == []


def test_a_complete_language_has_every_text_and_one_that_is_begun_may_have_gaps(root):
    tool.update(root)

    assert any("'A title' isn't translated" in sentence for sentence in found(root, "de"))
    assert found(root, "ar") == []


def test_a_text_that_is_new_or_gone_is_noticed(root):
    tool.update(root)
    code = root / "web" / "src" / "twite_web" / "titles.py"
    code.write_text(CODE.replace("A title", "Another title"))
    sentences = "\n".join(tool.problems(root))

    assert "twite.pot lacks 'Another title'. Run `make translations`." in sentences
    assert "ar/LC_MESSAGES/twite.po has 'A title'" in sentences


@pytest.mark.parametrize(
    ("language", "text", "forms", "wrong"),
    [
        ("de", "A title", ["Ein Titel"], False),
        ("de", "Hello <em>%(name)s</em>", ["Hallo <em>%(name)s</em>"], False),
        ("de", "Hello <em>%(name)s</em>", ["Hallo %(name)s"], True),
        ("de", "Hello <em>%(name)s</em>", ["Hallo <em>%(nom)s</em>"], True),
        ("de", "A title", ["100 % Titel"], True),
        ("de", "%(count)s day", ["ein Tag", "%(count)s Tage"], False),
        ("de", "%(count)s day", ["%(count)s Tag", "Tage"], True),
        ("de", "%(count)s day", ["%(count)s Tag", ""], True),
        ("fr", "%(count)s day", ["un jour", "%(count)s jours"], True),
        ("ja", "%(count)s day", ["%(count)s日"], False),
        ("ar", "%(count)s day", ["لا أيام", "يوم", "يومان", *["%(count)s أيام"] * 3], False),
        ("ar", "%(count)s day", ["لا أيام", "يوم", "يومان", "أيام", *["%(count)s أيام"] * 2], True),
        ("ar", "%(count)s day", ["%(count)s أيام"], True),
        ("ar", "Follow @%(name)s", ["متابعة \u200e@%(name)s"], False),
        ("ar", "Follow @%(name)s", ["متابعة @%(name)s"], True),
        ("fr", "Follow @%(name)s", ["Suivre @%(name)s"], False),
    ],
)
def test_mistakes_in_translations_are_found(root, translate, language, text, forms, wrong):
    tool.update(root)
    translate(language, text, *forms)
    mistakes = [one for one in found(root, language) if f": {text!r} " in one]

    assert bool(mistakes) == wrong


def test_the_catalogs_are_read_as_they_are_written(root, translate, monkeypatch):
    tool.update(root)
    translate("ja", "%(count)s day", "%(count)s日")
    monkeypatch.setattr(translations, "_folders", [tool.Part("web", root).locale])
    translations.languages.cache_clear()
    translations._translations.cache_clear()
    try:
        assert translations.languages() == ("en", "ar", "de", "es", "fr", "ja")
        with translations.using("ja"):
            assert translations.ngettext("%(count)s day", "%(count)s days", 3) == "3日"
            assert translations.gettext("A title") == "A title"
    finally:
        monkeypatch.undo()
        translations.languages.cache_clear()
        translations._translations.cache_clear()


def test_the_catalogs_of_the_project_have_no_mistakes():
    assert list(tool.problems()) == []
