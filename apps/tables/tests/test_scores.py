"""Scores of a table: those of an evaluation of its usable ECGs; means as a stream."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from ecglens import evaluate
from ecglens.datamodules import Batch, target_of
from ecglens.ecg import Record, draw_exact, exact_record
from ecglens.engine import sample_ids
from ecglens.eval import (
    DEFAULT,
    Perturbation,
    Subject,
    area_under_curve,
    prediction_change,
    rank,
    score,
)
from ecglens.eval.statistics import bootstrap_means, interval, resampled
from ecglens.explain import find_all
from ecglens.store import fingerprint
from ecglens_tables import TableSettings, network_of, rank_parts, source_of, totals, write_part
from ecglens_tables.command import _parser, _rank, main
from ecglens_tables.ranking import times_drawn
from ecglens_tables.rows import row_of

pytestmark = pytest.mark.heavy

# Readings are float32 of about 160 ms, whose steps are 1.5e-5 ms; other batches round otherwise.
CLOSE: dict[str, Any] = {"rtol": 0.0, "atol": 1.5e-5}
METHODS = ("saliency", "occlusion")
SCORES = TableSettings(scores=METHODS)
FEW = 7  # ECGs, of which one more cannot be used


@pytest.fixture(scope="module")
def given(beats, tmp_path_factory):
    """An archive of ECGs under the names that rank_methods has for them, one of them in mV."""
    x = np.stack([beat for _, beat in beats[:FEW]])
    ids = [*sample_ids(torch.from_numpy(x)), "mV"]
    file = tmp_path_factory.mktemp("given") / "beats.npz"
    order = [3, FEW, 0, 5, 1, 2, 6, 4]
    np.savez(file, id=np.array(ids)[order], x=np.concatenate([x, x[:1] / 1e3])[order])
    return x, file


def areas(curves: np.ndarray) -> np.ndarray:
    """Area of each ECG, mean over draws, by the names of eval alone."""
    moved = prediction_change(torch.from_numpy(curves.astype(np.float64)))
    return area_under_curve(moved, DEFAULT.until).mean(0).numpy()


@pytest.fixture(scope="module")
def by_hand(net, given):
    """Finding of the default protocol as rank_methods has it, and areas by column and ECG."""
    x, _ = given
    (finding,) = evaluate(net, x, Perturbation(), METHODS, target="pr", workers=1)
    (curves,) = finding.curves
    priors = {name: each for name, each in curves.references.items() if "prior" in name}
    each = {**curves.predictions, **priors}
    found = {f"score_{name}".replace(" ", "_"): areas(own) for name, own in each.items()}
    return finding, pd.DataFrame(found, index=pd.Index(curves.records, name="id"))


@pytest.mark.parametrize(("parts", "batch"), [pytest.param(1, 64, marks=pytest.mark.long), (3, 2)])
def test_scores_are_those_of_an_evaluation_in_any_part_and_batch(
    known, given, by_hand, tmp_path, parts, batch
):
    source = source_of([given[1]])
    for part in range(parts, 0, -1):
        write_part(source, known, tmp_path, f"{part}/{parts}", settings=SCORES, batch=batch)
    found, wanted = pd.read_parquet(tmp_path).set_index("id"), by_hand[1]
    assert len([name for name in found if name.startswith("score_")]) == len(wanted.columns) == 7
    assert found.loc["mV", [*wanted]].isna().all()
    scores = found.loc[wanted.index, [*wanted]].astype(float)
    pd.testing.assert_frame_equal(scores, wanted, check_index_type=False, **CLOSE)
    assert (found["patient"].dropna() == found["patient"].dropna().index).all()


@dataclass(frozen=True, eq=False)
class Listed:
    """Records in memory, as a source."""

    records: list[Record]

    def __len__(self) -> int:
        return len(self.records)

    @property
    def all_ids(self):
        return (each.id for each in self.records)

    def read(self, start: int, stop: int):
        yield from self.records[start:stop]

    def key(self, start: int, stop: int) -> str:
        return fingerprint({"ids": [each.id for each in self.records[start:stop]]})


def test_a_patients_other_ecgs_are_no_donors(known, net, tmp_path):
    drawn = [exact_record(draw_exact(seed=3, index=index), noise_uv=10.0) for index in range(6)]
    records = [
        replace(one, id=f"ecg {at}", patient=f"person {at // 3}", beat=None)
        for at, one in enumerate(drawn)
    ]
    source: Any = Listed(records)
    settings = TableSettings(scores=("saliency",))
    write_part(records, known, tmp_path, settings=settings, among=source)
    found = pd.read_parquet(tmp_path)
    rows = [row_of(each, known) for each in records]
    x = torch.from_numpy(np.stack([np.asarray(row.x, np.float32) for row in rows]))
    marks = torch.from_numpy(np.stack([np.asarray(row.segments) for row in rows]))
    ecgs = Batch(x, torch.full((6, 1), torch.nan), marks, [each.id for each in records])
    patients = [each.patient for each in records]
    subject = Subject(ecgs, find_all(["saliency"]), target_of("pr"), patients=patients, workers=1)
    curves = score(net, replace(subject, progress=False), replace(DEFAULT, ladder=0))
    np.testing.assert_allclose(
        found["score_saliency"], areas(curves.predictions["saliency"]), **CLOSE
    )
    assert found["patient"].tolist() == patients
    assert not np.allclose(found["score_saliency"], areas(score(
        net, replace(subject, patients=curves.records, progress=False), replace(DEFAULT, ladder=0)
    ).predictions["saliency"]))  # fmt: skip
    alone: Any = Listed(records[:3])
    write_part(records[:3], known, tmp_path / "one", settings=settings, among=alone)
    without = pd.read_parquet(tmp_path / "one")
    assert without["score_saliency"].isna().sum() == len(without)
    assert all("no score: " in each and "2 patients" in each for each in without["flags"])
    with pytest.raises(ValueError, match="2 patients"):
        rank_parts(tmp_path / "one")


def test_means_and_their_order_are_those_of_the_ranking(known, given, by_hand, tmp_path):
    source = source_of([given[1]])
    for part in (1, 2):
        write_part(source, known, tmp_path, f"{part}/2", settings=SCORES)
    found, wanted = rank_parts(tmp_path), rank(by_hand[0]).table.set_index("method")
    assert (found.ecgs, found.without, found.missing, found.few) == (FEW, 1, 0, 0)
    table = found.table.set_index("method")
    np.testing.assert_allclose(table.loc[wanted.index, "value"], wanted["value"], **CLOSE)
    apart = table.loc[wanted.index, "difference"].drop("random")
    np.testing.assert_allclose(apart, wanted["difference"].drop("random"), rtol=1e-5)
    assert [name for name in table.index if name in wanted.index] == [*wanted.index]
    assert table["kind"].value_counts().to_dict() == {"control": 3, "method": 2, "target prior": 2}
    part = next(tmp_path.glob("part-00002*"))
    part.unlink()
    assert rank_parts(tmp_path).missing == 1


def test_of_few_patients_there_is_a_range_and_no_interval(known, given, tmp_path, capsys):
    write_part(source_of([given[1]]).read(0, 6), known, tmp_path / "few", settings=SCORES,
               among=source_of([given[1]]))  # fmt: skip
    assert rank_parts(tmp_path / "few").few == 5
    _rank(_parser().parse_args([str(tmp_path / "few"), "--rank"]))
    said = capsys.readouterr().out
    assert "ranges of resamples of 5 patients, too few for 95 % intervals" in said
    assert "95 % intervals over" not in said


def test_words_that_rank_does_not_read_are_refused(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["table", "readings", "--rank", "--list", "--maps", "saliency"])
    with pytest.raises(SystemExit):
        main()
    assert "expected --rank alone with records, got also list, maps" in capsys.readouterr().err


def test_intervals_are_those_of_resampled_patients():
    values = np.random.default_rng(0).gamma(2.0, size=400)
    patients = [f"person {place // 2}" for place in range(400)]
    drawn = np.stack([times_drawn(each) for each in patients]).astype(float)
    assert abs(drawn.mean() - 1) < 0.01
    assert abs(drawn[::2].var() - 1) < 0.01
    own = interval((values @ drawn / drawn.sum(0))[None], 200)
    wanted = interval(bootstrap_means(values[None], resampled(patients, 0)), 200)
    width = float(wanted[1][0] - wanted[0][0])
    np.testing.assert_allclose(np.ravel(own), np.ravel(wanted), atol=0.08 * width)


def test_a_part_with_scores_has_the_same_bytes_again_and_is_of_another_table(
    known, given, tmp_path
):
    settings, source = TableSettings(scores=("saliency",)), source_of([given[1]])
    first = write_part(source, known, tmp_path / "a", "2/2", settings=settings).path
    again = write_part(source_of([given[1]]), known, tmp_path / "b", "2/2", settings=settings).path
    assert first.read_bytes() == again.read_bytes()
    assert not write_part(source, known, tmp_path / "a", "2/2", settings=settings).made
    for other in (TableSettings(), SCORES):
        with pytest.raises(ValueError, match="with scores"):
            write_part(source, known, tmp_path / "a", "1/2", settings=other)
    assert totals(tmp_path / "a").missing == [1]
    write_part(source, known, tmp_path / "plain")
    with pytest.raises(ValueError, match="with scores"):
        write_part(source, known, tmp_path / "plain", settings=settings)
    with pytest.raises(ValueError, match="a table without"):
        rank_parts(tmp_path / "plain")


class OnlyKnown(torch.nn.Module):
    """A network whose output is no number for a beat that jumps, as where segments are replaced."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        jumps = (x[:, 9, 1:] - x[:, 9, :-1]).abs().amax(1, keepdim=True)
        return torch.where(jumps > 300.0, torch.nan, x.square().mean((1, 2))[:, None])


def test_what_cannot_be_scored_is_one_line(known, net, given, tmp_path):
    source = source_of([given[1]])
    linear = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(7200, 1)).eval()
    wrong = [
        (source, network_of(linear, "pr"), ("grad_cam",), "grad_cam"),
        (source, network_of(net, "pr", input="rhythm"), ("saliency",), "median beats, for scores"),
        (source, network_of(OnlyKnown().eval(), "pr"), ("occlusion",), "perturbed copies"),
        (iter(source.read(0, 8)), known, ("saliency",), "ECGs of all parts"),
    ]
    for ecgs, network, methods, words in wrong:
        with pytest.raises(ValueError, match=words) as told:
            write_part(ecgs, network, tmp_path, settings=TableSettings(scores=methods))
        assert "\n" not in str(told.value)
    assert not list(tmp_path.glob("*"))
    for methods in (("random",), ("saliency", "saliency")):
        with pytest.raises(ValueError, match="once for scores, and no control"):
            TableSettings(scores=methods)
    with pytest.raises(ValueError, match="nothing"):
        TableSettings(scores=("nothing",))
