"""ECGs of files, lists, arrays, addresses and loaders: the same table from each."""

import errno
import os
import shutil
import sys
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pandas as pd
import pytest
import torch
import wfdb
from ecglens.cli import commands
from ecglens.ecg import LEADS, draw_exact, exact_record
from ecglens.models import SmallResNet
from ecglens_tables import from_loader, source_of, sources, write_part
from ecglens_tables.command import TORN_S
from ecglens_tables.sources import Array, Reading
from torch.utils.data import DataLoader

CLOSE: dict[str, Any] = {"rtol": 1e-6, "atol": 0.0}


@pytest.fixture
def array(beats, tmp_path) -> Path:
    file = tmp_path / "beats.npy"
    np.save(file, np.stack([x for _, x in beats]))
    return file


@pytest.fixture
def by_hand(known, beats, table, tmp_path) -> pd.DataFrame:
    """The table of the beats under their numbers."""
    write_part([(str(place), x) for place, (_, x) in enumerate(beats)], known, tmp_path / "hand")
    return table(tmp_path / "hand")


@pytest.fixture
def ward(tmp_path) -> Path:
    """Three records as WFDB files, and a list of them and of one that is missing."""
    folder = tmp_path / "ward"
    folder.mkdir()
    for index in range(3):
        signal = exact_record(draw_exact(seed=5, index=index), noise_uv=5.0).signal / 1e3
        wfdb.wrsamp(
            f"r{index}", 500, ["mV"] * 12, list(LEADS), signal.T.astype(float),
            fmt=["16"] * 12, write_dir=str(folder),
        )  # fmt: skip
    names = [f"r{index}.hea" for index in range(4)]
    listed = pd.DataFrame({"path": names, "id": [f"00{index}" for index in range(4)]})
    listed.to_csv(folder / "list.csv", index=False)
    listed.to_parquet(folder / "list.parquet")
    return folder


def test_an_array_is_read_row_by_row_from_the_disk(known, array, by_hand, table, tmp_path):
    source = source_of([array])
    assert isinstance(source, Array)
    assert isinstance(source.x, np.memmap)
    for part, span in enumerate([(0, 10), (10, len(source))], 1):
        write_part(source.read(*span), known, tmp_path / "table", f"{part}/2")
    pd.testing.assert_frame_equal(table(tmp_path / "table"), by_hand, **CLOSE)


def test_an_archive_of_arrays_is_mapped_and_names_its_ecgs(known, beats, table, tmp_path):
    ids, x = np.array([name for name, _ in beats]), np.stack([x for _, x in beats])
    np.savez(tmp_path / "beats.npz", id=ids, x=x)
    source = source_of([tmp_path / "beats.npz"])
    assert isinstance(source, Array)
    assert isinstance(source.x, np.memmap)
    np.testing.assert_array_equal(source.x, x)
    assert [name for name, _ in source.read(3, 5)] == ["ecg 3", "ecg 4"]
    np.savez(tmp_path / "again.npz", id=np.array(["a"] * len(x)), x=x)
    with pytest.raises(ValueError, match=r"a different id for each of .*, 1 of them different"):
        source_of([tmp_path / "again.npz"])
    np.savez_compressed(tmp_path / "packed.npz", id=ids, x=x)
    with pytest.raises(ValueError, match="save it again"):
        source_of([tmp_path / "packed.npz"])


def test_an_array_at_an_address_is_read_row_by_row(array, beats):
    with fsspec.open("memory://beats.npy", "wb") as to:
        to.write(array.read_bytes())  # pyright: ignore[reportAttributeAccessIssue]
    for address in ("memory://beats.npy", f"file://{array}"):
        source = source_of([address])
        assert len(source) == len(beats)
        for place, ecg in enumerate(source.read(4, 7), 4):
            assert isinstance(ecg, tuple)
            assert ecg[0] == str(place)
            np.testing.assert_array_equal(ecg[1], beats[place][1])


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_list_of_records_has_a_row_for_each(known, ward, table, tmp_path, ending):
    source = source_of([ward / f"list.{ending}"], listed=True)
    part = write_part(source.read(0, len(source)), known, tmp_path / "listed")
    found = table(tmp_path / "listed")
    assert found["id"].tolist() == [f"00{index}" for index in range(4)]
    assert (part.ecgs, part.unusable) == (4, 1)
    assert "r3.hea" in found["reason"][3]
    folder = source_of([ward])
    write_part(folder.read(0, len(folder)), known, tmp_path / "folder")
    np.testing.assert_array_equal(
        found["prediction_pr"][:3], table(tmp_path / "folder")["prediction_pr"]
    )


def test_records_at_an_address_are_those_of_the_disk(known, ward, table, tmp_path):
    memory = fsspec.filesystem("memory")
    memory.put(str(ward), "/ward", recursive=True)
    here = source_of([ward])
    write_part(here.read(0, len(here)), known, tmp_path / "here")
    wanted = table(tmp_path / "here")["prediction_pr"]
    for number, given in enumerate((["memory://ward/list.csv"], ["memory://ward/r0.hea"])):
        listed = given[0].endswith(".csv")
        source = source_of(given, listed=listed)
        write_part(source.read(0, len(source)), known, tmp_path / str(number))
        found = table(tmp_path / str(number))
        np.testing.assert_array_equal(found["prediction_pr"].dropna(), wanted[: 3 if listed else 1])
    memory.rm("/ward/list.csv")
    memory.rm("/ward/list.parquet")
    with zipfile.ZipFile(ward / "r1.wfdb", "w") as archive:
        archive.write(ward / "r1.hea", "r1.hea")
        archive.write(ward / "r1.dat", "r1.dat")
    memory.put(str(ward / "r1.wfdb"), "/ward/r1.wfdb")
    source = source_of(["memory://ward"])
    write_part(source.read(0, 4), known, tmp_path / "packed")
    found = table(tmp_path / "packed")["prediction_pr"]
    assert [*found] == [*wanted[:2], wanted[1], wanted[2]]


def test_a_loader_gives_its_ecgs(known, beats, by_hand, table, tmp_path):
    data = [(place, torch.from_numpy(x)) for place, (_, x) in enumerate(beats)]
    loader = DataLoader(data, batch_size=4)  # pyright: ignore[reportArgumentType]
    write_part(from_loader(loader), known, tmp_path / "table")
    pd.testing.assert_frame_equal(table(tmp_path / "table"), by_hand, **CLOSE)
    with pytest.raises(ValueError, match=r"batches of \(ids, x\)"):
        list(from_loader(DataLoader([x for _, x in beats])))  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("file\nr0.hea\n", "the column path"),
        ("path\nr0.hea\nr0.hea\n", "2 times"),
        ("path,id\nr0.hea,NA\nr1.hea,\n", "each ECG, got an empty one"),
    ],
)
def test_a_wrong_list_is_one_line(ward, content, words):
    (ward / "wrong.csv").write_text(content)
    with pytest.raises(ValueError, match=words) as told:
        source_of([ward / "wrong.csv"], listed=True)
    assert "\n" not in str(told.value)


def test_an_array_of_another_shape_is_one_line(tmp_path):
    np.save(tmp_path / "flat.npy", np.zeros((12, 600)))
    with pytest.raises(ValueError, match=r"fs_hz") as told:
        source_of([tmp_path / "flat.npy"])
    assert "\n" not in str(told.value)


@pytest.fixture
def command(monkeypatch, capsys, tmp_path):
    """Status, output and errors of `ecglens table words…` with a small network."""
    torch.manual_seed(0)
    torch.save(SmallResNet().state_dict(), tmp_path / "net.pt")
    (tmp_path / "my.yaml").write_text(
        "network:\n  _target_: ecglens.models.SmallResNet\n"
        f"  weights: {tmp_path / 'net.pt'}\ntarget: pr\ninput: median\n"
    )
    monkeypatch.setenv("ECGLENS_STORE", str(tmp_path / "store"))

    def said(*words: object) -> tuple[int, str, str]:
        network = ["--network", tmp_path / "my.yaml"]
        monkeypatch.setattr(sys, "argv", ["ecglens", "table", *map(str, [*words, *network])])
        try:
            commands.main()
        except SystemExit as stopped:
            return int(stopped.code or 0), *capsys.readouterr()
        return 0, *capsys.readouterr()

    return said


def test_a_shard_without_a_part_has_nothing_to_do(command, array, tmp_path):
    status, output, _ = command(array, "--to", tmp_path / "few", "--parts", 2, "--shard", "3/4")
    assert status == 0
    assert "shard 3 of 4: nothing to do, there are 2 parts" in output


@pytest.mark.heavy
def test_shards_of_the_command_make_one_table(command, array, beats, table, tmp_path):
    to = tmp_path / "shards"
    status, output, errors = command(array, "--to", to, "--parts", 5, "--shard", "2/2")
    assert (status, "2 of 2 parts made now" in output) == (0, True), errors
    assert "complete" not in output
    status, output, errors = command(array, "--to", to, "--parts", 5)
    assert (status, "3 of 5 parts made now" in output) == (0, True), errors
    assert f"complete: {len(beats)} ECGs in 5 files, 0 not usable" in output
    left, in_work = (to / f".part-{name}.parquet" for name in ("killed", "of-another"))
    for torn, age_s in ((left, 2 * TORN_S), (in_work, 60.0)):
        torn.write_bytes(b"PAR1")
        os.utime(torn, (torn.stat().st_mtime - age_s,) * 2)
    command(array, "--to", to, "--parts", 5)
    assert (left.exists(), in_work.exists()) == (False, True)
    command(array, "--to", tmp_path / "whole")
    pd.testing.assert_frame_equal(table(to), table(tmp_path / "whole"), **CLOSE)
    for parts in (4, 0):
        status, _, errors = command(array, "--to", to, "--parts", parts)
        assert (status, len(errors.splitlines())) == (2, 1), errors


def test_maps_that_nobody_tested_have_a_caution(command, array, table, tmp_path):
    words = ("--maps", "saliency", "--segment-ms", 30)
    status, _, errors = command(array, "--to", tmp_path / "maps", *words)
    assert (status, errors.count("not tested")) == (0, 1), errors
    assert all(len(each) == 12 * 40 for each in table(tmp_path / "maps")["map"])


def test_the_command_tells_how_many_ecgs_are_not_usable(command, ward, tmp_path):
    status, output, errors = command(ward / "list.csv", "--list", "--to", tmp_path / "listed")
    assert status == 1, errors
    assert "4 ECGs in 1 file, 1 not usable" in output
    assert "1 × expected a file or folder with ECGs" in output


@pytest.mark.parametrize(
    "words",
    [["nothing.npy"], ["x", "--shard", "3/2"], ["x", "--batch", "0"], ["x", "--maps", "no"]],
)
def test_wrong_use_is_one_line(command, tmp_path, words):
    status, _, errors = command(*words, "--to", tmp_path / "no")
    assert (status, len(errors.splitlines())) == (2, 1), errors


def test_two_files_of_one_id_are_refused_with_their_folders(tmp_path, ward):
    table = pd.DataFrame(exact_record(draw_exact(5, 0)).signal.T, columns=pd.Index(LEADS))
    table.to_csv(ward / "r0.csv", index=False)
    reading = Reading(settings={"fs_hz": 500, "unit": "uV"})
    with pytest.raises(ValueError, match=r"'r0' in .*ward and, in another format, in .*ward"):
        source_of([ward / "r0.hea", ward / "r0.csv"], reading)


def test_no_ecgs_are_refused_and_ids_of_another_kind_are_one_line(tmp_path):
    np.save(tmp_path / "none.npy", np.zeros((0, 12, 600)))
    with pytest.raises(ValueError, match=r"got shape \(0, 12, 600\)"):
        source_of([tmp_path / "none.npy"])
    (tmp_path / "none.csv").write_text("path,id\n")
    with pytest.raises(ValueError, match="a path for each ECG, got none"):
        source_of([tmp_path / "none.csv"], listed=True)
    pd.DataFrame({"path": ["a.csv"], "id": [[1]]}).to_parquet(tmp_path / "lists.parquet")
    with pytest.raises(ValueError, match="path and id as text, got string and list"):
        source_of([tmp_path / "lists.parquet"], listed=True)


def test_equal_names_of_other_ecgs_are_another_table(known, array, ward, tmp_path):
    """A ward's records are often called 1, 2, 3."""
    write_part(source_of([array]), known, tmp_path / "beats")
    np.save(array, np.load(array)[::-1].copy())
    with pytest.raises(ValueError, match="with list of ECGs"):
        write_part(source_of([array]), known, tmp_path / "beats")
    write_part(source_of([ward], network=known), known, tmp_path / "ward")
    other = tmp_path / "other"
    shutil.copytree(ward, other)
    shutil.copyfile(ward / "r0.dat", other / "r2.dat")
    with pytest.raises(ValueError, match="with list of ECGs"):
        write_part(source_of([other], network=known), known, tmp_path / "ward")
    shutil.copyfile(ward / "r2.dat", other / "r2.dat")  # a copy of the same is the same
    assert not write_part(source_of([other], network=known), known, tmp_path / "ward").made


def test_parts_of_a_list_that_has_grown_are_not_mixed(known, array, tmp_path):
    write_part(source_of([array]), known, tmp_path / "mixed", "1/2")
    np.save(array, np.load(array)[:-2])
    with pytest.raises(ValueError, match="with list of ECGs"):
        write_part(source_of([array]), known, tmp_path / "mixed", "2/2")


def test_one_array_is_a_table_and_its_ids_have_letters(array, ward, tmp_path):
    for given in ([array, array], [array, ward]):
        with pytest.raises(ValueError, match="expected one array, got 2 arguments"):
            source_of(given)
    x = np.load(array)
    np.savez(tmp_path / "ids.npz", x=x, id=[" ", *map(str, range(len(x) - 1))])
    with pytest.raises(ValueError, match=r"expected an id for each ECG in .*ids.npz, got an empty"):
        source_of([tmp_path / "ids.npz"])


def test_settings_that_an_array_does_not_take_are_refused(array):
    with pytest.raises(ValueError, match="got --reader csv, --set unit"):
        source_of([array], Reading("csv", {"unit": 4.88, "may_leave_machine": True}))


def test_ecgs_are_read_as_in_training_or_refused(known, ward, tmp_path, monkeypatch):
    monkeypatch.setattr(type(known), "reading", {"missing_lead": "zero"})
    with pytest.raises(ValueError, match=r"read as in training, .* give source_of\(…, network=…\)"):
        write_part(source_of([ward]), known, tmp_path / "as it comes")
    assert write_part(source_of([ward], network=known), known, tmp_path / "as trained").made
    monkeypatch.setattr(type(known), "reading", {"missing_lead": "exclude"})  # as without a word
    assert write_part(source_of([ward]), known, tmp_path / "as usual").made


def test_an_outage_ends_the_part_and_the_same_call_goes_on(known, ward, tmp_path, monkeypatch):
    copy, down = sources.local_copy, [True]

    @contextmanager
    def through_the_network(path):
        if down[0] and "r1" in path:
            raise TimeoutError(errno.ETIMEDOUT, "Connection timed out")
        with copy(path) as file:
            yield file

    monkeypatch.setattr(sources, "local_copy", through_the_network)
    source = source_of([ward / "list.csv"], listed=True, network=known)
    with pytest.raises(TimeoutError):
        write_part(source, known, tmp_path / "table")
    down[0] = False
    assert write_part(source, known, tmp_path / "table").unusable == 1  # the one that is missing


def test_ids_in_bytes_are_words_and_other_shapes_are_refused(beats, tmp_path):
    x = np.stack([x for _, x in beats])
    names = [name for name, _ in beats]
    np.savez(tmp_path / "bytes.npz", id=np.array(names, "S"), x=x)
    assert [*source_of([tmp_path / "bytes.npz"]).all_ids] == names
    for place, ids in enumerate((np.array(names)[:, None], np.array("one"))):
        np.savez(tmp_path / f"{place}.npz", id=ids, x=x)
        with pytest.raises(ValueError, match="a different id for each of"):
            source_of([tmp_path / f"{place}.npz"])


def test_a_loader_gives_tensors_of_any_kind(beats, known, table, tmp_path):
    ids, x = zip(*beats[:2], strict=True)
    batch = [*ids], torch.from_numpy(np.stack(x)).requires_grad_()
    assert [name for name, _ in from_loader([batch])] == [*ids]
    for name, ecgs in (("one", from_loader([batch])), ("other", beats[:2])):
        write_part(ecgs, known, tmp_path / name)
    pd.testing.assert_frame_equal(table(tmp_path / "one"), table(tmp_path / "other"))


def test_an_array_at_an_address_that_is_cut_off_is_refused(array):
    with fsspec.open("memory://cut.npy", "wb") as to:
        to.write(array.read_bytes()[:-8])  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(ValueError, match=r"in memory://cut\.npy, got a file that is cut off"):
        source_of(["memory://cut.npy"])
