"""What a gallery keeps of the steps is what the curves were made of."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from ecglens.datamodules import Batch
from ecglens.eval import (
    DEFAULT,
    POINTS,
    STORAS2025,
    Curves,
    Finding,
    Protocol,
    Subject,
    finding_of,
    load_finding,
    merge,
    save_finding,
    score,
)
from ecglens.eval.evaluations.perturbation.evaluation import shown_ecgs
from ecglens.explain import Inputs, attribute, find_all

from ...networks import Smooth, exact_ecgs
from ...test_finding_files import about
from .test_score import strips

METHODS = find_all(["saliency", "input_x_gradient"])
SHOWN = 2
FEW = {"draws": 2, "ladder": 0}
DONORS = replace(DEFAULT, **FEW)
PROTOCOLS = [
    DONORS,
    replace(POINTS, **FEW),
    replace(STORAS2025, steps=40, **FEW),
    replace(DEFAULT, name="lerf", order="lerf", fill="noise", **FEW),
]


def scored(protocol: Protocol, methods=METHODS, ecgs: Batch | None = None) -> Finding:
    """The finding of a network on four ECGs, two of which are shown."""
    subject = Subject(ecgs or exact_ecgs(4), methods, gallery=SHOWN, progress=False, workers=1)
    curves = score(Smooth().eval(), subject, protocol)
    return finding_of((curves,), about(curves))


@pytest.fixture(scope="module")
def finding() -> Finding:
    return scored(DONORS)


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda each: each.name)
def test_the_shown_steps_give_the_curve_and_the_score_of_that_ecg_and_draw(protocol):
    finding = scored(protocol)
    (curves,) = finding.curves
    table = finding.tidy().set_index(["method", "draw", "record"])["value"]
    for name, place, record in shown(finding):
        ecg = curves.records.index(record)
        for batch in (1, 7):
            np.testing.assert_allclose(
                curves.predictions[name][0, ecg], read(curves, name, place, batch), rtol=1e-5
            )
        kept = curves.predictions[name][0, ecg].astype(float)
        start, scale = kept[0], -1.0 if protocol.order == "lerf" else 1.0
        if protocol.outcome == "relative_error":
            start = scale = float(round(curves.y[ecg]))
        errors = abs(kept - start)[: protocol.until + 1]
        area = np.trapezoid(errors) / scale
        assert table[name, 0, record] == pytest.approx(area, rel=1e-6, abs=1e-6)


def test_a_step_of_a_strip_is_shown_in_every_beat():
    (curves,) = scored(DONORS, find_all(["saliency"]), strips(4)).curves
    assert curves.gallery.steps is not None
    _, first = np.nonzero(curves.gallery.steps.hit("saliency", 0) == 1)
    assert first.tolist() == [at + beat for beat in range(0, 2000, 500) for at in first[:15]]
    np.testing.assert_allclose(
        curves.predictions["saliency"][0, 0], read(curves, "saliency", 0, 5), rtol=1e-5
    )


def test_the_first_ecg_is_shown_then_those_read_worst_and_best():
    y = np.array([160.0, 170.0, np.nan, 180.0, 190.0])
    read = np.array([165.0, 172.0, 400.0, 210.0, 189.5])  # errors 5, 2, unknown, 30, 0.5
    assert [shown_ecgs(read, y, count) for count in range(1, 5)] == [
        [0],
        [0, 3],
        [0, 3, 4],
        [0, 3, 4, 1],
    ]
    assert shown_ecgs(read, np.full(5, np.nan), 3) == [0, 1, 2]
    assert shown_ecgs(read, y, 0) == []


def test_the_shown_ecgs_have_their_own_signals_maps_and_steps():
    ecgs = exact_ecgs(4)
    y = ecgs.y.clone()
    with torch.no_grad():
        y[:, 0] = Smooth().eval()(ecgs.x)[:, 0]
    y[2] += 50.0
    (curves,) = scored(DONORS, ecgs=ecgs._replace(y=y)).curves
    gallery = curves.gallery
    assert gallery.records == (ecgs.record[0], ecgs.record[2])
    np.testing.assert_array_equal(gallery.x, ecgs.x[[0, 2]].numpy())
    maps = attribute("saliency", Smooth().eval(), ecgs.x, inputs=Inputs(records=ecgs.record))
    np.testing.assert_allclose(gallery.heatmaps["saliency"], maps[[0, 2]], rtol=1e-4, atol=1e-9)


def shown(finding: Finding) -> Iterator[tuple[str, int, str]]:
    """Every method with the place and the name of each ECG that is shown."""
    (curves,) = finding.curves
    for name in curves.predictions:
        for ecg, record in enumerate(curves.gallery.records):
            yield name, ecg, record


def read(curves: Curves, name: str, ecg: int, batch: int) -> np.ndarray:
    """What the network reads from the ECG that is shown at each step, some of them at a time."""
    gallery = curves.gallery
    assert gallery.steps is not None
    hit = gallery.steps.hit(name, ecg) <= np.arange(curves.protocol.steps + 1)[:, None, None]
    copies = torch.from_numpy(gallery.x[ecg] + gallery.steps.changes[ecg] * hit)
    net = Smooth().eval()
    with torch.no_grad():
        return torch.cat([net(part)[:, 0] for part in copies.split(batch)]).numpy()


def test_shown_steps_come_back_from_the_folder_of_a_finding(finding, tmp_path):
    (curves,) = load_finding(save_finding(finding, tmp_path)).curves
    ours, back = finding.curves[0].gallery.steps, curves.gallery.steps
    assert ours is not None
    assert back is not None
    for name in curves.predictions:
        for ecg in range(SHOWN):
            np.testing.assert_array_equal(back.hit(name, ecg), ours.hit(name, ecg))
    np.testing.assert_array_equal(back.changes, ours.changes)


def test_jobs_with_other_methods_show_the_steps_of_all(finding):
    jobs = [scored(DONORS, find_all([name])) for name in METHODS]
    both, ours = merge(jobs).curves[0].gallery.steps, finding.curves[0].gallery.steps
    assert both is not None
    assert ours is not None
    for name in METHODS:
        np.testing.assert_array_equal(both.hit(name, 1), ours.hit(name, 1))


def test_without_shown_ecgs_no_steps_are_kept(finding, tmp_path):
    save_finding(finding, tmp_path)
    (curves,) = finding.curves
    none = replace(curves, gallery=replace(curves.gallery, steps=None))
    (back,) = load_finding(save_finding(replace(finding, curves=(none,)), tmp_path)).curves
    assert back.gallery.steps is None
