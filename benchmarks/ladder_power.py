"""How often the null ladder gives the right answer where it is known (ecglens_benchmark).

python -m benchmarks.ladder_power [--ecgs 192] [--repeats 200]

A repeat is 64 of the ECGs (of half as many strips). Printed is the share of repeats in which each
map reaches the level above other patients' maps, and that with maps laid from R alone, as it was.
"""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd
import torch
from ecglens.engine import sample_ids
from ecglens.eval import DEFAULT, POINTS, Curves, Protocol, Subject, score
from ecglens.eval.curves import BY_WAVES, LADDER_LEVELS
from ecglens.eval.heatmaps.attributions import Frame, beat_of_map, laid
from ecglens.eval.heatmaps.folding import from_r_peak
from ecglens.eval.heatmaps.probe import Probe
from ecglens.eval.ranking.ladder import climb
from ecglens.explain import Context, Facts, Method, find_all
from ecglens_benchmark.meta_evaluation.ladder import KNOWN, Known
from jaxtyping import Float
from torch import Tensor, nn

SAMPLE = 64  # as an evaluation has by default
# Methods that need no layer of their own kind: the networks are set by hand.
METHODS = (
    *("saliency", "smoothgrad", "input_x_gradient", "integrated_gradients", "gradient_shap"),
    *("feature_ablation", "occlusion"),
)
# The two protocols of evaluation=perturbation. On strips, where the event is in one beat alone, a
# step hits one place of one beat, and noise is put on segments: one of 60 000 points moves nothing.
BEATS = (DEFAULT, replace(POINTS, name="noise_10", noise=0.1))
STRIPS = (
    replace(DEFAULT, folded=False),
    Protocol("noise on segments", unit="segment", fill="noise", folded=False),
)


@dataclass(frozen=True)
class Given(Method):
    """Maps that were made before, found by the samples of their ECGs."""

    name: str

    kept: ClassVar[dict[tuple[str, str], Tensor]] = {}

    @property
    def facts(self) -> Facts:
        """Facts: maps that are there already suit any network."""
        return Facts(any_network=True)

    def heatmap(
        self, net: nn.Module, x: Float[Tensor, "batch lead time"], target: int, context: Context
    ) -> Float[Tensor, "batch lead time"]:
        return torch.stack([self.kept[self.name, own] for own in sample_ids(x)])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ecgs", type=int, default=192)
    parser.add_argument("--repeats", type=int, default=200)
    given = parser.parse_args()
    for name, known in KNOWN.items():
        strips = known.ecgs(1).x.shape[2] > 600
        for protocol in STRIPS if strips else BEATS:
            rows = _rows(name, protocol, given.ecgs // 2 if strips else given.ecgs, given.repeats)
            print(pd.DataFrame(rows).to_string(index=False), flush=True)


def _rows(name: str, protocol: Protocol, count: int, repeats: int) -> list[dict[str, object]]:
    known = KNOWN[name]
    ecgs = known.ecgs(count)
    methods: dict[str, Method] = {"truth": _kept("truth", ecgs.x, known.net.truth(ecgs.x))}
    methods["template"] = _kept("template", ecgs.x, _template(known, count))
    if ecgs.x.shape[2] == 600:
        methods |= find_all(METHODS)
    scores = score(known.net, Subject(ecgs, methods, progress=False), protocol)
    random = np.random.default_rng(0)
    above = {way: dict.fromkeys(scores.methods, 0) for way in ("reached", "from R alone")}
    for _ in range(repeats):
        some = _some(scores, random.choice(count, SAMPLE, replace=False))
        for found, each in zip(above.values(), (some, _from_r(some)), strict=True):
            for method, level in climb([each]).reached.items():
                found[method] += level == len(LADDER_LEVELS)
    return [
        {
            "ECGs": name,
            "protocol": protocol.name,
            "map": method,
            **{way: found[method] / repeats for way, found in above.items()},
        }
        for method in scores.methods
    ]


def _from_r(scores: Curves) -> Curves:
    """The curves without other patients' maps laid by waves."""
    kept = {
        key: each
        for key, each in scores.references.items()
        if not key.startswith(tuple(f"{rung} " for rung in BY_WAVES))
    }
    return replace(scores, references=kept)


def _kept(name: str, x: Tensor, maps: Tensor) -> Given:
    Given.kept.update({(name, own): one for own, one in zip(sample_ids(x), maps, strict=True)})
    return Given(name)


def _template(known: Known, count: int) -> Tensor:
    """The mean of the other ECGs' true maps, laid on each."""
    ecgs = known.ecgs(count)
    frame = Frame.of(Probe(known.net, "", Subject(ecgs, {})))
    places = [frame.places(from_r_peak(one)) for one in ecgs.segments]
    truth = known.net.truth(ecgs.x)
    pairs = zip(truth, places, strict=True)
    each = np.stack([beat_of_map(one, own, frame.length).numpy() for one, own in pairs])
    others = (each.sum(0, dtype=float) - each) / (len(each) - 1)  # an ECG a patient
    means = torch.from_numpy(others.astype(each.dtype))
    return torch.stack([laid(one, own) for one, own in zip(means, places, strict=True)])


def _some(scores: Curves, chosen: np.ndarray) -> Curves:
    """The curves of these ECGs alone."""

    def of(curves: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {name: each[:, chosen] for name, each in curves.items()}

    return replace(
        scores,
        records=tuple(scores.records[ecg] for ecg in chosen),
        patients=tuple(scores.patients[ecg] for ecg in chosen),
        y=scores.y[chosen],
        predictions=of(scores.predictions),
        references=of(scores.references),
        places={},
    )


if __name__ == "__main__":
    main()
