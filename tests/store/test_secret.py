"""The key of pseudonyms: one a store, for its owner alone."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ecglens.store import secret


def test_a_store_has_one_key_that_only_its_owner_reads(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = {*pool.map(secret, [tmp_path / "store"] * 8)}
    assert len(keys) == 1
    assert len(keys.pop()) == 32
    assert (tmp_path / "store/pseudonyms.key").stat().st_mode & 0o777 == 0o600
    assert secret(tmp_path / "store") == secret(tmp_path / "store") != secret(tmp_path / "other")


@pytest.mark.parametrize("made", ["torn", "folder"])
def test_what_is_no_key_is_said_in_one_line(tmp_path: Path, made: str) -> None:
    key = tmp_path / "pseudonyms.key"
    key.write_bytes(b"half") if made == "torn" else key.mkdir()
    with pytest.raises(ValueError, match=r"^expected .*, got .*; .*") as problem:
        secret(tmp_path)
    assert "\n" not in str(problem.value)
