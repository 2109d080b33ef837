"""A plain HTTP client for the tests: keeps cookies and one connection, follows nothing by itself."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
ATTRIBUTE = re.compile(r'(name|value)="([^"]*)"')


class NoAnswer(Exception):
    """The server went away before it answered: nothing was acknowledged."""


@dataclass
class Answer:
    """What the server said."""

    status: int
    location: str
    text: str


@dataclass
class Visitor:
    """One browser without pictures or scripts, on the server at `address`."""

    address: str
    cookies: dict[str, str] = field(default_factory=dict)
    _connection: HTTPConnection | None = None

    def get(self, path: str) -> Answer:
        """Ask for a page; NoAnswer."""
        return self._ask("GET", path, None)

    def post(self, path: str, values: Mapping[str, str]) -> Answer:
        """Send a form; NoAnswer."""
        return self._ask("POST", path, urlencode(values))

    def form(self, path: str, form_action: str | None = None) -> dict[str, str]:
        """Return the hidden fields of a page's form; of the one that goes to an address, where that is named."""
        return hidden_fields(self.get(path).text, form_action or path)

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        host = urlsplit(self.address).netloc
        if self._connection is None:
            self._connection = HTTPConnection(host, timeout=30)
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
            text = response.read().decode()
        except (OSError, HTTPException) as error:
            self.close()
            raise NoAnswer(str(error)) from error
        for line in response.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return Answer(response.status, response.headers.get("Location", ""), text)


def hidden_fields(text: str, form_action: str) -> dict[str, str]:
    """Return the hidden fields of the form that goes to an address, the token among them."""
    forms = (part.split("</form>")[0] for part in text.split("<form")[1:])
    form = next(form for form in forms if f'action="{form_action}"' in form.split(">")[0])
    found = [dict(ATTRIBUTE.findall(tag)) for tag in HIDDEN.findall(form)]
    return {values["name"]: unescape(values.get("value", "")) for values in found}
