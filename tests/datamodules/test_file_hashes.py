"""Files are hashed once a process, and again when they have changed."""

import hashlib
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ecglens.datamodules import EcgData, Target, open_records
from ecglens.datamodules.formats import files
from ecglens.datamodules.readers.wfdb import WfdbFolder
from ecglens.store import Store

LUDB = Path(__file__).parents[1] / "data" / "ludb"
PR = Target("pr", "ms", "pr")


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each file is read for its hash; all of them as if written long ago."""
    counts: Counter[str] = Counter()
    digest = hashlib.file_digest

    def counted(content: Any, kind: str) -> Any:
        counts[str(content.name)] += 1
        return digest(content, kind)

    monkeypatch.setattr(hashlib, "file_digest", counted)
    monkeypatch.setattr(files, "SETTLED_NS", -(10**12))
    monkeypatch.setattr(files, "_KNOWN", {})
    return counts


@pytest.mark.heavy
def test_networks_of_several_seeds_hash_the_files_once(
    hashed: Counter[str], tmp_path: Path
) -> None:
    source, settings = {"name": "ludb", "path": str(LUDB)}, []
    for seed, permuted in ((0, False), (1, False), (2, True)):
        data = EcgData(source, "median", PR, 8, seed, Store(tmp_path))
        data = data.with_permuted_labels() if permuted else data
        assert len(data.prepared) == 32
        settings.append(data.settings)
    assert settings[0] == settings[1] == settings[2]
    assert len(hashed) > 32
    assert {*hashed.values()} == {1}


def test_a_file_that_changes_is_hashed_again(hashed: Counter[str], tmp_path: Path) -> None:
    shutil.copytree(LUDB, tmp_path / "ludb")
    reader = open_records("ludb", tmp_path / "ludb").reader
    before, read = reader.origin(0, 3), hashed.total()
    file = tmp_path / "ludb" / f"{(LUDB / 'RECORDS').read_text().split()[1]}.dat"
    content = bytearray(file.read_bytes())
    content[100] ^= 1  # as long as before
    file.write_bytes(content)
    assert reader.origin(0, 3) != before
    # The files of this record alone are read again.
    assert 0 < hashed.total() - read < read
    file.unlink()
    assert reader.origin(0, 3) != before


def test_a_file_that_was_just_written_is_not_relied_on(
    hashed: Counter[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(files, "SETTLED_NS", 2_000_000_000)
    shutil.copytree(LUDB, tmp_path / "ludb")
    reader = open_records("ludb", tmp_path / "ludb").reader
    assert reader.origin(0, 1) == reader.origin(0, 1)
    assert {*hashed.values()} == {2}


def test_a_table_of_many_ecgs_is_hashed_once_for_all_of_them(
    hashed: Counter[str], tmp_path: Path
) -> None:
    rows = np.random.default_rng(0).normal(size=(8 * 600, 8)).round(3)
    lines = [f"{n // 600}," + ",".join(map(str, row)) for n, row in enumerate(rows)]
    (tmp_path / "all.csv").write_text("\n".join(["who,I,II,V1,V2,V3,V4,V5,V6", *lines]))
    settings = {"fs_hz": 500, "unit": "mV", "ecg": "who"}
    for _ in range(2):
        reader = open_records("columns", tmp_path, **settings).reader
        assert len({reader.origin(start, start + 2)["files"] for start in range(0, 8, 2)}) == 4
        assert reader.origin(0, 8)["files"]
    assert {*hashed.values()} == {1}


def test_a_second_process_hashes_nothing_but_what_has_changed(
    hashed: Counter[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def settings() -> dict[str, Any]:
        monkeypatch.setattr(files, "_KNOWN", {})  # as another process begins
        hashed.clear()
        return EcgData(source, "median", PR, 8, 0, Store(tmp_path / "store")).settings

    shutil.copytree(LUDB, tmp_path / "ludb")
    source = {"name": "ludb", "path": str(tmp_path / "ludb")}
    before = settings()
    assert hashed.total() > 32
    assert settings() == before
    assert not hashed
    file = tmp_path / "ludb" / f"{(LUDB / 'RECORDS').read_text().split()[1]}.dat"
    content = bytearray(file.read_bytes())
    content[100] ^= 1  # as long as before
    file.write_bytes(content)
    assert settings() != before
    assert hashed[str(file)] == 1
    assert hashed.total() < 20  # the files of this record
    for kept in (tmp_path / "store" / "file_hashes").iterdir():
        kept.write_text("torn")
    assert settings() != before
    assert hashed.total() > 32


def test_what_a_reader_sets_is_in_its_origin_where_it_is_not_the_default() -> None:
    def origin(**settings: Any) -> Any:
        return open_records("wfdb", LUDB, **settings).reader.origin(0, 2)

    assert "patient_level" not in origin()
    assert origin() == origin(patient_level=0)
    assert origin(patient_level=1) == {**origin(), "patient_level": "1"}


def test_a_reader_of_ones_own_has_plain_settings_in_its_origin() -> None:
    @dataclass(frozen=True)
    class Own(WfdbFolder):
        leads: Sequence[str] = ("I", "II")
        gains: Mapping[str, float] = field(default_factory=dict)

    usual = WfdbFolder(LUDB).origin(0, 2)
    assert Own(LUDB).origin(0, 2) == Own(LUDB, leads=["I", "II"]).origin(0, 2) == usual
    assert Own(LUDB, gains={"I": 2.0}).origin(0, 2) == {**usual, "gains": '{"I": 2.0}'}
