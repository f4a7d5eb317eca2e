"""How far a reading returns to the typical one as a signed map's segments become typical."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import torch
from jaxtyping import Bool, Float, Float32, Int, Int64
from torch import Tensor, nn

from ...engine import Copies, sample_ids
from ...explain import Method, left_out_notes
from ...store import Step, fingerprint
from ..chunks import Chunks, Keeper, MissingChunks, progress_bar
from ..evaluation import Evaluation, NotApplicable
from ..finding import Finding
from ..heatmaps.attributions import WHOLE, kept_attributions, maps_key
from ..heatmaps.explained import linter_notes, outputs
from ..heatmaps.folding import Marks, beat_marks, laid_by_waves
from ..heatmaps.order import rank_points, step_of_samples
from ..heatmaps.probe import Probe, probe_of
from ..measures import Measure, by_measure, stacked
from ..precompute import ChunkTask, Piece
from ..protocol import AS_WELL, DEFAULT, MOST_KEPT
from ..statistics import LEVEL, holm, sampling
from ..statistics.comparison import Sampling
from ..statistics.resampling import interval, resampled_means
from ..subject import Networks, Subject
from .effects.by_wave import level
from .perturbation.curves import predictions, units_of

STEPS = 15  # segments, as far as the area of the default protocol goes
PATIENTS = 3  # typical patients; one may be odd in something that no reading shows
FILLS = ("mean beat", "three patients")
NO_TEMPLATE = "none"
DEVIATION = "|x − mean beat|"  # control of this test alone

Map = Float[Tensor, "lead time"]
Returns = Float[np.ndarray, "fill ecg {STEPS}+1"]


@dataclass(frozen=True)
class Null:
    """Maps of other patients: the nearest reading's, or the mean of those on the same side.

    Laid wave by wave on the marks of this ECG, or from its R peak alone.
    """

    name: str
    nearest: bool
    by_marks: bool


# The nulls that a map has to beat: the strictest set that judges networks with a known answer
# rightly (docs/ladder.md, results/return_test/power.csv).
NULLS = (
    Null("nearest", nearest=True, by_marks=True),
    Null("nearest_from_r", nearest=True, by_marks=False),
    Null("same_side", nearest=False, by_marks=True),
    Null("same_side_from_r", nearest=False, by_marks=False),
)


@dataclass(frozen=True, eq=False)
class Typical:
    """Typical ECGs of each ECG of a probe, and the direction of its reading from theirs.

    `usual` says which ECGs may be typical: for a class those without it.
    """

    probe: Probe
    readings: Float[np.ndarray, " ecg"]
    usual: Bool[np.ndarray, " ecg"]

    def changes(self, ecg: int) -> tuple[Float[Tensor, "draw lead time"], ...]:
        """What turns an ECG into its typical ones, for each of FILLS."""
        own, here = self.probe.ecgs.x[ecg].cpu(), self._levels[ecg]
        mean = self._levelled[self.others(ecg)].mean(0)
        near = self._levelled[self.nearest_typical(ecg)]
        return (mean + here - own)[None], near + here - own

    def others(self, ecg: int) -> Int[np.ndarray, " other"]:
        """ECGs of other patients that may be typical."""
        return np.flatnonzero(self.usual & self._other(ecg))

    def nearest_typical(self, ecg: int) -> Int[np.ndarray, " near"]:
        """The other patients' ECGs nearest the median reading, one a patient."""
        others = self.others(ecg)
        away = np.abs(self.readings[others] - np.median(self.readings[others]))
        found: dict[str, int] = {}
        for place in others[np.argsort(away, kind="stable")]:
            found.setdefault(self.probe.patients[place], int(place))
        return np.array([*found.values()][:PATIENTS])

    def nearest(self, ecg: int) -> int:
        """The other patient's ECG whose reading is nearest this one's."""
        others = np.flatnonzero(self._other(ecg))
        return int(others[np.abs(self.readings[others] - self.readings[ecg]).argmin()])

    @cached_property
    def away(self) -> Float[np.ndarray, "fill ecg"]:
        """Reading of each ECG less that of its typical ECGs."""
        found = np.empty((len(FILLS), len(self.readings)))
        for ecg in range(len(self.readings)):
            x = self.probe.ecgs.x[ecg].cpu()
            for fill, change in enumerate(self.changes(ecg)):
                # One step that hits everything.
                copies = Copies(x, torch.ones(x.shape, dtype=torch.int64), change, 1)
                found[fill, ecg] = float(self._moved(copies)[0, -1])
        return found

    def returned(
        self, ecg: int, fill: int, change: Float[Tensor, "draw lead time"], heatmap: Map
    ) -> Float32[np.ndarray, " step"]:
        """Return after 0 … STEPS segments, in the order of this map's sums, largest first."""
        x, units = self.probe.ecgs.x[ecg].cpu(), self.units[ecg]
        sums = heatmap.new_zeros(len(x), int(units.max()) + 1).index_add_(1, units, heatmap)
        records = [self.probe.ecgs.record[ecg]]
        order = rank_points((sums - sums.min())[None], STEPS, self.probe.seed, records)[0]
        copies = Copies(x, step_of_samples(order, units, len(x)), change, STEPS)
        return (self.side(ecg, fill) * self._moved(copies)[0]).numpy().astype(np.float32)

    def side(self, ecg: int, fill: int) -> float:
        """1 where a reading is above the typical one, −1 where it is below."""
        return -1.0 if self.away[fill, ecg] < 0 else 1.0

    def of_null(self, ecg: int, fill: int, null: Null) -> list[int]:
        """ECGs of other patients whose maps are a null of this one."""
        if null.nearest:
            return [self.nearest(ecg)]
        same = np.where(self.away[fill] < 0, -1.0, 1.0) == self.side(ecg, fill)
        return np.flatnonzero(same & self._other(ecg)).tolist()

    @cached_property
    def marks(self) -> list[Marks]:
        """Marks of the waves of each ECG."""
        return [beat_marks(each) for each in self.probe.ecgs.segments]

    @cached_property
    def units(self) -> list[Int64[Tensor, " time"]]:
        """The segment of each sample of each ECG."""
        return units_of(self.probe, DEFAULT)

    @cached_property
    def key(self) -> str:
        """Fingerprint of what the typical ECGs depend on."""
        ecgs = self.probe.ecgs
        marks = sample_ids(ecgs.segments[:, None].float())
        return fingerprint(
            {
                "x": sample_ids(ecgs.x),
                "marks": marks,
                "patients": list(self.probe.patients),
                "usual": self.usual.tolist(),
            }
        )

    def _moved(self, copies: Copies) -> Float[Tensor, "1 point"]:
        """f(x) − f(changed), mean over the draws."""
        found = predictions(self.probe.walker, copies, self.probe.output)
        return (found[:, :1] - found).mean(0, keepdim=True)

    def _other(self, ecg: int) -> Bool[np.ndarray, " ecg"]:
        return self._patients != self._patients[ecg]

    @cached_property
    def _patients(self) -> np.ndarray:
        return np.array(self.probe.patients)

    @cached_property
    def _levels(self) -> Float[Tensor, "ecg lead 1"]:
        """Level of each lead before QRS; 0 where none is marked."""
        each = zip(self.probe.ecgs.x.cpu(), self.probe.ecgs.segments.cpu(), strict=True)
        found = [level(x, marks) for x, marks in each]
        none = torch.zeros(self.probe.ecgs.x.shape[1])
        return torch.stack([none if one is None else one for one in found])[..., None]

    @cached_property
    def _levelled(self) -> Float[Tensor, "ecg lead time"]:
        return self.probe.ecgs.x.cpu() - self._levels


RETURNS = Step("returns", version=2)


def return_chunks(
    typical: Typical,
    maps: Float[np.ndarray, "ecg lead time"],
    made_of: Any,
    keeper: Keeper,
    nulls: Sequence[Null] = NULLS,
) -> Chunks:
    """Returns of each ECG by a method's own map, then by each null; `made_of` tells maps apart.

    A chunk has (ecg, series, fill, step), NaN for a null without other patients.
    """
    probe, marks = typical.probe, typical.marks
    signed = bool((maps < 0).any())
    sizes = np.abs(maps).sum((1, 2), keepdims=True)
    shares = torch.from_numpy(maps / np.where(sizes > 0, sizes, 1.0)).float()

    def directed(ecg: int, fill: int) -> Map:
        """Map of an ECG, larger where it says that the reading was pushed away."""
        return typical.side(ecg, fill) * shares[ecg] if signed else shares[ecg]

    def of_null(ecg: int, fill: int, null: Null) -> Map | None:
        others = typical.of_null(ecg, fill, null)
        laid = [directed(one, fill) for one in others]
        if null.by_marks:
            places = [laid_by_waves(marks[ecg], marks[one], maps.shape[2]) for one in others]
            laid = [each[:, place] for each, place in zip(laid, places, strict=True)]
        return torch.stack(laid).mean(0) if laid else None

    def each(ecg: int) -> Float32[np.ndarray, "series fill step"]:
        found = np.full((1 + len(nulls), len(FILLS), STEPS + 1), np.nan, np.float32)
        for fill, change in enumerate(typical.changes(ecg)):
            series = [directed(ecg, fill), *(of_null(ecg, fill, null) for null in nulls)]
            for place, heatmap in enumerate(series):
                if heatmap is not None:
                    found[place, fill] = typical.returned(ecg, fill, change, heatmap)
        return found

    told = {"nulls": [asdict(null) for null in nulls]}

    def make(number: int) -> Mapping[str, np.ndarray]:
        chunk = probe.chunks[number]
        return {"returns": np.stack([each(ecg) for ecg in range(chunk.start, chunk.stop)])}

    def of_block(block: int) -> Mapping[str, Any]:
        return {**probe.settings[block], "maps": made_of, "typical": typical.key, **told}

    return keeper.chunks(RETURNS, probe.of_blocks(of_block), make)


def typical_of(net: nn.Module, subject: Subject) -> Typical:
    """Typical ECGs of the subject's; NotApplicable for strips, and where no others are left."""
    if subject.shape[1] > WHOLE:
        raise NotApplicable("the return test takes median beats: of strips no mean can be taken")
    readings = outputs(net, subject)
    of_a_class = subject.target is not None and subject.target.kind == "binary"
    usual = readings < 0 if of_a_class else np.ones(len(readings), bool)
    typical = Typical(probe_of(net, subject), readings, usual)
    patients = np.array(subject.patients)
    if len({*patients[usual]}) < PATIENTS + 1:
        without = "without the class, by the network, " if of_a_class else ""
        raise NotApplicable(
            f"expected ECGs of at least {PATIENTS + 1} patients {without}as typical ones, got "
            f"{len({*patients[usual]})}"
        )
    return typical


QUESTION = "Does a map say what makes this ECG's reading differ from the typical one?"
SOURCE = "our own definition; rule in docs/ladder.md"
MEASURES = (
    Measure(
        "returned", "Return to the typical reading", "", True, "faithfulness",
        "our own definition",
        "How far the reading comes back while the segments that the signed map holds responsible "
        "become typical, mean over the first 15.",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class ReturnTest(Evaluation):
    """Return of readings to the typical one by signed maps.

    `methods` are the names of those to test among the subject's; empty for all.

    details: `shown` has a row per network, method or control and typical ECG: the mean
    |f(x) − f(t)|, the shares of it that five and fifteen segments bring back, each null as a share
    of the own return with its 95 % interval, whether the own return is beyond all of them, and the
    name of the null that returns as much (NO_TEMPLATE for none).
    `returns` has the return of each ECG by the own map and by each null.
    Raises NotApplicable for strips and too few patients.
    """

    name = "return_test"
    question = QUESTION
    source = SOURCE
    methods: Sequence[str] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "methods", tuple(self.methods or ()))

    def limited(self, subject: Subject) -> Subject:
        """The subject with the methods to test."""
        own = super().limited(subject)
        return replace(own, methods={name: own.methods[name] for name in self._asked(subject)})

    def _asked(self, subject: Subject) -> list[str]:
        return [name for name in subject.methods if not self.methods or name in self.methods]

    def check(self, subject: Callable[[], Subject]) -> None:
        """NotApplicable without a method to test, and for ECGs of too few patients."""
        if not self._asked(subject()):
            raise NotApplicable(
                f"it tests {', '.join(self.methods)} alone; add one of them to method"
            )
        if (count := len({*subject().patients})) < PATIENTS + 1:
            raise NotApplicable(f"expected ECGs of at least {PATIENTS + 1} patients, got {count}")

    def work(self, networks: Networks, subject: Subject) -> Iterator[Sequence[Piece]]:
        """The maps, then the returns of each method."""
        yield from super().work(networks, subject)
        for net in networks.nets:
            typical = typical_of(net, subject)
            pieces = (
                _piece(typical, method, _nulls(name, subject))
                for name, method in subject.every_method.items()
            )
            yield [piece for piece in pieces if piece is not None]

    def measure(self, networks: Networks, subject: Subject) -> Finding:
        """The measures of docs/ladder.md for each method and control."""
        linted = linter_notes(networks.by_name, subject)
        scores, tables, per_ecg, wrong, unsigned = [], [], [], {}, {}
        every = [typical_of(net, subject) for net in networks.nets]
        keys = networks.keys(subject.shape)
        chunks = sum(len(each.probe.chunks) for each in every)
        with progress_bar(
            (2 * len(subject.every_method) + 1) * chunks, self.name, subject.progress
        ) as done:
            for key, typical in zip(keys, every, strict=True):
                keeper = Keeper(subject.store, len(typical.probe.chunks), done.update)
                found = {}
                for name, method in subject.every_method.items():
                    try:
                        maps, made_of = _maps(typical, method, keeper)
                    except ValueError as problem:  # the method's own check on these ECGs
                        wrong[name] = str(problem)
                        continue
                    nulls = _nulls(name, subject)
                    returns = return_chunks(typical, maps, made_of, keeper, nulls)
                    found[name] = returns.all("returns")
                    if name in subject.methods and (maps >= 0).all():
                        unsigned[name] = f"{name}: its maps have no sign; segments go by their size"
                control = return_chunks(typical, deviations(typical), DEVIATION, keeper, ())
                rows = {**found, DEVIATION: control.all("returns")}
                table = shown(rows, np.abs(typical.away), subject)
                table.insert(0, "network", key)
                tables.append(table)
                per_ecg += _of_each_ecg(key, found, subject)
                scores.append(by_measure({name: _scores(each) for name, each in found.items()}))
        table = pd.concat(tables, ignore_index=True)
        return Finding(
            self.about(networks, subject),
            measures=MEASURES,
            scores=stacked(scores),
            sentence=sentence(table),
            notes=(*linted, *left_out_notes(wrong), *unsigned.values()),
            details={"shown": table, "returns": pd.DataFrame(per_ecg)},
        )


def _nulls(name: str, subject: Subject) -> Sequence[Null]:
    """The nulls of a method; controls have none, because nothing is claimed of them."""
    return NULLS if name in subject.methods else ()


def _piece(typical: Typical, method: Method, nulls: Sequence[Null]) -> Piece | None:
    """The returns of a method, None while any of its maps is missing."""
    count = len(typical.probe.chunks)
    look = MissingChunks(typical.probe.subject.store, count, lambda count: None)
    kept_attributions(typical.probe, method, 1, look)
    if look.missing:
        return None

    def begin() -> ChunkTask:
        maps, made_of = _maps(typical, method, look)
        return lambda keeper: return_chunks(typical, maps, made_of, keeper, nulls)

    return Piece(count, begin, lambda: typical.away)


def _maps(
    typical: Typical, method: Method, keeper: Keeper
) -> tuple[Float[np.ndarray, "ecg lead time"], str]:
    """Maps of a method, and what tells them apart; ValueError where it is wrong here."""
    kept = kept_attributions(typical.probe, method, 1, keeper)
    return kept.all("maps"), maps_key(kept)


def deviations(typical: Typical) -> Float[np.ndarray, "ecg lead time"]:
    """|x − mean beat| of each ECG."""
    count = len(typical.readings)
    return np.stack([typical.changes(ecg)[0][0].abs().numpy() for ecg in range(count)])


Returned = Float[np.ndarray, "ecg series fill step"]


def _mean(returns: Returned) -> Float[np.ndarray, "ecg series fill"]:
    """Mean return over the steps after none."""
    return returns[..., 1:].astype(float).mean(-1)


def _scores(returns: Returned) -> dict[str, Float[np.ndarray, " ecg"]]:
    """The return of each ECG by its own map, mean over both typical ECGs."""
    return {"returned": returns[:, 0, :, 1:].astype(float).mean((-1, -2))}


def _of_each_ecg(
    key: str, methods: Mapping[str, Returned], subject: Subject
) -> Iterator[Mapping[str, object]]:
    """A row per method, typical ECG and ECG: what its own map and each null return."""
    series = ("returned", *(null.name for null in NULLS))
    for name in (each for each in methods if each in subject.methods):
        mean = _mean(methods[name])
        for fill, typical in enumerate(FILLS):
            for record, values in zip(subject.records, mean[..., fill], strict=True):
                row = {"network": key, "method": name, "typical": typical, "record": record}
                yield row | dict(zip(series, values.tolist(), strict=True))


def shown(
    methods: Mapping[str, Returned], away: Float[np.ndarray, "fill ecg"], subject: Subject
) -> pd.DataFrame:
    """A row per method or control and typical ECG: return, shares, nulls, and what is shown.

    Controls have no nulls. `p` is the largest of a method's, before correction.
    """
    held = [name for name in methods if name in subject.methods]
    mean = {name: _mean(each) for name, each in methods.items()}
    there = np.all([np.isfinite(each).all((1, 2)) for each in mean.values()], axis=0)
    patients = [patient for patient, used in zip(subject.patients, there, strict=True) if used]
    drawn = sampling(1, max(1, len(held)), patients, subject.seed)
    p = {name: largest_p(mean[name][there], drawn) for name in held}
    corrected = dict(zip(held, holm([*p.values()]), strict=True))
    alike = [template_p(mean[name][there], drawn) for name in held]
    least = holm([float(each.min()) for each in alike])
    templates = {
        name: NULLS[each.argmin()].name if smallest < LEVEL else NO_TEMPLATE
        for name, each, smallest in zip(held, alike, least, strict=True)
    }
    rows = []
    for name, each in mean.items():
        for fill, typical in enumerate(FILLS):
            own, *nulls = each[there, :, fill].T
            deviation = away[fill, there].sum()
            at = {f"share_{k}": methods[name][there, 0, fill, k].sum() / deviation for k in (5, 15)}
            row = {"method": name, "typical": typical, "deviation": deviation / there.sum(),
                   "returned": own.mean(), **at}  # fmt: skip
            for null, returned in zip(
                NULLS, nulls or [np.full(len(own), np.nan)] * len(NULLS), strict=True
            ):
                row |= _ratio(null.name, returned, own, patients, subject.seed)
            judged = {"p": p.get(name, np.nan), "shown": corrected.get(name, 1.0) < LEVEL}
            rows.append(row | judged | {"template": templates.get(name, NO_TEMPLATE)})
    return pd.DataFrame(rows)


def largest_p(means: Float[np.ndarray, "ecg series fill"], drawn: Sampling) -> float:
    """Largest p of "a null returns MOST_KEPT of the own or more", over nulls and typical ECGs.

    The own map's series is the first.
    """
    left = MOST_KEPT * means[:, :1] - means[:, 1:]
    values = left.reshape(len(left), -1).T[:, None]
    return float(np.where(values.mean((-2, -1)) > 0, drawn.p(values), 1.0).max())


def template_p(
    means: Float[np.ndarray, "ecg series fill"], drawn: Sampling
) -> Float[np.ndarray, " null"]:
    """p of "a null returns AS_WELL of the own less, or more", times the number of nulls.

    The largest over both sides and both typical ECGs; the own map's series is the first.
    """
    own, nulls = means[:, :1], means[:, 1:]
    sides = np.stack([nulls - (1 - AS_WELL) * own, (1 + AS_WELL) * own - nulls])
    values = np.moveaxis(sides, (1, 2), (-1, 0)).reshape(-1, 1, len(means))
    p = np.where(values.mean((-2, -1)) > 0, drawn.p(values), 1.0)
    return np.minimum(1.0, nulls.shape[1] * p.reshape(nulls.shape[1], -1).max(1))


def _ratio(
    name: str, null: np.ndarray, own: np.ndarray, patients: Sequence[str], seed: int
) -> dict[str, float]:
    """Null as a share of the own return; no interval where a replicate may return nothing."""
    if own.mean() <= 0 or np.isnan(null).any():
        return dict.fromkeys((name, f"{name}_low", f"{name}_high"), np.nan)
    above, below = resampled_means(np.stack([null, own]), patients, seed)
    if (below <= 0).any():
        return {name: null.mean() / own.mean(), f"{name}_low": np.nan, f"{name}_high": np.nan}
    (low,), (high,) = interval((above / below)[None], len({*patients}))
    return {name: null.mean() / own.mean(), f"{name}_low": float(low), f"{name}_high": float(high)}


def sentence(table: pd.DataFrame) -> str:
    """Methods whose own return is beyond those of other patients' maps, on every network."""
    missed = {*table.loc[~table["shown"].astype(bool), "method"]}
    if names := [name for name in dict.fromkeys(table["method"]) if name not in missed]:
        return f"Maps that return a reading further than other patients' maps: {', '.join(names)}."
    return "No method's maps return a reading significantly further than other patients' maps."
