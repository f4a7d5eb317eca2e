"""Experiments on removal scores: retraining, signs that cancel, classes, fine-tuning."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

import numpy as np
import torch
from ecglens.ecg import BEAT_LENGTH, LEADS
from ecglens.engine import generator, normal, uniform
from ecglens.eval import DEFAULT, PROTOCOLS, rank_points
from ecglens.eval.evaluations.sanity import spearman
from ecglens.store import Store
from jaxtyping import Bool, Float
from torch import Tensor, nn

from ..apart import Steps, program_of
from ..attacks import blur, sparsify
from ..meta_evaluation.maps import mixed
from ..season.hand_set import Readings, T, drawn_span, window
from ..season.hearts import CHEST, Ecgs, Hearts
from .networks import TRAINING, Reader, area, maps_of, season, world
from .rules import Claim

Numbers = Iterator[tuple[str, float]]
POPULAR = ("saliency", "integrated_gradients", "guided_backprop")
REMOVED = 0.3  # of the points of an ECG


def song2023(claim: Claim, number: int, store: Store) -> Numbers:
    """Gain by blurring and sparsifying under remove and retrain."""
    roar = _Roar(Reader(season(claim, number), number, store))
    if not roar.reader.reads:
        return
    for name in POPULAR:
        own = roar.score(name)
        yield "blur", roar.score(name, "blur", blur) - own
        yield "sparsify", roar.score(name, "sparsify", sparsify) - own


def hooker2019(claim: Claim, number: int, store: Store) -> Numbers:
    """Error by foreign ECGs alone, and methods beside random with retraining."""
    roar = _Roar(Reader(season(claim, number), number, store))
    reader = roar.reader
    if not reader.reads:
        return
    chance = roar.score("random")
    yield "foreign", reader.unexplained(reader.net, roar.removed(roar.maps["random"])) - chance
    for name in POPULAR:
        yield "no_better", roar.score(name) - chance


class _Roar:
    """Remove and retrain for one reader: of every ECG the top points become the lead's mean."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    @cached_property
    def maps(self) -> Mapping[str, np.ndarray]:
        """Maps of all ECGs; random is a control of ECGLens."""
        return maps_of(self.reader.net, self.reader.ecgs, POPULAR, self.reader.store)

    def score(
        self,
        name: str,
        processed: str = "",
        by: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None,
    ) -> float:
        """Share of the label's variance that is unexplained after retraining."""
        reader, maps = self.reader, self.maps[name]
        x = self.removed(by(maps, reader.ecgs.x.numpy()) if by else maps)
        return reader.unexplained(reader.trained(x, f"without {name} {processed}"), x)

    def removed(self, maps: np.ndarray) -> Tensor:
        """The ECGs without the points where these maps are largest."""
        x, count = self.reader.ecgs.x, int(REMOVED * maps[0].size)
        mean = x[:TRAINING].mean((0, 2))[None, :, None]
        return torch.where(_top(maps, count, self.reader.ecgs), mean, x)


def _top(maps: np.ndarray, count: int, ecgs: Ecgs) -> Bool[Tensor, "ecg lead time"]:
    """The `count` points of largest |map|; ties in a random order by ECG."""
    given = torch.from_numpy(np.ascontiguousarray(maps, np.float32))
    found = torch.zeros(given.flatten(1).shape, dtype=torch.bool)
    found.scatter_(1, rank_points(given, count, 0, ecgs.batch.record), value=True)
    return found.reshape(given.shape)


def timing2025(claim: Claim, number: int, store: Store) -> Numbers:
    """A complete map beside its positive half, removed at once and one point after another."""
    random = season(claim, number).numbers("timing")
    ecgs = Hearts(season(claim, number), "timing").beats(claim.ecgs)
    leads = random.permutation(CHEST)[:2]
    one, other = (window(int(lead), *drawn_span(random, T)) for lead in leads)
    sizes = [(ecgs.x * each).sum((1, 2)).mean() for each in (one, other)]
    weights = one - other * (sizes[0] / sizes[1])  # both contribute as much in the mean
    hand_set = Readings(weights[None], "sum", 100.0)
    net = Steps(program_of(hand_set.network(), ecgs.x))
    truth = hand_set.truth(ecgs.x)
    half, total = truth.clamp(min=0), truth.abs().sum((1, 2)).numpy()
    points = int((weights != 0).sum())
    for share in (0.25, 0.5, 0.75):
        of_truth, of_half = (_walks(net, ecgs, m, int(share * points)) for m in (truth, half))
        yield "at_once", float(((of_half[0] - of_truth[0]) / total).mean())
        yield "cumulative", float(((of_truth[1] - of_half[1]) / total).mean())
    areas = [area(net, ecgs.x, each) for each in (truth, half)]
    yield "default_protocol", float((areas[1] - areas[0]).mean() / areas[0].mean())


def _walks(
    net: nn.Module, ecgs: Ecgs, maps: Tensor, count: int
) -> tuple[Float[np.ndarray, " ecg"], Float[np.ndarray, " ecg"]]:
    """|Change| by the top points at once, and the sum of |changes| one by one; they become 0 µV."""
    order = rank_points(maps, count, 0, ecgs.batch.record)
    at_once, cumulative = [], []
    for x, points in zip(ecgs.x, order, strict=True):
        steps = x.flatten().repeat(count + 1, 1)
        for step, point in enumerate(points.tolist()):
            steps[step + 1 :, point] = 0.0
        with torch.no_grad():
            outputs = net(steps.reshape(-1, len(LEADS), BEAT_LENGTH))[:, 0].numpy()
        at_once.append(abs(outputs[-1] - outputs[0]))
        cumulative.append(np.abs(np.diff(outputs)).sum())
    return np.array(at_once), np.array(cumulative)


SHUFFLES = 200  # of the classes: their mean difference has an SE of 5 %
FILLS = {
    "donor": DEFAULT,
    "zero": PROTOCOLS["perturbation AUC, segments filled: zero"],
    "mean": PROTOCOLS["perturbation AUC, segments filled: mean"],
    "noise": PROTOCOLS["perturbation AUC, points"],
}


def baer2025(claim: Claim, number: int, store: Store) -> Numbers:
    """Difference of the scores of two classes: of trained networks, and of true maps."""
    reader = Reader(season(claim, number), number, store, classes=True)
    ecgs, net = reader.asked(claim.ecgs), reader.net
    with torch.no_grad():
        high = (net(ecgs.x)[:, 0] > 0).numpy()
    maps = maps_of(net, ecgs, ("saliency", "integrated_gradients"), store)
    random = season(claim, number).numbers("classes")
    for name in ("saliency", "integrated_gradients"):
        for rules in FILLS.values():
            scores = area(net, ecgs.x, maps[name], rules)
            yield "trained", _between(scores, high, random)
    for known in (world(claim, number, store).contributions[each] for each in ("window", "steep")):
        net, x = Steps(known.network), known.ecgs.x
        with torch.no_grad():
            outputs = net(x)[:, 0].numpy()
        for rules in FILLS.values():
            scores = area(net, x, known.truth, rules)
            yield "true_maps", _between(scores, outputs > np.median(outputs), random)


def _between(
    scores: Float[np.ndarray, " ecg"], high: Bool[np.ndarray, " ecg"], random: np.random.Generator
) -> float:
    """|Difference of the class means| in SDs within classes, less that of shuffled classes.

    NaN with fewer than two ECGs in a class or without a spread.
    """
    there = np.isfinite(scores)
    scores, high = scores[there], high[there]
    if min(high.sum(), (~high).sum()) < 2:
        return float("nan")
    chance = [_apart(scores, random.permutation(high)) for _ in range(SHUFFLES)]
    return _apart(scores, high) - float(np.mean(chance))


def _apart(scores: np.ndarray, high: np.ndarray) -> float:
    one, other = scores[high], scores[~high]
    freedom = len(scores) - 2
    within = ((one - one.mean()) ** 2).sum() + ((other - other.mean()) ** 2).sum()
    spread = np.sqrt(within / freedom)
    return float(abs(one.mean() - other.mean()) / spread) if spread > 0 else float("nan")


MASKED = 0.1  # of the points of an ECG, while fine-tuning and while scoring
COPIES = 2  # masks of each training ECG
DOSES = np.linspace(0, 1, 11)
SHARES = (0.02, 0.05, 0.1, 0.2)
DRAWS = 5


def f_fidelity2025(claim: Claim, number: int, store: Store) -> Numbers:
    """Error on masked ECGs and order of degraded maps, before and after fine-tuning."""
    reader = Reader(season(claim, number), number, store)
    if not reader.reads:
        return
    numbers = season(claim, number).torch_numbers("masks")
    x = reader.ecgs.x
    copies = [_masked(x[:TRAINING], numbers) for _ in range(COPIES)]
    tuned = reader.trained(torch.cat(copies), "fine-tuned", reader.net, COPIES)
    masked = _masked(x[TRAINING:], numbers)
    errors = [reader.unexplained(net, masked) for net in (reader.net, tuned)]
    yield "foreign", 1 - errors[1] / errors[0]
    ecgs = reader.asked(claim.ecgs)
    own = maps_of(reader.net, ecgs, ["integrated_gradients"], store)["integrated_gradients"]
    given = torch.from_numpy(own)
    plain, fine = [], []
    for dose in DOSES:
        maps = mixed(given, float(dose), "white", number, ecgs.batch.record).numpy()
        tops = [_top(maps, int(share * maps[0].size), ecgs) for share in SHARES]
        plain.append(np.mean([_moved(reader.net, ecgs.x, top) for top in tops], axis=0))
        halves = [top & (uniform(numbers, *top.shape) < 0.5) for top in tops for _ in range(DRAWS)]
        fine.append(np.mean([_moved(tuned, ecgs.x, each) for each in halves], axis=0))
    order = np.tile(-DOSES, (claim.ecgs, 1))
    before, after = (spearman(np.array(each).T, order) for each in (plain, fine))
    yield from (("order", float(gain)) for gain in after - before)


def _masked(x: Tensor, numbers: torch.Generator) -> Tensor:
    """ECGs with a random MASKED of their points 0 µV."""
    return torch.where(uniform(numbers, *x.shape) < MASKED, 0.0, x)


def _moved(net: nn.Module, x: Tensor, mask: Tensor) -> Float[np.ndarray, " ecg"]:
    """|Change of the output| when these points are 0 µV."""
    with torch.no_grad():
        return (net(torch.where(mask, 0.0, x)) - net(x))[:, 0].abs().numpy()


def control_true(claim: Claim, number: int, store: Store) -> Numbers:
    """How often the truth beats its own values elsewhere."""
    known = world(claim, number, store).contributions["window"]
    net, x = Steps(known.network), known.ecgs.x
    elsewhere = mixed(known.truth, 1.0, "white", number, known.ecgs.batch.record)
    yield "truth", float((area(net, x, known.truth) > area(net, x, elsewhere)).mean())


def control_false(claim: Claim, number: int, store: Store) -> Numbers:
    """How much further one draw of random numbers gets than another."""
    known = world(claim, number, store).contributions["window"]
    net, (x, _, _, records) = Steps(known.network), known.ecgs.batch
    one, other = (
        area(net, x, torch.stack([normal(generator(seed, each), *x.shape[1:]) for each in records]))
        for seed in (1, 2)
    )
    yield "random", float((one - other).mean() / area(net, x, known.truth).mean())
