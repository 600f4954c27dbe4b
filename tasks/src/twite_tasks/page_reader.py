"""Reading other servers' pages, which may be anything."""

from html.parser import HTMLParser


class PageReader(HTMLParser):
    """Python's reader of HTML, but for pages that it fails on."""

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """Skip a section such as `<![if …]>`; one that isn't well formed is a comment, as browsers take it.

        On those Python's own reader fails an assertion.
        """
        try:
            return super().parse_marked_section(i, report)
        except AssertionError:
            return self.parse_bogus_comment(i)
