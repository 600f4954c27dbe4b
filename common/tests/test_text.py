"""Texts: what is let in, found, counted, and turned into HTML."""

import time
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twite_common import text
from twite_common.errors import Invalid

DOMAIN = "twite.example"
PAGES = {"ann": "https://twite.example/@Ann", "bob": "https://twite.example/@bob"}


def html(written, **options):
    return text.to_html(
        written, mentions=PAGES, tag_url=lambda key: f"https://twite.example/tags/{key}", domain=DOMAIN, **options
    )


def link(shown, address=None, scheme="https://", cut=""):
    address = address or f"{scheme}{shown}"
    return (
        f'<a href="{address}" target="_blank" rel="nofollow noopener" translate="no"><span class="invisible">{scheme}'
        f'</span><span class="{"ellipsis" if cut else ""}">{shown}</span><span class="invisible">{cut}</span></a>'
    )


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  a  ", "a"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\n\n\n\n\n\nb", "a\n\n\nb"),
        ("e\u0301", "é"),
        ("a\tb", "a\tb"),
        ("\u202eevil\u202c", "evil"),
        ("👩‍👩‍👧", "👩‍👩‍👧"),
        (" \u200b\u00ad\u2060\u3164\n", ""),
    ],
)
def test_text_is_kept_in_one_form(written, kept):
    assert text.clean(written) == kept


@pytest.mark.parametrize("written", ["\x00", "a\x07", "\x1b[31m", "\ud800", "\ufffe", "\x85"])
def test_what_cannot_be_shown_is_refused(written):
    with pytest.raises(Invalid):
        text.clean(written)


def test_one_line_stays_one_line():
    assert text.clean_line(" a\n b\t c ") == "a b c"


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ("hello", 5),
        ("👩‍👩‍👧", 1),
        ("🇩🇪🇫🇷", 2),
        ("é", 1),
        ("https://example.org/" + "a" * 100, 23),
        ("see https://example.org/.", 28),
        ("@ann@example.org hi", 7),
        ("@ann hi", 7),
    ],
)
def test_length_is_what_users_see(written, length):
    assert text.count(written) == length


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("@Ann and @bob, @ann!", ("ann", "bob")),
        ("@ann@twite.example @bob@TWITE.example", ("ann", "bob")),
        ("@ann@other.example", ()),
        ("mail@ann.example a/@ann x=@ann", ()),
        ("https://example.org/@ann", ()),
        ("(@ann)", ("ann",)),
        ("@mara-x @mara.x @mara.übung @mara-x@twite.example", ()),
        ("@ann. @bob, @cho- @dan.", ("ann", "bob", "cho", "dan")),
        ("@ann@twite.example. @bob-", ("ann", "bob")),
        ("https://example.org/x。@ann", ("ann",)),
    ],
)
def test_names_are_found_where_people_mean_them(written, names):
    assert text.mentioned_names(written, DOMAIN) == names


SCRIPTS = (
    *("日本語です", "がぎぐ", "한국어", "हिन्दी", "বাংলা", "தமிழ்", "ภาษาไทย", "العَرَبِيَّة", "עברית", "שָׁלוֹם", "ភាសាខ្មែរ"),
    *("Việt", "Größe", "Ελληνικά", "русский"),
)


@pytest.mark.parametrize(
    ("written", "tags"),
    [
        ("#One #two #ONE", ("One", "two")),
        ("#123 #1st", ("1st",)),
        ("#größe #東京 ＃東京", ("größe", "東京")),
        ("a#b &#39; /#c https://example.org/#d", ()),
        ("(#a) #b.", ("a", "b")),
        ("#a_b", ("a_b",)),
        ("#birds/#heath #sea|#sky #one,#two/#three", ("birds", "heath", "sea", "sky", "one", "two", "three")),
        ("example.org/#no #yes/#too/#three /#no/#no", ("yes", "too", "three")),
        ("https://example.org/x、#猫", ("猫",)),
        *((f"#{name}", (name,)) for name in SCRIPTS),
        *((f"#{name}、#{name}", (name,)) for name in SCRIPTS),
    ],
)
def test_hashtags_are_found_where_people_mean_them(written, tags):
    assert text.hashtags(written) == tags


def test_hashtags_are_the_same_whatever_case_accent_and_width():
    assert {text.hashtag_key(name) for name in ("Größe", "GROSSE", "grosse", "Ｇrösse")} == {"grosse"}


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("日本語です", "日本語です"),
        ("日本語て\u3099す", "日本語です"),
        ("ｶﾞｷﾞ", "ガギ"),
        ("한국어", "한국어"),
        (unicodedata.normalize("NFD", "한국어"), "한국어"),
        ("हिन्दी", "हिन्दी"),
        ("বাংলা", "বাংলা"),
        ("தமிழ்", "தமிழ்"),
        ("ภาษาไทย", unicodedata.normalize("NFKC", "ภาษาไทย")),
        ("العَرَبِيَّة", "العَرَبِيَّة"),
        ("שָׁלוֹם", unicodedata.normalize("NFC", "שָׁלוֹם")),
        ("Tiếng_Việt", "tieng_viet"),
        ("Ελληνικά", "ελληνικα"),
        ("Ёлка", "елка"),
        ("Öl日本語です", "ol日本語です"),
    ],
)
def test_accents_are_folded_where_they_make_no_other_letter(name, key):
    assert text.hashtag_key(name) == key
    assert text.hashtag_key(key) == key


ADDRESS_ENDS = [
    ("「https://example.org/x」", "https://example.org/x"),
    ("https://example.org/x。次", "https://example.org/x"),
    ("https://例え.jp/テスト", "https://例え.jp/テスト"),
    ("https://例え.jp/テスト、見て", "https://例え.jp/テスト"),
    ("（https://example.org/x）", "https://example.org/x"),
    ("【https://example.org/x】次", "https://example.org/x"),
    ("https://example.org/x（説明）", "https://example.org/x（説明）"),
    ("https://example.org/x「次の人", "https://example.org/x"),
    ("https://example.org/x！？", "https://example.org/x"),
    ("［https://example.org/x］", "https://example.org/x"),
    ("“https://example.org/x”", "https://example.org/x"),
    ("„https://example.org/x“", "https://example.org/x"),
    ("«https://example.org/x»", "https://example.org/x"),
    ("»https://example.org/x«", "https://example.org/x"),
    ("‘https://example.org/x’", "https://example.org/x"),
    ("https://fr.example.org/L’Équipe", "https://fr.example.org/L’Équipe"),
    ("https://example.org/„a“", "https://example.org/„a“"),
    ("https://ja.example.org/レオナルド・ダ・ヴィンチ", "https://ja.example.org/レオナルド・ダ・ヴィンチ"),
    ("https://example.org/a–b", "https://example.org/a–b"),
    ("https://example.org/x؟", "https://example.org/x"),
    ("https://example.org/x، ثم", "https://example.org/x"),
    ("https://example.org/x؛ثم", "https://example.org/x"),
    ("https://example.org/हिन्दी।", "https://example.org/हिन्दी"),
    ("https://example.org/x…", "https://example.org/x"),
    ("(https://example.org/x).", "https://example.org/x"),
    ("https://example.org/a_(b)", "https://example.org/a_(b)"),
    ("https://example.org/?q=a,b;c.", "https://example.org/?q=a,b;c"),
    ("https://[::1]/x", "https://[::1]/x"),
]


@pytest.mark.parametrize(("written", "address"), ADDRESS_ENDS)
def test_an_address_ends_with_the_sentence_or_the_quotation_around_it(written, address):
    assert text.urls(written) == (address,)
    assert text.urls(f"{written} {written}") == (address,)


@pytest.mark.parametrize(
    "address",
    [
        "magnet:?xt=urn:btih:c9e15763f722f23e98a29decdfae341b98d53056",
        "xmpp:ann@example.org?message",
        "gemini://example.org/a",
        "gopher://example.org/1",
        "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi",
        "matrix:u/ann:example.org",
        "matrix:r/room:example.org",
    ],
)
def test_addresses_of_other_programs_are_links_but_no_pages(address):
    assert f'<a href="{address.replace("&", "&amp;")}"' in html(f"see {address}.")
    assert text.urls(address) == ()


@pytest.mark.parametrize(
    "written",
    [
        *("ftp://example.org", "javascript:alert(1)", "data:text/html,a", "file:///etc/passwd", "mailto:a@example.org"),
        *("matrix: a film", "xmpp:", "magnet:", "smatrix:u/a:b", "https://", "https://。", "gemini:x", "tel:1"),
    ],
)
def test_other_addresses_are_text(written):
    assert "<a " not in html(written)


def test_what_people_see_of_a_text_has_no_hidden_part_of_a_link():
    written = "see https://www.example.org/a/very/long/path/with/secret, and #tag."

    assert text.visible(written) == "see example.org/a/very/long/path/w, and #tag."
    assert text.visible("nothing") == "nothing"


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ("", ""),
        ("a < b & c", "<p>a &lt; b &amp; c</p>"),
        ("a\nb\n\nc", "<p>a<br />b</p><p>c</p>"),
        (
            "@Ann!",
            '<p><span class="h-card" translate="no"><a href="https://twite.example/@Ann" class="u-url mention">'
            "@<span>Ann</span></a></span>!</p>",
        ),
        ("@nobody", "<p>@nobody</p>"),
        (
            "#Größe",
            '<p><a href="https://twite.example/tags/grosse" class="mention hashtag" rel="tag">'
            "#<span>Größe</span></a></p>",
        ),
        ("https://example.org/a", f"<p>{link('example.org/a')}</p>"),
        ("https://www.example.org", f"<p>{link('example.org', 'https://www.example.org', 'https://www.')}</p>"),
        ("(https://example.org/a).", f"<p>({link('example.org/a')}).</p>"),
        ("https://example.org/a_(b)", f"<p>{link('example.org/a_(b)')}</p>"),
        (
            "https://example.com/a/very/long/path/indeed",
            f"<p>{link('example.com/a/very/long/path/i', 'https://example.com/a/very/long/path/indeed', cut='ndeed')}"
            "</p>",
        ),
        ("javascript:alert(1) example.org ftp://x", "<p>javascript:alert(1) example.org ftp://x</p>"),
    ],
)
def test_text_becomes_html(written, made):
    assert html(written) == made


def test_links_of_a_profile_say_that_they_are_the_same_persons():
    assert 'rel="nofollow noopener me"' in html("https://example.org", me=True)


ALLOWED = {
    "p": set(),
    "br": set(),
    "span": {"class", "translate"},
    "a": {"href", "class", "rel", "target", "translate"},
}


class Read(HTMLParser):
    def __init__(self):
        super().__init__()
        self.text = ""

    def handle_starttag(self, tag, attrs):
        assert set(dict(attrs)) <= ALLOWED[tag]
        assert dict(attrs).get("href", "https://").startswith(("http://", "https://"))
        self.text += "\n" if tag == "br" else ""

    def handle_data(self, data):
        self.text += data


ODD = st.text(st.sampled_from("<>&\"'@#/:. ahtps\nannb=()_1"), max_size=80) | st.text(max_size=80)


@given(ODD)
def test_no_text_makes_other_html_than_ours_and_none_is_lost(written):
    try:
        kept = text.clean(written)
    except Invalid:
        return
    read = Read()
    read.feed(html(kept))
    read.close()

    assert "".join(read.text.split()).replace("＃", "#") == "".join(kept.split()).replace("＃", "#")


@pytest.mark.parametrize(
    "part",
    [
        "@",
        "#",
        "http://",
        "(",
        "@a",
        "#a",
        "a.",
        "@a@a.",
        "https://a)",
        "😀",
        "\n",
        "_",
        "https://a。",
        "「",
        "https://a「",
        "https://a」",
        "https://a“",
        "https://a「」",
        "#a/",
        ":",
        "xmpp:",
    ],
)
def test_long_and_odd_texts_take_no_long_time(part):
    written = part * (20_000 // len(part))
    started = time.process_time()
    html(written)
    text.count(written)
    text.clean(written)
    text.hashtags(written)

    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("part", "first"),
    [(")", "https://a"), (".", "https://a"), ("\u0301\u0316", "a"), ("\u0f73\u0301", "a"), ("\uff9e\u0301", "a")],
)
def test_texts_made_to_take_long_do_not(part, first):
    written = first + part * (200_000 // len(part))
    started = time.process_time()
    kept = text.clean(written)
    text.count(kept)
    html(kept)
    text.hashtag_key(written)

    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "written",
    [
        f"https://a.example/{'b' * 3000}",
        f"@ann@{'b' * 3000}.example",
        "👩" + "\u200d👩" * 5000,
        "a" + "\u034f\u0301" * 10_000,
    ],
)
def test_no_text_is_short_that_takes_much_room(written):
    kept = text.clean(written)

    assert text.count(kept) > 500 or len(kept) < 100


def test_an_excerpt_is_cut_between_characters():
    assert text.plain_excerpt("a\nb  c", 10) == "a b c"
    assert text.plain_excerpt("👩‍👩‍👧" * 5, 3) == "👩‍👩‍👧" * 2 + "…"


@pytest.mark.faults
def test_a_host_that_no_server_can_have_counts_and_mentions_nobody():
    host = "b" * 254

    assert text.count("@ann@" + "b" * 253) == len("@ann")
    assert text.count(f"@ann@{host}") == len(f"@ann@{host}")
    assert text.mentioned_names(f"@ann@{host}", host[:-1]) == ()


@pytest.mark.faults
def test_an_excerpt_has_few_bytes():
    for written in ("a" + "\u0301" * 100_000, "👩" + "\u200d👩" * 100_000):
        assert len(text.plain_excerpt(written, 300).encode()) <= text.max_bytes(300) + 3


@pytest.mark.faults
def test_what_is_longer_than_any_word_is_no_hashtag():
    assert text.hashtags("#" + "a" * 200) == ("a" * 200,)
    assert text.hashtags("#" + "a\u200c" * 200) == ()


@pytest.mark.faults
def test_of_a_text_full_of_links_the_first_ones_are_made():
    made = text.to_html("#a " * 100, mentions={}, tag_url=lambda key: f"/tags/{key}", domain="twite.example")

    assert made.count("<a ") == text.MAX_LINKS
    assert made.endswith(" #a </p>")
