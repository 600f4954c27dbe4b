"""Somebody at a browser without JavaScript: opens pages, fills in their forms, presses their buttons."""

from functools import cached_property
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
from bs4 import BeautifulSoup, Tag

FILES = Any


class Browser:
    """Holds the page that is open. Works over any client that has httpx's interface and keeps cookies."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.response: httpx.Response = httpx.Response(200)

    @cached_property
    def page(self) -> BeautifulSoup:
        """The open page, parsed when a test looks at it: that takes as long as making it did, and many never look."""
        return BeautifulSoup(self.response.text, "html.parser")

    def open(self, path: str) -> httpx.Response:
        """Open a page; redirects are followed, as browsers do."""
        return self._show(self.client.get(path, follow_redirects=True))

    def submit(
        self, action: str, values: dict[str, Any] | None = None, files: FILES = None, *, name: str | None = None
    ) -> httpx.Response:
        """Send the open page's form with that action; what isn't given is sent as the page has it.

        A value that the form has no field for is a mistake in the test, or in the page. `name` is a field that the form
        must have, where several forms share an action.
        """
        form = self.form(action, name)
        address = self._button_addresses(form).get(action, self._address(form))
        fields = _fields(form)
        for field, value in (values or {}).items():
            assert form.find(None, attrs={"name": field}) is not None, f"the form {action} has no field {field}"
            fields = {key: old for key, old in fields.items() if key != field}
            if value is not None:
                fields[field] = value
        if form.get("enctype") == "multipart/form-data":
            chosen = {key: (None, value) for key, value in fields.items()} | (files or {})
            sent = self.client.post(address, files=chosen, follow_redirects=True)
        else:
            assert not files, f"the form {action} takes no files"
            sent = self.client.post(address, data=fields, follow_redirects=True)
        return self._show(sent)

    def form(self, action: str, name: str | None = None) -> Tag:
        """Return the open page's form with that action."""
        forms = [
            form
            for form in self.page.find_all("form")
            if action in self._actions(form) and (name is None or form.find(None, attrs={"name": name}))
        ]
        assert len(forms) >= 1, f"{self.path} has no form {action}, only {self.actions()}"
        return forms[0]

    def actions(self) -> list[str]:
        """Return where the open page's forms lead."""
        return [action for form in self.page.find_all("form") for action in self._actions(form)]

    def _actions(self, form: Tag) -> list[str]:
        """Return where a form leads, and further addresses of its buttons."""
        return list(dict.fromkeys([urlsplit(self._address(form)).path, *self._button_addresses(form)]))

    def _button_addresses(self, form: Tag) -> dict[str, str]:
        """Return the addresses of those buttons that have one of their own, by their paths."""
        buttons = form.find_all("button", formaction=True)
        addresses = [urljoin(str(self.response.url), str(button["formaction"])) for button in buttons]
        return {urlsplit(address).path: address for address in addresses}

    def value(self, field: str) -> str | None:
        """Return what a field of the open page holds."""
        found = self.page.find(None, attrs={"name": field})
        assert isinstance(found, Tag), f"{self.path} has no field {field}"
        return _fields(self.page).get(field)

    @property
    def path(self) -> str:
        """Path of the open page."""
        return self.response.url.path

    @property
    def text(self) -> str:
        """What somebody reads on the open page, with single spaces."""
        return " ".join(self.page.get_text(" ").split())

    def _show(self, response: httpx.Response) -> httpx.Response:
        self.response = response
        self.__dict__.pop("page", None)
        return response

    def _address(self, form: Tag) -> str:
        return urljoin(str(self.response.url), str(form.get("action") or ""))


def _fields(form: Tag) -> dict[str, str]:
    """Return what a form sends as it stands (HTML Standard, constructing the entry list)."""
    fields: dict[str, str] = {}
    for field in form.find_all(["input", "textarea", "select"]):
        name = str(field.get("name") or "")
        if not name or field.has_attr("disabled"):
            continue
        if field.name == "textarea":
            # The first line break after the tag isn't part of the text.
            fields[name] = field.get_text().removeprefix("\n")
        elif field.name == "select":
            chosen = field.find("option", selected=True) or field.find("option")
            if chosen is not None:
                fields[name] = str(chosen.get("value", chosen.get_text()))
        elif field.get("type") in {"checkbox", "radio"}:
            if field.has_attr("checked"):
                fields[name] = str(field.get("value", "on"))
        elif field.get("type") not in {"file", "submit", "button", "image", "reset"}:
            fields[name] = str(field.get("value", ""))
    return fields
