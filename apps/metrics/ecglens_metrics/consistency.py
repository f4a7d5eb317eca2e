"""Agreement of a method's maps across retrained networks (Arends 2026, experiment 2)."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from ecglens.eval import Evaluation, Finding, Networks, Subject, explained, left_out, linter_notes
from ecglens.eval.evaluations.sanity import (
    MOST_MISSING,
    RESOLUTIONS,
    RHO,
    Ground,
    Numbers,
    Resolution,
    Verdict,
    above_baseline,
    by_verdict,
    centred,
    correlations,
    frame,
    gathered,
    ground_of,
    headline,
    kind,
    mean_agreement,
    output_agreement,
    permuted_maps,
    rho_table,
    row,
)
from ecglens.eval.statistics import Estimate, Patients
from jaxtyping import Float


@dataclass(frozen=True)
class Consistency(Evaluation):
    """Agreement of a method's maps on K networks that differ in seed; mean over K(K−1)/2 pairs.

    The table has absolute maps by sample, and the agreement of the networks' outputs: no map can
    agree where these do not. A method passes when the networks' maps of one ECG agree more than one
    network's maps of two ECGs, by the margin; that is no gate, since networks may solve a task in
    different ways. details: `resolutions` every resolution; `outputs` every pair of networks.
    """

    permuted: bool = True
    ecgs: int | None = None

    name = "consistency"
    question = "Does a method find the same in networks that were retrained on the same data?"
    source = (
        "Arends 2026, experiment 2 (only its abstract was at hand; it prints mean correlations of "
        "0.41–0.65 for most methods); baselines and verdicts are our own definition"
    )
    cites = ("arends2026",)
    networks = 2

    def measure(self, networks: Networks, subject: Subject) -> Finding:
        """ρ between the maps of every two networks."""
        linted = linter_notes(networks.by_name, subject)
        per_net = [explained(net, subject, name) for name, net in networks.by_name.items()]
        other, remarks = permuted_maps(networks.permuted, subject)
        names = [name for name in per_net[0].maps if all(name in each.maps for each in per_net)]
        ground, patients = ground_of(subject), Patients(subject.patients, subject.seed)
        resolutions, verdicts, rhos = [], [], {}
        for name in names:
            maps = np.stack([each.maps[name] for each in per_net])
            beside = gathered(other, [name], maps.shape[1:])[0]
            for resolution in RESOLUTIONS:
                numbers = consistency_of(maps, beside, ground, resolution)
                place = {"scale": resolution.scale, "sign": resolution.sign}
                resolutions.append(
                    place | {"method": name, "kind": kind(name)} | row(numbers, patients)
                )
                if resolution == RESOLUTIONS[0]:
                    rhos[name] = numbers["value"][None, None]
                    verdicts.append(agrees(above_baseline(numbers, patients)))
        resolutions = frame(resolutions)
        every = [*combinations(range(len(networks)), 2)]
        outputs = [output_agreement(per_net[a].outputs, per_net[b].outputs) for a, b in every]
        table = headline(resolutions).assign(verdict=verdicts, **mean_agreement(outputs))
        pairs = zip(every, outputs, strict=True)
        named = [{"network": a, "other": b} | one for (a, b), one in pairs]
        details = {"resolutions": resolutions, "outputs": frame(named)}
        return Finding(
            self.about(networks, subject),
            measures=(RHO,),
            scores={RHO.name: rhos},
            table=rho_table(table, details),
            sentence=consistency_sentence(table, len(networks), len(subject.records)),
            notes=(*linted, *left_out(*per_net), *remarks, "intervals hold for these networks"),
            details=details,
        )


# ρ = 0.1 is a small effect (Cohen 1988): maps that are nearer than that to their baseline are
# called equal to it. Written before anything was measured.
MARGIN = 0.1


def agrees(above_baseline: Estimate) -> Verdict:
    """Verdict: maps of retrained networks agree more than maps of two ECGs, by MARGIN."""
    low, high = above_baseline.low, above_baseline.high
    if not low <= high or above_baseline.missing > MOST_MISSING:
        return "cannot be said"
    if low >= MARGIN:
        return "passes"
    return "fails" if high < MARGIN else "cannot be said"


def consistency_of(
    maps: Float[np.ndarray, "net ecg lead time"],
    permuted: Float[np.ndarray, "ecg lead time"],
    ground: Ground,
    resolution: Resolution,
) -> Numbers:
    """Mean ρ of each ECG over pairs of networks; its baselines are means over networks."""
    values = ground.at_resolution(maps, resolution)
    less_mean = centred(values)
    one, other = np.triu_indices(len(values), 1)
    foreign = correlations(values, ground.at_resolution(permuted[None], resolution))[:, 0]
    return {
        "value": correlations(values, values)[one, other].mean(0),
        "other_ecg": np.mean([ground.other_ecg(each) for each in values], 0),
        "centred": correlations(less_mean, less_mean)[one, other].mean(0),
        "permuted": foreign.mean(0),
        "abs_x": ground.abs_x(maps, resolution).mean(0),
    }


def consistency_sentence(table: pd.DataFrame, networks: int, ecgs: int) -> str:
    """The answer in one sentence."""
    every = [one for one in table.to_dict("records") if one["kind"] == "method"]
    methods = [one for one in every if np.isfinite(one["value"])]
    if not methods:
        return f"On {ecgs} ECGs there is no method to compare."
    rho, baseline = (np.mean([one[name] for one in methods]) for name in ("value", "other_ecg"))
    left_out = ""
    if without := len(every) - len(methods):
        left_out = (
            f" {without} of {len(every)} methods have no ρ, as maps that are the same everywhere."
        )
    by_word = by_verdict(
        table, {"passes": "above it", "fails": "not above it", "cannot be said": "cannot be said"}
    )
    return (
        f"Maps of {networks} networks agree with ρ = {rho:.2f} on average over "
        f"methods and {ecgs} ECGs, one network's maps of different ECGs with "
        f"{baseline:.2f} ({by_word}); the networks' own outputs agree with "
        f"r = {methods[0]['output_r']:.2f}.{left_out}"
    )
