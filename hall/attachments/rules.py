"""What may be added to a case as a photo or scan of a paper: kinds, sizes and names. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath

from hall.words import N_, Refused

MEGABYTE = 1_000_000
FILE_BYTES = 10 * MEGABYTE  # a scan of thirty pages, or a photo of any phone
FORM_BYTES = 52 * MEGABYTE  # five files and what goes around them; held in memory while a form is read
FILES_AT_ONCE = 5
CASE_BYTES = 100 * MEGABYTE
CASE_FILES = 100  # those that were removed again counted too, for their rows stay
NAME_MOST = 100
# What a file begins with (ISO/IEC 10918-1 and 15948, ISO 32000-1); its name and what the browser says do not count.
SIGNATURES = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n", "application/pdf": b"%PDF-"}
ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf"}
PDF = "application/pdf"
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")


class NoFile(Refused):
    """The form came without a file."""

    message = N_("Choose a photo or a PDF file first.")


class FileUnknown(Refused):
    """The file is none of the kinds that the hall takes."""

    message = N_("“%(name)s” is not a JPEG or PNG picture and not a PDF file. Take a photo of the paper instead.")


class FileBroken(Refused):
    """The picture cannot be opened, or is larger than any paper needs."""

    message = N_("“%(name)s” cannot be opened as a picture. Take the photo again.")


class FileTooLarge(Refused):
    """The file is larger than the hall takes."""

    message = N_("“%(name)s” is larger than %(most)s megabytes. Send it in parts, or take photos of the pages.")


class TooManyFiles(Refused):
    """More files in one form than the hall takes."""

    message = N_("Please send no more than %(most)s files at once.")


class CaseFull(Refused):
    """The case holds as much as the hall keeps for one."""

    message = N_("This case holds as many files as the hall can keep. Please bring further papers to the window.")


@dataclass(frozen=True, slots=True)
class Given:
    """A file as it was handed in: what its sender calls it, and its bytes."""

    name: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that may be kept: a name fit to be shown, its kind (a media type), its bytes."""

    name: str
    kind: str
    body: bytes

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture, and no document."""
        return self.kind != PDF


def check(given: Sequence[Given]) -> list[Checked]:
    """Return the files of one form, told by what they begin with; NoFile, TooManyFiles, FileTooLarge, FileUnknown."""
    given = [file for file in given if file.name or file.body]
    if not given:
        raise NoFile
    if len(given) > FILES_AT_ONCE:
        raise TooManyFiles(most=FILES_AT_ONCE)
    return [_check_one(file) for file in given]


def check_room(held: Iterable[int], added: Sequence[int], *, ever: int) -> None:
    """Raise CaseFull unless files of these sizes find room beside those that a case holds and `ever` had."""
    if sum(held) + sum(added) > CASE_BYTES or ever + len(added) > CASE_FILES:
        raise CaseFull


def clean_name(name: str, kind: str = "") -> str:
    """Return a name fit to be shown: no folders, nothing unseen, not long; with the ending of its kind."""
    name = PurePosixPath(PureWindowsPath(name).name).name if name.strip("/\\.") else ""
    name = " ".join(_UNSEEN.sub("", unicodedata.normalize("NFC", name)).split())
    ending = ENDINGS.get(kind, "")
    stem = name.rpartition(".")[0] or name if ending else name
    return (stem[: NAME_MOST - len(ending)].strip(" .") or "?") + ending


def _check_one(file: Given) -> Checked:
    shown = clean_name(file.name)
    if len(file.body) > FILE_BYTES:
        raise FileTooLarge(name=shown, most=FILE_BYTES // MEGABYTE)
    kind = next((kind for kind, signature in SIGNATURES.items() if file.body.startswith(signature)), None)
    if kind is None:
        raise FileUnknown(name=shown)
    return Checked(clean_name(file.name, kind), kind, file.body)
