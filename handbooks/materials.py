"""What the press and its worker share: the folders and fonts they may read, and why nothing was printed.

The worker loads no more of the house than this: it starts for every first print, and knows neither law nor cases.
"""

from pathlib import Path

from hall.words import N_

HOUSE = Path(__file__).resolve().parent.parent
OPEN_FOLDERS = (HOUSE / "handbooks", HOUSE / "static")
FONT_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
)
FONT_FILES = ("NotoSans-Regular.*", "NotoSans-Bold.*", "NotoSansCJK-Regular.*", "NotoSansCJK-Bold.*")
"""Files that must be there (packages fonts-noto-core and fonts-noto-cjk)."""
FAMILIES = (
    "Noto Sans",
    "Noto Sans CJK SC",
    "Noto Sans CJK TC",
    "Noto Sans CJK JP",
    "Noto Sans CJK KR",
    "Noto Naskh Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Thai",
)

REASONS = {
    "library": N_("The printing libraries are missing on this machine: Pango and HarfBuzz must be installed."),
    "fonts": N_("The Noto fonts are missing on this machine."),
    "glyph": N_("A character has no glyph in the fonts of the press: %(detail)s"),
    "refused": N_("The pages ask for something that the press does not fetch: %(detail)s"),
    "style": N_("The pages or their style hold a mistake: %(detail)s"),
    "time": N_("Printing took longer than %(detail)s seconds and was stopped."),
    "memory": N_("Printing needed more memory than it may use."),
    "other": N_("Printing failed: %(detail)s"),
}
"""Why nothing was printed, by code (msgids)."""


class PressFailed(Exception):
    """Nothing was printed; `code` is a key of REASONS, `message` its msgid and `params` what to put into it."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.message = REASONS[code]
        self.params = {"detail": detail}

    def told(self) -> dict[str, str]:
        """Return it as the worker tells it."""
        return {"code": self.code, "detail": self.params["detail"]}
