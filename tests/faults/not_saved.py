"""What a visitor is told when the hall cannot save: one sentence in the visitor's language, and the form once more."""

from dataclasses import dataclass
from gettext import translation

from hall.errors import NOT_OPENED, SENTENCES
from hall.languages import CATALOGUES
from tests.web_client import Answer, Visitor, hidden_fields

LOCALES = {"en": "en", "zh-Hans": "zh_Hans"}


def check_told(answer: Answer, tag: str, *, opened: bool = True) -> None:
    """The answer is no success and says so in the language of its address: a form not saved, or a page not `opened`."""
    assert answer.status == 503, answer.text
    message = SENTENCES[503][1] if opened else NOT_OPENED[1]
    assert translation("messages", CATALOGUES, [LOCALES[tag]]).gettext(message) in answer.text
    assert f'<html lang="{tag}"' in answer.text


@dataclass
class Unsaved:
    """A form that was not saved, as the page of the error offers it to be sent again."""

    visitor: Visitor
    path: str
    fields: dict[str, str]

    @classmethod
    def of(cls, visitor: Visitor, path: str, answer: Answer) -> "Unsaved":
        """Read the form out of the answer."""
        return cls(visitor, path, hidden_fields(answer.text, path))

    def send(self) -> Answer:
        """Press the button."""
        return self.visitor.post(self.path, self.fields)
