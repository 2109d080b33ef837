"""Which files may be kept: told by their bytes, never by their names."""

import pytest

from hall.attachments import rules
from hall.attachments.rules import Given

JPEG, PNG, PDF = b"\xff\xd8\xff\xe0rest", b"\x89PNG\r\n\x1a\nrest", b"%PDF-1.7 rest"


@pytest.mark.parametrize(
    ("name", "body", "kind", "shown"),
    [
        ("photo.jpg", JPEG, "image/jpeg", "photo.jpg"),
        ("IMG_0001.HEIC", JPEG, "image/jpeg", "IMG_0001.jpg"),
        ("起诉状 第1页.png", PNG, "image/png", "起诉状 第1页.png"),
        ("summons.exe", PDF, "application/pdf", "summons.pdf"),
        ("", PDF, "application/pdf", "?.pdf"),
    ],
)
def test_the_bytes_say_what_a_file_is(name: str, body: bytes, kind: str, shown: str) -> None:
    (checked,) = rules.check([Given(name, body)])
    assert (checked.kind, checked.name, checked.body) == (kind, shown, body)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("evil.jpg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("page.pdf", b"<!doctype html><script>alert(1)</script>"),
        ("archive.jpg", b"PK\x03\x04rest"),
        ("anim.png", b"GIF89a;<?php echo 1"),
        ("empty.jpg", b""),
        ("late.pdf", b"\n%PDF-1.7"),
        ("photo.heic", b"\x00\x00\x00\x18ftypheic"),
    ],
)
def test_anything_else_is_refused_by_name(name: str, body: bytes) -> None:
    with pytest.raises(rules.FileUnknown) as refused:
        rules.check([Given(name, body)])
    assert refused.value.params == {"name": name}


def test_a_form_without_a_file_with_too_many_or_too_large_ones_is_refused() -> None:
    with pytest.raises(rules.NoFile):
        rules.check([Given("", b"")])
    with pytest.raises(rules.TooManyFiles):
        rules.check([Given("a.pdf", PDF)] * 6)
    with pytest.raises(rules.FileTooLarge):
        rules.check([Given("a.pdf", PDF + b" " * rules.FILE_BYTES)])


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\li\\scan.pdf", "scan.pdf"),
        ("\u202egpj.exe", "gpj.exe"),
        (".ht\u200baccess", "htaccess"),
        ("a\x00b\r\nc.pdf", "abc.pdf"),
        ("  spaced   out .pdf ", "spaced out .pdf"),
        ("..", "?"),
        ("e\u0301.pdf", "é.pdf"),
        ("字" * 300, "字" * 100),
    ],
)
def test_a_shown_name_holds_no_folder_and_nothing_unseen(given: str, shown: str) -> None:
    assert rules.clean_name(given) == shown


def test_a_case_holds_so_much_and_no_more() -> None:
    rules.check_room([rules.CASE_BYTES - 5], [5], ever=1)
    with pytest.raises(rules.CaseFull):
        rules.check_room([rules.CASE_BYTES - 5], [6], ever=1)
    with pytest.raises(rules.CaseFull):
        rules.check_room([], [1], ever=rules.CASE_FILES)
