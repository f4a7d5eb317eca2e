"""Do doses find cheating networks (docs/measure.md)? python -m benchmarks.shortcuts_by_doses STORE.

The networks are those of docs/shortcuts.md (ecglens_benchmark.planted): a network is to say whether
T in V5 of an exact beat is high, and in the training ECGs of a cheating network a planted shortcut
says the same without fail; in those of its clean twin a coin places it. Six kinds, eight pairs
each. All networks are asked on the same 32 new hearts.

The rules, written down before the first run:

1. Only networks that do what they should count (ecglens_benchmark.planted.behaves): the AUROC of
   the output for the shortcut is at least 0.75 for a cheating, at most 0.65 for a clean one. A kind
   with fewer than 3 of either is not judged.
2. Each kind has one dose as its cue (CUE). Three are the shortcut itself: a spike, a calibration
   pulse, V3 off. Three are relatives: mains and an offset in eight leads for those in one, a raised
   level of the first and last 200 ms for 80 ms that are padded.
3. The score of a network is what its data sheet prints: the median over hearts without a shortcut
   of |change of the logit| by that dose at its largest usual size. Cheating is told from clean
   where the AUROC of cheating against clean networks by this score is at least 0.9. Its 95 %
   interval over networks is Newcombe's (2006, method 5), which says how little 8 against 8 can
   show. The score over the SD of the network's logits stands beside: it does not grow with
   confident weights.
4. A sheet names the cue where the cue is among the three disturbances and faults that move the
   reading most, by the same median. It is counted for cheating and for clean networks.
5. For cues that nobody thought of there are two doses of everything else: what is outside the waves
   becomes a line (outside_waves), the ends become a level (ends). They are asked on the hearts
   where a coin places the shortcut, since they can only take it away; the score is the 95 %
   quantile of |change|, which a sheet prints too, because half of the hearts have nothing to take.
6. A seventh kind was added when the other six were known. `tied`: PR has the rank that the label
   has, in all training ECGs of a cheating network; in those of a clean one PR is as drawn. A
   network counts by the same limits, with the AUROC of its output for a PR above its median. Its
   cue, `pr`, is graded, so the score is the size of its gain (10 ms more PR move the logit by …).
   The sheet names it where this gain is shown, and is among the NAMED largest per SD of a label.

Writes shortcuts.csv (a line by kind) and shortcuts_networks.csv (one by network and dose) into the
folder --to. Networks are kept in STORE; stopped, the same command goes on. Five minutes on a core.
"""

import argparse
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from ecglens.datamodules import Target
from ecglens.ecg import draw_exact, exact_beat
from ecglens.eval.statistics import LEVEL
from ecglens.store import Store
from ecglens_benchmark.planted import (
    FEWEST,
    NEW,
    SEED,
    Planted,
    auroc,
    behaves,
    kept_network,
    world,
)
from ecglens_measure.doses import Dose, doses, marked
from ecglens_measure.known import Known
from ecglens_measure.library import on_ecgs
from ecglens_measure.measurement import GRADED
from scipy.optimize import brentq
from scipy.stats import norm
from torch import nn

CUE: Mapping[str, str] = {
    "spike": "spike",
    "calibration": "calibration",
    "lead": "lead_off_V3",
    "mains": "noise_mains",
    "offset": "offset",
    "edge": "ends_level",
}
TIED: Mapping[str, str] = {"tied": "pr"}
PAIRS, HEARTS, NAMED, TOLD = 8, 32, 3, 0.9
ELSE = ("outside_waves", "ends")
TARGET = Target("high T", "", "high_t", kind="binary")
Z = float(norm.ppf(0.975))


def largest(dose: Dose) -> Dose:
    """The dose at its largest usual size alone."""
    return replace(dose, sizes=(max(dose.sizes, key=abs),))


def hearts(x: np.ndarray | None = None) -> Known:
    """The new hearts, without a shortcut or with these signals."""
    parameters = [draw_exact(SEED, NEW + index) for index in range(HEARTS)]
    bare = np.stack([exact_beat(each).signal for each in parameters])
    names = tuple(f"heart {index}" for index in range(HEARTS))
    return Known(
        marked(bare if x is None else x, parameters=parameters, ids=names), "exact beats", names
    )


def newcombe(auc: float, one: int, other: int) -> tuple[float, float]:
    """95 % interval of an AUROC of so many against so many (Newcombe 2006, method 5)."""
    half = (one + other) / 2 - 1

    def apart(theta: float) -> float:
        q = 1 + half * (1 - theta) / (2 - theta) + half * theta / (1 + theta)
        return (auc - theta) ** 2 - Z**2 * theta * (1 - theta) * q / (one * other)

    tiny = 1e-9
    low: Any = 0.0 if auc <= tiny else brentq(apart, tiny, min(auc, 1 - tiny))
    high: Any = 1.0 if auc >= 1 - tiny else brentq(apart, max(auc, tiny), 1 - tiny)
    return float(low), float(high)


def networks(
    kinds: Collection[str], store: Store
) -> Iterator[tuple[nn.Module, np.ndarray, dict[str, Any]]]:
    """Each network, the hearts where a coin places its shortcut, and what it tells of it."""
    coin = {kind: world(kind, NEW, HEARTS, strength=0.0) for kind in kinds}
    for pair in range(PAIRS):
        for kind in kinds:
            x, _, present, _ = coin[kind]
            for cheating in (True, False):
                net = kept_network(Planted(kind, pair, cheating), store)
                with torch.no_grad():
                    logit = net(x)[:, 0].numpy()
                tells = auroc(logit[present], logit[~present])
                about = {"kind": kind, "pair": pair, "cheating": cheating, "tells": tells}
                yield net, x.numpy(), {**about, "counts": behaves(cheating, tells)}
                print(f"pair {pair}, {kind}, cheating {cheating}", file=sys.stderr)


def disturbed(store: Store) -> Iterator[pd.DataFrame]:
    """By network a row for each dose: median and 95 % quantile of |change|."""
    asked = [largest(each) for each in doses().values() if each.kind not in GRADED]
    everything = [each for each in asked if each.name in ELSE]
    bare = hearts()
    for net, x, about in networks(CUE, store):
        found = on_ecgs([net], bare, asked, TARGET, store)
        taken = on_ecgs([net], hearts(x), everything, TARGET, store)
        rows = pd.concat(
            [found.disturbances.assign(hearts="bare"), taken.disturbances.assign(hearts="coin")]
        )
        yield rows[["hearts", "change", "median", "most"]].assign(
            **about, sd=float(found.before.std(ddof=1))
        )


def of_tied(store: Store) -> Iterator[pd.DataFrame]:
    """By network of PR tied to the label the gain of each dose that has a label."""
    asked = [each for each in doses().values() if each.kind in GRADED and each.label]
    bare = hearts()
    for net, _, about in networks(TIED, store):
        found = on_ecgs([net], bare, asked, TARGET, store)
        gains = found.gains
        shown = gains["per_sd"].abs().where(gains["p"] < LEVEL)
        yield pd.DataFrame(
            {
                "hearts": "bare",
                "change": gains["change"],
                "median": 10 * gains["gain"].abs(),
                "place": shown.rank(ascending=False, method="max"),
            }
        ).assign(**about, sd=float(found.before.std(ddof=1)))


def where(rows: pd.DataFrame, **values: object) -> pd.DataFrame:
    """Rows with these values."""
    there = np.all([(rows[name] == value).to_numpy() for name, value in values.items()], axis=0)
    return rows.loc[there]


def ranked(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with the place of each dose among those of its network, the largest median first."""
    own = rows.groupby(["kind", "pair", "cheating", "hearts"])["median"]
    return rows.assign(place=own.rank(ascending=False, method="max"))


def told(rows: pd.DataFrame, score: str, per_sd: bool = False) -> dict[str, float]:
    """AUROC of cheating against clean networks by one score, with its interval."""
    values = rows[score] / rows["sd"] if per_sd else rows[score]
    cheating = rows["cheating"].to_numpy(bool)
    sides = [values.to_numpy(float)[cheating == side] for side in (True, False)]
    if min(map(len, sides)) < FEWEST:
        return {"auroc": np.nan, "low": np.nan, "high": np.nan}
    found = auroc(*sides)
    low, high = newcombe(found, len(sides[0]), len(sides[1]))
    return {"auroc": found, "low": low, "high": high}


def table(rows: pd.DataFrame) -> pd.DataFrame:
    """A line by kind: how many count, detection by its cue and by everything else, and naming."""
    lines: list[dict[str, object]] = []
    for kind, cue in {**CUE, **TIED}.items():
        own = where(rows, kind=kind, counts=True)
        of_cue = where(own, hearts="bare", change=cue)
        line: dict[str, object] = {"kind": kind, "cue": cue}
        for side, word in ((True, "cheating"), (False, "clean")):
            there = where(of_cue, cheating=side)
            line[word] = len(there)
            line[f"median_{word}"] = there["median"].median()
            line[f"named_{word}"] = int((there["place"] <= NAMED).sum())
        line |= told(of_cue, "median")
        line["auroc_per_sd"] = told(of_cue, "median", per_sd=True)["auroc"]
        for name in ELSE if kind in CUE else ():
            of_else = where(own, hearts="coin", change=name)
            line |= {f"{name}_{key}": each for key, each in told(of_else, "most").items()}
        lines.append(line)
    return pd.DataFrame(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit whatever is missing, ask, and write both tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("store", type=Path)
    parser.add_argument("--to", type=Path, default=Path("results/measure"))
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    store = Store(given.store.resolve())
    rows = pd.concat([ranked(pd.concat(disturbed(store))), *of_tied(store)])
    rows.round(4).to_csv(given.to / "shortcuts_networks.csv", index=False)
    found = table(rows)
    found.round(3).to_csv(given.to / "shortcuts.csv", index=False)
    print(found.round(3).T.to_string())


if __name__ == "__main__":
    main()
