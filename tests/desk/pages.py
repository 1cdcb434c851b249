"""A browser without JavaScript, which follows links and submits forms."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import httpx

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp

__all__ = ["Form", "Page", "Surfer"]

BASE = "http://desk.example"


@dataclass
class Form:
    """A form with the values of its fields and the addresses of its buttons."""

    method: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    file: str = ""


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self.words: list[str] = []
        self.form: Form | None = None
        self.select: str | None = None
        self.area: str | None = None
        self.button: tuple[str, str, str, str] | None = None
        self.href: str | None = None
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = Form(given.get("method", "get"), given.get("action", ""))
            self.forms.append(self.form)
        elif tag == "a":
            self.href = given.get("href")
        elif self.form is not None:
            self._field(tag, given)

    def _field(self, tag: str, given: Mapping[str, str]) -> None:
        assert self.form is not None
        name = given.get("name", "")
        if tag == "input" and given.get("type") == "radio":
            if "checked" in given:
                self.form.fields[name] = given["value"]
        elif tag == "input" and given.get("type") == "file":
            self.form.file = name
        elif tag == "input":
            self.form.fields[name] = given.get("value", "")
        elif tag == "textarea":
            self.area, self.form.fields[name] = name, ""
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select is not None:
            if "selected" in given or self.select not in self.form.fields:
                self.form.fields[self.select] = given.get("value", "")
        elif tag == "button":
            action = given.get("formaction", self.form.action)
            self.button = (action, name, given.get("value", ""), given.get("aria-label", ""))

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self.area is not None and self.form is not None:
            self.form.fields[self.area] += data
        if self.button is not None and self.form is not None and data.strip():
            action, name, value, label = self.button
            self.form.buttons[data.strip()] = self.form.buttons[label] = (action, name, value)
        if self.href is not None and data.strip():
            self.links.setdefault(data.strip(), self.href)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "textarea" and self.form is not None and self.area is not None:
            text = self.form.fields[self.area].removeprefix("\n")  # as browsers do
            self.form.fields[self.area] = text
            self.area = None
        elif tag == "select":
            self.select = None
        elif tag == "button":
            self.button = None
        elif tag == "a":
            self.href = None


class Page:
    """A response, parsed."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self.url = response.url
        self.headers = response.headers
        self.response = response
        self.html = response.text
        parser = _Parser()
        parser.feed(self.html)
        self.forms = parser.forms
        self.links = parser.links
        self.tags = parser.tags
        self.text = " ".join(" ".join(parser.words).split())

    def form(self, ending: str) -> Form:
        """Return the first form whose action, or that of a button, ends with a text."""
        return next(
            form
            for form in self.forms
            if form.action.partition("?")[0].endswith(ending)
            or any(action.endswith(ending) for action, _, _ in form.buttons.values())
        )


class Surfer:
    """A browser with its cookies."""

    def __init__(self, app: ASGIApp, *, base: str = BASE, address: str = "127.0.0.1") -> None:
        transport = httpx.ASGITransport(app, client=(address, 1))
        self.http = httpx.AsyncClient(transport=transport, base_url=base, follow_redirects=True)

    async def open(self, path: str) -> Page:
        """Open a page, following redirects."""
        return Page(await self.http.get(path))

    async def send(
        self,
        page: Page,
        form: Form,
        button: str | None = None,
        *,
        file: object = None,
        **typed: str,
    ) -> Page:
        """Submit a form with a button; dots in field names are written as `__`."""
        action, fields = form.action, dict(form.fields)
        if button is not None:
            action, name, value = form.buttons[button]
            if name:
                fields[name] = value
        for name, text in typed.items():
            key = name.replace("__", ".")
            assert key in fields or key == form.file or key.startswith("take."), key
            fields[key] = text
        # browsers send line breaks as CR LF
        sent = {name: "\r\n".join(text.splitlines()) for name, text in fields.items()}
        url = urljoin(str(page.url), action)
        if form.method == "get":
            return Page(await self.http.get(url, params=sent))
        files = {form.file: file} if file is not None else None
        return Page(await self.http.post(url, data=sent, files=files))  # type: ignore[arg-type]
