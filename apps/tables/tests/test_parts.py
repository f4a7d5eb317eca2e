"""Parts of a table: equal to the network by hand, whole or absent, and of one table."""

import os
import signal
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from ecglens.datamodules import MEASURED, Excluded, GivenRecords, Records, Target, prepare
from ecglens.ecg import Record, draw_exact, exact_record
from ecglens.explain import Inputs, attribute
from ecglens.models import InputSpec, InUnits, SmallResNet
from ecglens.store import Store
from ecglens_sheets import TrainingRange
from ecglens_tables import TableSettings, network_of, totals, write_part

CLOSE: dict[str, Any] = {"rtol": 1e-6, "atol": 0.0}


def strips(count: int, noise_uv: float = 10.0) -> list[Record]:
    """Exact ECGs of 10 s without their beat, which has to be found."""
    made = (exact_record(draw_exact(seed=3, index=i), noise_uv=noise_uv) for i in range(count))
    return [replace(one, id=f"strip {i}", beat=None, labels={}) for i, one in enumerate(made)]


def written(ecgs, known, folder, parts, **given):
    """A table of so many parts."""
    for part in range(parts):
        own = ecgs[part * len(ecgs) // parts : (part + 1) * len(ecgs) // parts]
        write_part(own, known, folder, f"{part + 1}/{parts}", **given)
    return folder


def test_a_row_is_what_the_network_says_of_that_ecg_alone(known, net, beats, table, tmp_path):
    part = write_part(beats, known, tmp_path)
    found = table(tmp_path).set_index("id")["prediction_pr"]
    with torch.no_grad():
        for name, x in beats:
            np.testing.assert_allclose(found[name], net(torch.from_numpy(x[None])).item(), **CLOSE)
    assert (part.ecgs, part.unusable, part.made) == (len(beats), 0, True)


@pytest.mark.parametrize("parts", [1, 2, 5])
@pytest.mark.parametrize("batch", [1, 7, 256])
def test_neither_parts_nor_batch_nor_order_change_the_table(
    known, beats, table, tmp_path, parts, batch
):
    whole = table(written(beats, known, tmp_path / "whole", 1))
    shuffled = [beats[place] for place in np.random.default_rng(parts).permutation(len(beats))]
    other = table(written(shuffled, known, tmp_path / "other", parts, batch=batch))
    pd.testing.assert_frame_equal(whole, other, **CLOSE)


def test_a_recording_is_prepared_and_measured_as_in_training(known, net, table, tmp_path):
    records = strips(4)
    write_part(records, known, tmp_path / "table")
    prepared = prepare(Records("given", GivenRecords(records)), Store(tmp_path / "store"))
    found, rows = table(tmp_path / "table"), np.arange(len(records))
    with torch.no_grad():
        by_hand = net(torch.from_numpy(prepared.x(rows)))[:, 0].numpy()
    np.testing.assert_allclose(found["prediction_pr"], by_hand, **CLOSE)
    assert found["flags"].tolist() == prepared.table["flags"].tolist()
    for name in MEASURED:
        np.testing.assert_allclose(found[name], prepared.table[name], rtol=1e-6)


def test_an_unusable_ecg_is_named_with_its_reason_and_changes_no_other(
    known, beats, table, tmp_path
):
    flat = Record(np.zeros((12, 5000)), id="flat")
    broken = [
        ("nan", np.full((12, 600), np.nan)),
        ("long", np.zeros((12, 5000))),
        ("text", np.full((12, 600), "a")),
        ("mV", beats[0][1] / 1e3),
        flat,
        Excluded("gone", "expected a file, got none"),
    ]
    part = write_part([*beats[:9], *broken, *beats[9:]], known, tmp_path / "some")
    found = table(tmp_path / "some").set_index("id")
    assert (part.ecgs, part.unusable) == (len(beats) + 6, 6)
    assert len(part.reasons) == 5
    without = found["reason"].dropna()
    assert set(without.index) == {"nan", "long", "text", "mV", "flat", "gone"}
    assert without["gone"] == "expected a file, got none"
    assert "finite" in without["nan"]
    assert "Multiply mV by 1000" in without["mV"]
    assert found.loc[without.index, "prediction_pr"].isna().all()
    write_part(beats, known, tmp_path / "clean")
    alone = table(tmp_path / "clean").set_index("id")
    np.testing.assert_allclose(
        found.drop(without.index)["prediction_pr"], alone["prediction_pr"], **CLOSE
    )


def test_what_a_reader_would_exclude_has_no_reading_in_memory_either(known, beats, table, tmp_path):
    (record,) = strips(1)
    off = record.signal.copy()
    off[8] = 0.0
    beat = beats[0][1].copy()
    beat[8] = 300.0
    ecgs = [
        replace(record, id="V3", signal=off),
        ("huge", replace(record, id="", signal=record.signal * 1e3)),
        ("constant", np.full((12, 600), 300.0)),
        ("zero", np.zeros((12, 600))),
        ("V3 of a beat", beat),
        ("huge beat", beats[0][1] * 1e3),
    ]
    assert write_part(ecgs, known, tmp_path).unusable == 6
    reasons = table(tmp_path).set_index("id")["reason"]
    for name in ("V3", "V3 of a beat"):
        assert "missing: V3" in reasons[name]
    for name in ("huge", "huge beat"):
        assert "within ±500 mV" in reasons[name]
    for name in ("constant", "zero"):
        assert reasons[name] == "expected a signal, got leads that are all zero or constant"


def test_an_ecg_that_a_reader_excludes_as_there_again_is_a_row(known, beats, table, tmp_path):
    again = Excluded(beats[0][0], "expected a different id for each ECG, got this one again")
    part = write_part([beats[0], again], known, tmp_path)
    assert (part.ecgs, part.unusable) == (2, 1)
    assert table(tmp_path)["id"].tolist() == [beats[0][0]] * 2


@pytest.mark.parametrize("ms", [25.0, 1.0, -2.0, float("nan")])
def test_segments_that_are_no_multiple_of_a_sample_are_refused(ms):
    with pytest.raises(ValueError, match="expected segments of a multiple of 2 ms"):
        TableSettings("saliency", ms)


class Fails(torch.nn.Module):
    """A network whose output is no number for the ECGs whose first sample is 1 µV."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.where(x[:, 0, :1] == 1.0, torch.nan, x.mean((1, 2))[:, None])


def test_an_output_that_is_no_number_makes_its_ecg_alone_unusable(beats, table, tmp_path):
    x = np.stack([beat for _, beat in beats[:3]])
    x[1, 0, 0] = 1.0
    named = [(name, own) for (name, _), own in zip(beats, x, strict=False)]
    known = network_of(Fails().eval(), "pr")
    part = write_part(named, known, tmp_path, settings=TableSettings("occlusion", 50.0))
    found = table(tmp_path)
    assert (part.ecgs, part.unusable) == (3, 1)
    assert "NaN" in found["reason"][1]
    assert found["prediction_pr"].isna().tolist() == [False, True, False]
    assert found["map"].isna().tolist() == [False, True, False]


def test_classes_have_their_logits_and_probabilities(beats, table, tmp_path):
    torch.manual_seed(0)
    net = InUnits(SmallResNet(targets=2), [0.0, 0.0], [1.0, 1.0]).eval()
    target = Target("finding", "", kind="binary", classes=("afib", "lbbb"), explain="lbbb")
    write_part(beats, network_of(net, target), tmp_path)
    found = table(tmp_path).set_index("id")
    with torch.no_grad():
        for name, x in beats:
            logits = net(torch.from_numpy(x[None]))[0]
            for each, logit in zip(target.outputs, logits, strict=True):
                own = found.loc[name]
                np.testing.assert_allclose(own[f"prediction_{each}"], logit, rtol=1e-5, atol=1e-7)
                np.testing.assert_allclose(own[f"probability_{each}"], logit.sigmoid(), rtol=1e-5)


def test_a_strip_is_read_through_the_spec_of_a_network(table, tmp_path):
    torch.manual_seed(0)
    body = SmallResNet(leads=2).eval()
    spec = InputSpec(leads=("II", "V5"), fs=250.0, unit="mV")
    (record,) = strips(1)
    write_part([record], network_of(body, "pr", "rhythm", spec), tmp_path / "table")
    with torch.no_grad():
        by_hand = spec.adapt(body, fs=500.0)(torch.from_numpy(record.signal[None]))
    np.testing.assert_allclose(table(tmp_path / "table")["prediction_pr"], by_hand[0], rtol=1e-5)
    short = replace(record, id="short", signal=record.signal[:, :4000])
    part = write_part([short], network_of(body, "pr", "rhythm", spec), tmp_path / "short")
    assert [*part.reasons] == ["too short for input=rhythm: 8.000 s, 10 s are needed"]


def test_values_outside_the_training_ecgs_are_flagged(known, beats, table, tmp_path):
    largest = np.sort([np.ptp(x, axis=1).max() / 1e3 for _, x in beats])
    limit = float(largest[10:12].mean())
    ranged = replace(known)
    vars(ranged)["ranges"] = (TrainingRange("amplitude", "mV", 0.0, limit),)
    write_part(beats, ranged, tmp_path)
    outside = table(tmp_path)["outside"]
    assert (outside != "").sum() == len(beats) - 11
    assert outside[outside != ""].str.contains("above all training ECGs").all()
    write_part(beats, known, tmp_path / "unknown")
    assert table(tmp_path / "unknown")["outside"].isna().all()


def test_a_complete_part_is_not_made_again(known, beats, tmp_path):
    first = write_part(beats, known, tmp_path)

    def untouched():
        raise AssertionError("read again")
        yield

    again = write_part(untouched(), known, tmp_path)
    assert (again.made, again.ecgs, again.path) == (False, first.ecgs, first.path)


def test_a_killed_part_leaves_nothing_and_the_next_call_writes_the_same_bytes(
    known, beats, tmp_path
):
    whole = written(beats, known, tmp_path / "whole", 3, batch=2)

    def killed(own):
        for place, ecg in enumerate(own):
            if place == 5:
                os.kill(os.getpid(), signal.SIGKILL)
            yield ecg

    folder = tmp_path / "killed"
    half = len(beats) // 3
    write_part(beats[:half], known, folder, "1/3", batch=2)
    if not (child := os.fork()):
        torch.set_num_threads(1)  # those of the parent are not in its copy
        write_part(killed(beats[half : 2 * len(beats) // 3]), known, folder, "2/3", batch=2)
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert totals(folder).missing == [2, 3]
    written(beats, known, folder, 3, batch=2)
    for file in whole.glob("part-*"):
        assert file.read_bytes() == (folder / file.name).read_bytes()
    assert totals(folder).ecgs == len(beats)


@pytest.mark.parametrize(
    ("words", "change"),
    [
        ("network", {}),
        ("maps", {"settings": TableSettings("saliency")}),
        ("source", {"source": "other ECGs"}),
        ("parts", {"part": "1/2"}),
    ],
)
def test_a_part_of_another_table_is_one_line(known, beats, tmp_path, words, change):
    write_part(beats, known, tmp_path)
    torch.manual_seed(1)
    others = {"network": network_of(InUnits(SmallResNet(), 160.0, 20.0).eval(), "pr")}
    network = others[words] if words == "network" else known
    with pytest.raises(ValueError, match=f"with {words} ") as told:
        write_part(beats, network, tmp_path, **change)
    assert "\n" not in str(told.value)


def test_parts_of_two_networks_are_never_one_table(known, beats, tmp_path):
    write_part(beats, known, tmp_path, "1/2")
    torch.manual_seed(1)
    other = network_of(InUnits(SmallResNet(), 160.0, 20.0).eval(), "pr")
    with pytest.raises(ValueError, match="with network"):
        write_part(beats, other, tmp_path, "2/2")


@pytest.mark.parametrize("damage", [b"", b"PAR1", None])
def test_a_damaged_part_is_one_line(known, beats, tmp_path, damage):
    path = write_part(beats, known, tmp_path).path
    path.write_bytes(path.read_bytes()[:-20] if damage is None else damage)
    for call in (lambda: write_part(beats, known, tmp_path), lambda: totals(tmp_path)):
        with pytest.raises(ValueError, match=r"damaged file, .*delete it") as told:
            call()
        assert "\n" not in str(told.value)


@pytest.mark.parametrize("said", [None, "{}", "[" * 100_000, '{"ecgs": 1}'])
def test_a_parquet_file_of_others_is_one_line(known, beats, tmp_path, said):
    table = pa.table({"id": ["a"]})
    if said is not None:
        table = table.replace_schema_metadata({"ecglens": said})
    pq.write_table(table, tmp_path / "part-00001-of-00001.parquet")
    with pytest.raises(ValueError, match=r"got another file|nested too deeply") as told:
        write_part(beats, known, tmp_path)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("ecgs", "words"),
    [
        ([("a", np.zeros((12, 600))), ("a", np.ones((12, 600)))], "'a' twice"),
        ([np.zeros((12, 600))], "from_loader"),
        ([(None, np.zeros((12, 600)))], "with an id"),
        ([Record(np.zeros((12, 5000)))], "Record with an id"),
    ],
)
def test_what_is_no_ecg_with_an_id_of_its_own_is_one_line(known, tmp_path, ecgs, words):
    with pytest.raises(ValueError, match=words):
        write_part(ecgs, known, tmp_path)
    assert not list(tmp_path.glob("*"))


def test_a_batch_of_none_and_segments_without_maps_are_refused(known, beats, tmp_path):
    with pytest.raises(ValueError, match="expected batch as a whole number from 1 on, got 0"):
        write_part(beats, known, tmp_path, batch=0)
    with pytest.raises(ValueError, match="expected a method of maps"):
        TableSettings(segment_ms=30.0)


def test_maps_are_those_of_the_method_summed_over_segments(known, net, beats, table, tmp_path):
    settings = TableSettings("saliency", segment_ms=50.0)  # 25 samples
    write_part(beats[:5], known, tmp_path / "pieces", settings=settings, batch=2)
    write_part(beats[:5], known, tmp_path / "whole", settings=TableSettings("saliency"))
    found, whole = (table(tmp_path / name).set_index("id") for name in ("pieces", "whole"))
    for name, x in beats[:5]:
        by_hand = attribute("saliency", net, x[None], inputs=Inputs([name]))[0].numpy()
        close = {"rtol": 1e-6, "atol": 1e-5 * np.abs(by_hand).max()}
        np.testing.assert_allclose(whole.loc[name, "map"], by_hand.ravel(), **close)
        summed = by_hand.reshape(12, 24, 25).sum(2)
        np.testing.assert_allclose(found.loc[name, "map"], summed.ravel(), **close)


@pytest.mark.heavy
@pytest.mark.parametrize("input", ["median", "rhythm"])
def test_marks_that_came_with_a_record_are_those_of_its_segments(table, tmp_path, input):
    records = strips(3)
    torch.manual_seed(0)
    net = InUnits(SmallResNet(), y_mean=160.0, y_sd=20.0).eval()
    known = network_of(net, "pr", input=input)
    settings = TableSettings("feature_ablation")
    write_part(records, known, tmp_path / "given", settings=settings)
    prepared = prepare(Records("given", GivenRecords(records)), Store(tmp_path / "s"), input)
    rows = np.arange(len(records))
    inputs = Inputs(prepared.ids(rows), torch.from_numpy(prepared.segments(rows)))
    x = torch.from_numpy(prepared.x(rows))
    by_hand = attribute("feature_ablation", net, x, inputs=inputs).numpy().reshape(len(rows), -1)
    found = np.stack(table(tmp_path / "given")["map"].tolist())
    np.testing.assert_allclose(found, by_hand, rtol=1e-4, atol=1e-4 * np.abs(by_hand).max())
    without = [replace(each, marks=None, r_peaks=None) for each in records]
    write_part(without, known, tmp_path / "measured", settings=settings)
    measured = np.stack(table(tmp_path / "measured")["map"].tolist())
    assert np.abs(measured - by_hand).max() > 1e-2 * np.abs(by_hand).max()


def test_a_method_that_is_wrong_on_the_network_is_one_line(beats, tmp_path):
    known = network_of(
        torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(7200, 1)).eval(), "pr"
    )
    with pytest.raises(ValueError, match="grad_cam"):
        write_part(beats, known, tmp_path, settings=TableSettings("grad_cam"))
