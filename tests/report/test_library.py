"""Ten lines from Python: rank methods on a network of one's own."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from ecglens import rank_methods
from ecglens.datamodules import Target
from ecglens.ecg import (
    LEADS,
    R_PEAK,
    Record,
    draw_exact,
    exact_beat,
    exact_record,
    median_beat,
    resampled,
)
from ecglens.eval import GATES
from ecglens.explain import Context, Method, find
from ecglens.inputs import cautions, ecgs_of, found_marks
from ecglens.models import InputSpec
from torch import Tensor, nn

from .conftest import beats


class Window(nn.Module):
    """Reads the P window of lead V5 and nothing else, with a bend that a ReLU makes."""

    def __init__(self) -> None:
        super().__init__()
        self.relu = nn.ReLU()
        self.head = nn.Linear(40, 2)
        nn.init.uniform_(self.head.weight, 0.5, 1.0)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.relu(x[:, 10, 150:190] / 100 + 1.0))


@pytest.fixture(scope="module")
def net() -> nn.Module:
    torch.manual_seed(0)
    return Window().eval()


@pytest.fixture(scope="module")
def x() -> np.ndarray:
    return beats(8)


@pytest.mark.heavy
def test_a_map_that_finds_the_window_wins_and_the_page_says_so(
    net: nn.Module, x: np.ndarray, tmp_path: Path
) -> None:
    ranking = rank_methods(net, x, methods=["saliency"])
    assert ranking.ranking.best == "saliency"  # by its area alone
    # The network is linear where it reads: its gradient is one map for every ECG.
    assert (ranking.best, ranking.answer.do_not_use) == (None, ("saliency",))
    assert set(ranking.table["method"]) == {"saliency", "random", "abs_x", "abs_dx"}
    page = ranking.save(tmp_path / "mine.html")
    assert page == tmp_path / "mine.html"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.html"]
    assert "No map: every method failed a test." in page.read_text(encoding="utf-8")
    assert "None: every method failed a test." in repr(ranking)
    assert "<table" in ranking._repr_html_()


@pytest.mark.heavy
def test_true_values_give_a_second_view(net: nn.Module, x: np.ndarray, tmp_path: Path) -> None:
    y = np.arange(100, 108)
    ranking = rank_methods(
        net, torch.from_numpy(x), y, target=1, methods={"mine": find("saliency")}
    )
    np.testing.assert_array_equal(ranking.finding.curves[0].y, y)
    text = ranking.save(tmp_path / "mine.html", files=True).read_text(encoding="utf-8")
    assert text.count('<section id="') == 4  # both views, what was learned, the return test
    assert len(list(tmp_path.glob("*ranking.csv"))) == 2


@pytest.mark.heavy
def test_labels_of_0_and_1_want_a_target_of_their_own(net: nn.Module, x: np.ndarray) -> None:
    logit = net(torch.from_numpy(x))[:, 1].detach().numpy()
    labels = (logit > np.median(logit)).astype(float)

    def said(y: np.ndarray, target: int | Target) -> bool:
        given = net if target == 1 else InputSpec(column=1).adapt(net)
        cautions = rank_methods(given, x, y, target=target, methods=["saliency"]).cautions
        return any("All labels are 0 or 1: if output 1" in each for each in cautions)

    assert said(labels, 1)
    assert not said(labels + 1, 1)
    assert not said(labels, Target("big", "", "big", kind="binary"))


def test_strips_are_disturbed_beat_by_beat() -> None:
    strips = torch.from_numpy(beats(2, 5000))
    marks = found_marks(strips)
    peaks = np.flatnonzero(marks[0].numpy() & R_PEAK)
    assert np.abs(peaks[:, None] - np.arange(250, 5000, 600)).min(1).max() <= 5
    assert len(peaks) >= 6
    assert not found_marks(torch.zeros(1, 12, 5000)).any()


@pytest.mark.parametrize(("index", "outside"), [(107, -2), (133, 5012)])
def test_r_peaks_outside_the_strip_are_not_marked(index: int, outside: int) -> None:
    strip = exact_record(draw_exact(3, index), noise_uv=10.0, rr_scatter=0.02).signal
    found = median_beat(Record(strip)).r_peaks
    assert outside in found
    (marks,) = found_marks(torch.from_numpy(strip)[None])
    np.testing.assert_array_equal(np.flatnonzero(marks & R_PEAK), found[found != outside])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x: x[:1], "at least 2 ECGs"),
        (lambda x: x[:, :11], r"\(batch, 12, time\)"),
        (lambda x: x[..., :0], r"\(8, 12, 0\)"),
        (lambda x: np.where(x > 1000, np.nan, x), "NaN"),
        (lambda x: np.where(np.arange(8)[:, None, None] == 3, np.inf, x), "at index 3; leave"),
        (lambda x: x * (np.arange(8) % 4 > 0)[:, None, None], "at index 0, 4; leave"),
    ],
)
def test_wrong_ecgs_are_refused_by_name(
    net: nn.Module, x: np.ndarray, change: Callable[[np.ndarray], np.ndarray], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        rank_methods(net, change(x), methods=["saliency"])


def test_wrong_truth_unknown_methods_and_training_networks_are_refused(
    net: nn.Module, x: np.ndarray
) -> None:
    with pytest.raises(ValueError, match=r"y of shape \(8,\)"):
        rank_methods(net, x, np.ones(7), methods=["saliency"])
    with pytest.raises(ValueError, match=r"finite y, or NaN where .* got infinity"):
        rank_methods(net, x, np.array([*range(7), np.inf]), methods=["saliency"])
    with pytest.raises(ValueError, match="salience"):
        rank_methods(net, x, methods="salience")
    with pytest.raises(ValueError, match="eval"):
        rank_methods(Window(), x, methods=["saliency"])


OF_SEX = {"net": lambda x: x[:, :1, 0], "target": Target("sex", "", column="sex", kind="binary")}


class OneLead(nn.Module):
    """Fails inside torch when it gets twelve leads."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(1, 1, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x).mean(-1)


@dataclass(frozen=True)
class Held(Method):
    held: Any

    def heatmap(self, net, x, target, context):
        return x


OF_TWO = {"with_each": {"age": [1] * 8, "height": [1] * 8}}


class OfTwo(nn.Module):
    def forward(self, x: torch.Tensor, sex: torch.Tensor, age: torch.Tensor) -> torch.Tensor:
        return (x.mean((1, 2)) + sex + age)[:, None]


NAMELESS: dict[str, Any] = {}  # names of code that exec() runs, without __name__
exec("def complaining(x): raise ValueError('no such ECG')", NAMELESS)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        *[
            ({"methods": {"a": Held(one)}}, "expected held of 'a' as numbers or texts.* got a")
            for one in (
                *(np.zeros(3), torch.zeros(3), torch.zeros(3, requires_grad=True) * 2),
                *(Path("here"), abs, {1}, np.float32(1), Lock(), {1: 2, "1": 3}),
                *([Held(torch.zeros(3, requires_grad=True) * 2)], Held([Lock()])),
            )
        ],
        ({"methods": {"a": Held({1: 2, "1": 3})}}, r"differ as text, got \['1'\] twice; rename"),
        ({"x": None}, "expected x as an array or tensor of real numbers, got NoneType"),
        ({"x": "ecgs.npy"}, "real numbers, got str"),
        ({"x": np.array([["a"]])}, "real numbers, got ndarray of dtype <U1; convert"),
        ({"x": torch.ones(2, 12, 600, dtype=torch.complex64)}, "of dtype complex64"),
        ({"y": ["a"] * 8}, "expected y as an array or tensor of real numbers"),
        ({"methods": {"a": 3}}, "explain.Method, such as find.*, got 'a': 3"),
        ({"methods": {"a": type(find("saliency"))}}, "got 'a': <class"),
        ({"methods": {1: find("saliency")}}, r"got 1: Saliency\(\)"),
        ({"methods": {"abs_x": find("saliency")}}, "not that of a control.*, got 'abs_x'"),
        ({**OF_SEX, "y": [0, 1, 0, 1, 0, 1, 2, 2]}, "expected 0 and 1 in sex, since .* got 2"),
        ({**OF_SEX, "y": [-1, 1] * 4}, "expected 0 and 1 in sex, since .* got -1"),
        ({"spec": InputSpec(output="a")}, r"^expected output 'a', got a tensor of shape \(2, 2\)"),
        ({**OF_TWO, "net": OfTwo().eval()}, "^expected values named as the arguments sex, age"),
        ({"store": 5}, r"expected as store .* the path of a folder, got 5"),
        ({"spec": {}}, r"expected spec as InputSpec\(…\), got {}"),
        ({"methods": 3}, "a list of names, or .*, got 3"),
        ({"methods": [3]}, r"a list of names, or .*, got \[3\]"),
        ({"methods": []}, r"at least one method, got \[\]"),
        ({"net": "saliency"}, "torch.nn.Module, or a function, from ECGs .*, got str"),
        ({"net": abs}, r"shape \(batch, n_targets\), got \(2, 12, 600\) for a batch of 2"),
        ({"net": NAMELESS["complaining"]}, "its complaint “no such ECG”"),
        ({"net": lambda x: x.beat}, "takes x of shape .* has no attribute 'beat'"),
        ({"net": OneLead().eval()}, r"takes x of shape \(8, 12, 600\).*1 channels, but got 12"),
        ({"target": -1}, "target as a whole number from 0 on, got -1"),
        ({"target": "pr"}, "with one output, for pr, got 2 outputs; name the one"),
        ({"target": 1.0}, "target as a whole number from 0 on, got 1.0"),
        ({"target": True}, "target as a whole number from 0 on, got True"),
        ({"target": 2}, "0…1, got 2"),
    ],
)
def test_each_mistake_is_named_in_one_line_at_the_door(
    net: nn.Module, x: np.ndarray, wrong: dict[str, Any], message: str
) -> None:
    # As a user has it: without the check of types by the tests' own hook.
    unchecked = inspect.unwrap(rank_methods)
    with pytest.raises(ValueError, match=message) as found:
        unchecked(**{"net": net, "x": x, "methods": ["saliency"], **wrong})
    assert "\n" not in str(found.value)


@pytest.mark.parametrize(
    "change", [lambda x: x.astype(">f8"), lambda x: x[::-1], np.ndarray.tolist]
)
def test_ecgs_may_come_in_any_order_of_bytes_and_samples_and_as_lists(
    x: np.ndarray, change: Callable[[np.ndarray], Any]
) -> None:
    given = change(x)
    np.testing.assert_array_equal(ecgs_of(given, None, 0).x.numpy(), np.asarray(given))


def test_ecgs_in_millivolts_crown_no_winner(net: nn.Module, x: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"expected ECGs in µV, got a largest value of .* in mV"):
        rank_methods(net, x / 1000, methods=["saliency"])
    assert cautions(ecgs_of(x, None, 0)) == []


class Failing(Method):
    """A method that was written for another network."""

    def heatmap(self, net: nn.Module, x: Tensor, target: int, context: Context) -> Tensor:
        raise RuntimeError("mat1 and mat2 shapes\ncannot be multiplied")


@dataclass(frozen=True)
class Lacking(Method):
    def heatmap(self, net: nn.Module, x: Tensor, target: int, context: Context) -> Tensor:
        return x * net.get_parameter("nowhere")


@pytest.mark.heavy
def test_a_method_that_fails_is_left_out_with_its_error(net: nn.Module, x: np.ndarray) -> None:
    methods = {"saliency": find("saliency"), "failing": dataclass(frozen=True)(Failing)()}
    ranked = rank_methods(net, x, methods=methods | {"lacking": Lacking()})
    assert ranked.left_out["failing"] == (
        "expected a map from Failing, got RuntimeError: mat1 and mat2 shapes cannot be multiplied"
    )
    assert "got AttributeError: " in ranked.left_out["lacking"]
    assert set(ranked.table["method"]) == {"saliency", "random", "abs_x", "abs_dx"}
    for shown in (repr(ranked), ranked._repr_html_()):
        assert "was left out: expected a map from Failing, got RuntimeError" in shown


@pytest.mark.heavy
def test_what_to_know_before_relying_on_it_is_printed(net: nn.Module, x: np.ndarray) -> None:
    methods = {"saliency": find("saliency"), "again": find("saliency")}
    ranked = rank_methods(net, x, methods=methods)
    assert any("Only 8 ECGs" in each for each in ranked.cautions)
    assert any("Saliency and again give the same maps" in each for each in ranked.cautions)
    assert any("saliency and again give the same maps" in each for each in ranked.notes)
    for each in ranked.cautions:
        assert f"- {each}" in repr(ranked)
        assert f"<li>{escape(each)}</li>" in ranked._repr_html_()


def at_100_hz(count: int) -> np.ndarray:
    """Strips of 10 s, 12 × 1000, as PTB-XL's at its benchmark rate."""
    return np.stack([resampled(one, 500.0, 100.0) for one in beats(count, 5000)])


def test_strips_at_100_hz_have_the_beats_of_the_same_strips_at_500_hz() -> None:
    at_500 = np.flatnonzero(found_marks(torch.from_numpy(beats(2, 5000)))[0] & R_PEAK)
    found = np.flatnonzero(found_marks(torch.from_numpy(at_100_hz(2)), 100.0)[0] & R_PEAK)
    assert len(found) == len(at_500) > 6
    assert np.abs(found * 5 - at_500).max() <= 10
    # Without their rate they count as single beats, and the page says so.
    ecgs = ecgs_of(at_100_hz(2), None, 0)
    assert not ecgs.segments.any()
    (caution,) = cautions(ecgs)
    assert "one beat of 2 s" in caution
    assert "fs=100 missing" in caution
    assert cautions(ecgs_of(at_100_hz(2), None, 0, 100.0), 100.0) == []


class Late(nn.Module):
    """Reads the second of each beat's 600 ms (the rhythm is 1.2 s) in lead V5, at any rate."""

    def __init__(self, fs: float) -> None:
        super().__init__()
        self.relu = nn.ReLU()
        time = torch.arange(10 * int(fs)) / fs
        self.register_buffer("weights", 0.01 * (torch.sin(2 * np.pi * time / 1.2) > 0).float())

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(x[:, 10] / 100 + 5).matmul(self.get_buffer("weights"))[:, None]


@pytest.mark.heavy
def test_curves_at_100_hz_take_segments_of_the_same_ms() -> None:
    found = {}
    for fs, x, more in ((500.0, beats(2, 5000), []), (100.0, at_100_hz(2), ["occlusion"])):
        ranking = rank_methods(Late(fs).eval(), x, methods=["saliency", *more], fs=fs)
        (curves,) = ranking.finding.curves
        assert curves.gallery.fs == fs
        change = np.abs(curves.predictions["saliency"] - curves.predictions["saliency"][..., :1])
        found[fs] = change.mean((0, 1))[-1] / fs
    # The output is a sum over samples: as a share of the rate it moves alike.
    assert found[100.0] == pytest.approx(found[500.0], rel=0.35)


@pytest.mark.heavy
def test_a_spec_stands_between_records_and_a_foreign_network(tmp_path: Path) -> None:
    class Foreign(nn.Module):
        """(batch, 200, 2) at 250 Hz in mV, to a dict with a probability."""

        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(0)
            self.conv = nn.Conv1d(2, 4, 9, padding=4)
            self.head = nn.Linear(4, 1)

        def forward(self, z: Tensor) -> dict[str, Tensor]:
            assert z.shape[1:] == (200, 2)
            features = torch.relu(self.conv(z.transpose(1, 2))).mean(-1)
            return {"p": torch.sigmoid(self.head(features))[:, 0]}

    spec = InputSpec(
        leads=("V5", "II"),
        fs=250,
        samples=200,
        layout="time lead",
        unit="mV",
        normalisation="z-score per lead",
        output="p",
        ends_with="sigmoid",
    )
    net, x = Foreign().eval(), beats(4)
    with pytest.raises(ValueError, match="expected a network that takes x of shape"):
        rank_methods(net, x, methods=["saliency"])
    ranking = rank_methods(net, x, methods=["saliency", "gradcam", "deeplift"], spec=spec)
    maps = ranking.finding.curves[0].gallery.heatmaps
    assert {*maps} >= {"saliency", "gradcam", "deeplift"}
    read = [LEADS.index(lead) for lead in ("V5", "II")]
    assert not np.delete(maps["saliency"], read, axis=1).any()
    assert np.abs(maps["saliency"][:, read]).max() > 0
    assert ranking.save(tmp_path / "mine.html").is_file()
    training = Foreign()
    with pytest.raises(ValueError, match=r"evaluation mode.*call eval"):
        rank_methods(training, x, methods=["saliency"], spec=spec)
    assert training.training
    with pytest.raises(ValueError, match=r"or a function, from ECGs .*, got int"):
        rank_methods(3, x, methods=["saliency"], spec=spec)  # pyright: ignore[reportArgumentType]


class Bent(nn.Module):
    """Reads two windows of V5 through ReLUs, with layers that can be redrawn."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.body = nn.Sequential(nn.Linear(80, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x[:, 10, 150:230] / 100)


@pytest.mark.heavy
def test_weights_are_redrawn_and_a_network_on_permuted_labels_is_compared(
    x: np.ndarray, tmp_path: Path
) -> None:
    given = np.abs(x) + 1.0
    ranked = rank_methods(
        Bent(0).eval(), x, methods=["saliency"], maps={"mine": given}, permuted=Bent(1).eval()
    )
    table = ranked.learned.table.set_index("method")
    # A map that was given is the same for every network: nothing is known of it.
    assert {*table.index} == {"saliency", "random", "abs_x", "abs_dx"}
    assert table.loc["saliency", "redraws"] == 10
    for gate in ("redrawn_verdict", "labels_verdict"):
        assert table.loc["abs_x", gate] == "fails"
        assert table.loc["saliency", gate] in ("passes", "fails", "cannot be said")
    page = ranked.save(tmp_path / "mine.html").read_text(encoding="utf-8")
    assert "What the gates judge" in page
    alone = rank_methods(Bent(0).eval(), x, methods=["saliency"], fs=250.0)
    assert [*alone.learned.table["labels_verdict"]] == ["not judged"] * 4
    assert alone.learned.table["redraws"][0] == 10


@pytest.mark.heavy
def test_a_function_is_ranked_and_compared_with_itself_behind_a_moved_input(tmp_path) -> None:
    different = np.stack([exact_beat(draw_exact(1, number)).signal for number in range(8)])
    ranked = rank_methods(
        lambda ecgs: np.asarray(ecgs)[:, 10, 330:380].mean(1)[:, None], different, methods=["lime"]
    )
    assert "lime" in {*ranked.table["method"]}
    assert any("no weights that can be drawn again" in note for note in ranked.learned.notes)
    verdicts = ranked.learned.table.set_index("method")["moved_verdict"]
    assert {*verdicts.drop("lime")} == {"fails"}
    gates = ranked.answer.of["lime"].gates
    assert gates[GATES["moved_verdict"]] == verdicts["lime"]
    assert gates[GATES["labels_verdict"]] == "cannot be had"
    page = ranked.save(tmp_path / "mine.html").read_text(encoding="utf-8")
    assert "behind a moved input" in page
    assert "Input moved" in page


@pytest.mark.heavy
def test_a_function_that_reads_everything_alike_has_no_map_to_use(x) -> None:
    def area(ecgs):
        return np.abs(np.asarray(ecgs)).mean((1, 2))[:, None]

    ranked = rank_methods(area, x, methods=["lime"])
    assert "as it reads them unmoved" in ranked.learned.reason
    assert ranked.answer.of["lime"].gates[GATES["moved_verdict"]] == "cannot be had"
    assert ranked.best is None


@dataclass(frozen=True)
class Counting(Method):
    """A method that is stopped, as by Ctrl-C, at its call of a number."""

    def heatmap(self, net: nn.Module, x: Tensor, target: int, context: Context) -> Tensor:
        CALLS.append(len(x))
        if len(CALLS) == STOP[0]:
            raise KeyboardInterrupt
        return x * torch.linspace(0.5, 1.0, x.shape[2])


CALLS: list[int] = []
STOP = [0]


@pytest.mark.heavy
def test_a_ranking_with_a_store_goes_on_after_a_stop_to_the_same_numbers(
    net: nn.Module, x: np.ndarray, tmp_path: Path
) -> None:
    def ranked(stop: int, **store: Any) -> tuple[pd.DataFrame, int]:
        CALLS.clear()
        STOP[0] = stop
        given = {"methods": {"counting": Counting()}, "workers": 1, **store}
        return rank_methods(net, x, **given).table, len(CALLS)

    whole, calls = ranked(0)
    with pytest.raises(KeyboardInterrupt):
        ranked(calls, store=tmp_path / "store")
    resumed, rest = ranked(0, store=str(tmp_path / "store"))
    assert rest < calls / 2  # the others were kept
    pd.testing.assert_frame_equal(resumed, whole)
