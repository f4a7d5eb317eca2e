"""Pseudonyms: the same in every run, one for each ECG, and nothing without the key."""

import hashlib
from pathlib import Path

import pandas as pd
import pytest
from ecglens.report import Pseudonyms
from ecglens.store import Store, secret

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def by_hand(key: bytes, text: bytes, length: int) -> str:
    """RFC 2104, section 2, and RFC 4648, section 6, as they are written there."""
    padded = key.ljust(64, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in padded) for pad in (0x36, 0x5C))
    digest = hashlib.sha256(outer + hashlib.sha256(inner + text).digest()).digest()
    bits = "".join(f"{byte:08b}" for byte in digest)
    return "".join(LETTERS[int(bits[5 * n : 5 * n + 5], 2)] for n in range(length))


def test_one_is_the_hash_of_source_and_name_under_the_key_of_the_store(tmp_path: Path) -> None:
    wanted = by_hand(secret(tmp_path), b"muse\x1fward/Smith.xml", 10)
    for _ in range(2):  # another run
        assert Pseudonyms(Store(tmp_path)).of("muse", "ward/Smith.xml") == wanted


def test_without_the_key_they_are_others(tmp_path: Path) -> None:
    kinds = (Pseudonyms(Store(tmp_path / "a")), Pseudonyms(Store(tmp_path / "b")))
    drawn = (Pseudonyms(), Pseudonyms())
    assert len({names.of("muse", "7") for names in kinds + drawn}) == 4


def test_each_ecg_of_each_source_has_its_own(tmp_path: Path) -> None:
    names = Pseudonyms(Store(tmp_path))
    given = {names.of(source, str(n)) for source in ("muse", "dicom") for n in range(500)}
    assert len(given) == 1000


def test_two_that_begin_alike_get_more_letters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecglens.report.privacy.SHORTEST", 1)
    names = Pseudonyms(Store(tmp_path))
    first = names.all_of("muse", [str(n) for n in range(100)])  # of 32 letters
    assert len({*first}) == 100
    assert names.all_of("muse", [str(n) for n in range(100)]) == first
    key = secret(tmp_path)
    assert all(by_hand(key, f"muse\x1f{n}".encode(), len(p)) == p for n, p in enumerate(first))


def test_the_table_says_whose_they_are_to_its_owner_alone(tmp_path: Path) -> None:
    names = Pseudonyms(Store(tmp_path))
    assert names.save(tmp_path) is None
    ids = ["007", "Bücker, Ö.xml", "not utf-8 \udce4.xml"]
    for reason in ("too short", "no R peak", "too short"):
        names.of("muse", ids[0], reason)
    names.all_of("muse", ids)
    path = names.save(tmp_path)
    assert path is not None
    assert path.stat().st_mode & 0o777 == 0o600
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert list(table["pseudonym"]) == list(names.all_of("muse", ids))
    assert list(table["name"])[:2] == ids[:2]
    assert list(table["reason"]) == ["too short; no R peak", "", ""]
