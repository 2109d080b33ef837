"""How a sentence for people is carried where no language is known yet: an English msgid and its parameters."""


def N_(message: str) -> str:
    """Mark `message` (English, a gettext msgid) for the catalogues and return it unchanged."""
    return message


class Refused(Exception):
    """An act is refused; `message` and `params` say why and are translated for the reader by the page."""

    message = ""

    def __init__(self, **params: object) -> None:
        super().__init__(self.message)
        self.params = params
