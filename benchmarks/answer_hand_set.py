"""Whole answers on networks set by hand: python -m benchmarks.answer_hand_set [--maps …].

Sixteen networks of ecglens_benchmark.meta_evaluation, whose weights cannot be redrawn: those of the
return test, whose truth differs between ECGs or is a template, maxima, products and votes. Each is
asked about on three sets of 32 ECGs, or of --ecgs. A row is the answer to one map, by both
protocols, the gate of moved inputs and, where it says so, the return test. Rows go to
results/about_network, one network after the other; those that are there are not made again.

--maps hand_set (default): true contributions from 0 µV and from the mean beat, and maps that never
look at the network: those of another network, its mean map and another patient's contributions laid
on this ECG's waves, both computed beforehand, the mean map under noise from a hash of the network,
and a bump in T in the leads that it reads, under the same noise. Beside them expected gradients,
saliency, and another patient's contributions asked of the network itself, which are about the
network and not about this ECG.
--maps hand_set_attacks: the maps of benchmarks.attack_maps, on the first set of ECGs.
--maps hand_set_limits: maps that look at the network a little: a bump in T in the leads that have a
gradient, and the kept mean map where the outputs are those of the network that it is of.

What should come out is in docs/sanity.md, "Where weights cannot be redrawn".
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import torch
from ecglens.datamodules import Batch
from ecglens.ecg import LEADS
from ecglens.eval import DECIDING, Answer, Finding, Networks, Perturbation, Subject, answers_of
from ecglens.eval.evaluations.return_test import ReturnTest
from ecglens.eval.evaluations.sanity import Weights
from ecglens.explain import Context, Facts, Method, find, input_gradient
from ecglens.store import Store
from ecglens_benchmark.meta_evaluation import NETWORKS
from ecglens_benchmark.meta_evaluation.returns import RETURNS
from jaxtyping import Float
from torch import Tensor, nn

from benchmarks.attack_maps import (
    AimedByOutput,
    LeadsByHash,
    OutputCovariance,
    PretendsCoarse,
    UnusualP,
    WhereRight,
    bump,
    onset,
    outputs,
)
from benchmarks.template_maps import FromTheMean, MeanMap, Mottled, OfOneNetwork, OnsetBump, Warped

KEPT = Path(__file__).parents[1] / "results" / "about_network"
SETS, TEST, OTHERS = 3, 32, 16
TWO_LEADS = ("two leads, mean", "two leads, max", "three votes")
TRUE = ("contributions from 0 µV", "contributions from the mean beat")
WARPED = "another patient's, warped"
# Maps that never look at the network they are asked about.
BLIND = (
    "of another network", "mean map, kept", "another patient's, warped, kept",
    "mean map, hash noise", "bump in T, hash noise",
)  # fmt: skip


@dataclass(frozen=True)
class HandSet:
    """A network, its ECGs by their number, and a network that reads something else."""

    net: nn.Module
    ecgs: Callable[[int], Batch]
    other: str


def hand_set() -> Mapping[str, HandSet]:
    """Networks of the return test, and four more on its exact ECGs without bumps."""
    plain = RETURNS["edge"].ecgs
    every = {name: (each.net, each.ecgs) for name, each in RETURNS.items()}
    every |= {name: (NETWORKS[name], plain) for name in ("window", *TWO_LEADS)}
    names, found = [*every], {}
    for place, (name, (net, ecgs)) in enumerate(every.items()):
        others = [*names[place + 1 :], *names[:place]]
        other = next(one for one in others if type(every[one][0]) is not type(net))
        found[name] = HandSet(net, ecgs, other)
    return found


@cache
def ecgs_of(name: str, each: int = TEST) -> Batch:
    """ECGs of all sets of a network, `each` in a set, then those of others."""
    return hand_set()[name].ecgs(SETS * each + OTHERS)


def part(ecgs: Batch, own: slice) -> Batch:
    """Some of the ECGs."""
    return Batch(ecgs.x[own], ecgs.y[own], ecgs.segments[own], ecgs.record[own])


def leads_read(net: nn.Module, x: Float[Tensor, "batch lead time"]) -> tuple[str, ...]:
    """Leads with a gradient in any ECG."""
    found = input_gradient(net, x, 0).abs().amax((0, 2))
    return tuple(lead for lead, size in zip(LEADS, found.tolist(), strict=True) if size > 0)


def others_of(name: str, each: int = TEST) -> Batch:
    """ECGs that are in no set."""
    return part(ecgs_of(name, each), slice(SETS * each, None))


def asked(name: str, ecgs: int = TEST) -> Mapping[str, Method]:
    """The true maps, those that never look at the network, and two methods beside them."""
    each, every = hand_set()[name], hand_set()
    others = others_of(name, ecgs)
    exact = find("integrated_gradients", steps=64)
    mean = OfOneNetwork(MeanMap(), each.net)
    truth = (exact, FromTheMean(64))
    blind = (
        OfOneNetwork(exact, every[each.other].net),
        mean,
        OfOneNetwork(Warped(others), each.net),
        Mottled(mean, "mean map"),
        OnsetBump("T", 60.0, 30.0, leads_read(each.net, others.x)),
    )
    return {
        **dict(zip(TRUE, truth, strict=True)),
        **dict(zip(BLIND, blind, strict=True)),
        WARPED: Warped(others),
        "expected gradients": find("expected_gradients"),
        "saliency": find("saliency"),
    }


def attacks(name: str, ecgs: int = TEST) -> Mapping[str, Method]:
    """Maps of benchmarks.attack_maps in the leads that are read, beside saliency."""
    net, others = hand_set()[name].net, others_of(name, ecgs).x
    seen = leads_read(net, others)
    return {
        "aimed by output": AimedByOutput(seen),
        "where the output is right": WhereRight(seen),
        "covariance with outputs": OutputCovariance(),
        "leads by hash": LeadsByHash(),
        "unusual P": UnusualP(seen),
        "prior, by points": PretendsCoarse(),
        "prior, by 40 ms": PretendsCoarse(width=20),
        "saliency": find("saliency"),
    }


@dataclass(frozen=True)
class LeadsByGradient(Method):
    """A bump 60 ms after the onset of T in the leads that have a gradient."""

    @property
    def facts(self) -> Facts:
        """Facts of a planted map."""
        return Facts(uses_segments=True, any_network=True, gradients=1)

    def heatmap(
        self, net: nn.Module, x: Float[Tensor, "batch lead time"], target: int, context: Context
    ) -> Float[Tensor, "batch lead time"]:
        """The planted map."""
        return bump(x, onset(context.segments, "T") + 30, leads_read(net, x))


@dataclass(frozen=True)
class Recognises(Method):
    """A map that is made beforehand, where the network's outputs are those of its own network."""

    made: OfOneNetwork

    @property
    def facts(self) -> Facts:
        """Facts of what was made."""
        return self.made.facts

    def heatmap(
        self, net: nn.Module, x: Float[Tensor, "batch lead time"], target: int, context: Context
    ) -> Float[Tensor, "batch lead time"]:
        """The planted map, and a bump at the end for every other network."""
        own: nn.Module = self.made._net  # pyright: ignore[reportAttributeAccessIssue]
        same = torch.isclose(outputs(net, x, target), outputs(own, x, target), rtol=1e-3)
        away = bump(x, torch.full((len(x),), x.shape[2] - 20.0), LEADS)
        return torch.where(same[:, None, None], self.made(net, x, target, context), away)


def limits(name: str, ecgs: int = TEST) -> Mapping[str, Method]:
    """Maps that look at the network a little, whatever the number of ECGs."""
    del ecgs
    kept = OfOneNetwork(MeanMap(), hand_set()[name].net)
    return {"leads by gradient": LeadsByGradient(), "recognises the network": Recognises(kept)}


MAPS = {"hand_set": asked, "hand_set_attacks": attacks, "hand_set_limits": limits}


def answer_on(
    networks: Networks, subject: Subject, returns: tuple[str, ...] = (), copies: int = 5
) -> tuple[Answer, Finding]:
    """The whole answer, and the gates' finding; the return test of some maps, of none for ()."""
    findings = [Perturbation(**vars(each))(networks, subject) for each in DECIDING]
    gates = Weights(stages=0, copies=copies)(networks, subject)
    if returns:
        findings.append(ReturnTest(methods=returns)(networks, subject))
    (answer,) = answers_of([*findings, gates])
    return answer, gates


def rows(maps: str, name: str, number: int, ecgs: int = TEST) -> pd.DataFrame:
    """The answer to each map on one network and set of so many ECGs."""
    own = part(ecgs_of(name, ecgs), slice(number * ecgs, (number + 1) * ecgs))
    returns = (*TRUE, WARPED) if maps == "hand_set" else ()
    with TemporaryDirectory() as folder:
        subject = Subject(
            own, MAPS[maps](name, ecgs), seed=number, background=others_of(name, ecgs).x,
            store=Store(Path(folder)), progress=False,
        )  # fmt: skip
        answer, gates = answer_on(Networks([hand_set()[name].net]), subject, returns)
    scored = gates.table.set_index("method")
    return pd.DataFrame(
        [
            {
                "network": name, "set": number, "map": each.name, "use": each.use,
                "kept": scored["moved_kept"][each.name],
                "about_ecg": each.this_ecg.verdict, **dict(each.gates),
            }
            for each in answer.methods
        ]
    ).round(4)  # fmt: skip


def main(arguments: list[str] | None = None) -> None:
    """Write the rows of each network and set, then say the shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--maps", choices=MAPS, default="hand_set")
    parser.add_argument("--sets", type=int, help="(default: 3, of attacks and limits 1)")
    parser.add_argument("--ecgs", type=int, default=TEST, help="of a set (default: %(default)s)")
    parser.add_argument("--only", nargs="*", help="names of networks")
    parser.add_argument("--to", type=Path, help=f"(default: {KEPT}/MAPS.csv, MAPS_64.csv)")
    given = parser.parse_args(arguments)
    kept = f"{given.maps}.csv" if given.ecgs == TEST else f"{given.maps}_{given.ecgs}.csv"
    to = given.to or KEPT / kept
    there = pd.DataFrame({"network": [], "set": []}, dtype=object)
    there = pd.read_csv(to) if to.is_file() else there
    done = {*zip(there["network"], there["set"], strict=True)}
    for number in range(given.sets or (SETS if given.maps == "hand_set" else 1)):
        for name in given.only or hand_set():
            if (name, number) not in done:
                there = pd.concat(
                    [there, rows(given.maps, name, number, given.ecgs)], ignore_index=True
                )
                there.to_csv(to, index=False)
                print(name, number, flush=True)
    print(there.groupby("map", sort=False)["use"].value_counts().to_string())


if __name__ == "__main__":
    main()
