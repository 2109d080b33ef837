"""Keys and sealed values."""

from pathlib import Path

import pytest

from hall import sealing
from hall.sealing import Keys

KEY = b"k" * 32


def test_what_was_sealed_opens_again_at_its_place_only() -> None:
    sealed = sealing.seal_text(KEY, "深圳星河电子", bound_to="fact|1")
    assert sealing.unseal_text(KEY, sealed, bound_to="fact|1") == "深圳星河电子"
    with pytest.raises(sealing.SealBroken):
        sealing.unseal_text(KEY, sealed, bound_to="fact|2")


@pytest.mark.parametrize("place", range(0, 40, 3))
def test_one_changed_byte_breaks_the_seal(place: int) -> None:
    sealed = bytearray(sealing.seal(KEY, b"a text of some length", bound_to="x"))
    sealed[place] ^= 1
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(KEY, bytes(sealed), bound_to="x")


def test_another_key_does_not_open() -> None:
    sealed = sealing.seal(KEY, b"text", bound_to="x")
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(b"j" * 32, sealed, bound_to="x")


def test_each_purpose_has_its_own_key() -> None:
    keys = Keys(KEY)
    assert len({keys.derive(purpose) for purpose in ("a", "b", "c")} | {KEY}) == 4


def test_a_key_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "master.key"
    sealing.write_key_file(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(sealing.read_keys(path).master) == 32
    path.chmod(0o644)
    with pytest.raises(sealing.KeyFileUnreadable, match="chmod 600"):
        sealing.read_keys(path)


def test_a_key_file_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    sealing.write_key_file(path)
    with pytest.raises(FileExistsError):
        sealing.write_key_file(path)


@pytest.mark.parametrize("text", ["", "not hexadecimal", "abcd"])
def test_a_damaged_key_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "master.key"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(sealing.KeyFileUnreadable):
        sealing.read_keys(path)


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(sealing.KeyFileMissing):
        sealing.read_keys(tmp_path / "none")
