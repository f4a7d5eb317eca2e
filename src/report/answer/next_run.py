"""The commands of missing tests, from the settings of a run."""

from collections.abc import Mapping
from typing import Any

DEFAULTS = {"target": "pr", "input": "median", "data": "deepfake"}  # configs/train.yaml
# Targets that are named like their file in configs/target; others are a column or a class.
NAMED = ("pr", "qrs", "qt", "r", "j", "t", "rate")
# Intervals are 0.63 times as wide, 1 / √2.5: 160 ECGs for 64, the default.
MORE = 2.5
NETWORKS = 5  # one and four more


def commands_of(settings: Mapping[str, Any], ecgs: int) -> dict[str, str]:
    """The command of each test of MISSING that one runs, after a run with this many ECGs.

    Without its other settings. The added settings alone for a network of the user's own and for a
    target that is a column or a class; empty where nothing was configured.
    """
    if not settings:
        return {}
    seed = settings.get("seed", 0)
    sanity = "evaluation=[perturbation,weights]"
    added = {
        "ladder": "evaluation=perturbation",  # evaluates the null ladder by default
        "weights": sanity,
        "labels": sanity,
        "ecgs": f"ecgs={round(MORE * ecgs)}",
        # With the seed of the run, whose network is kept.
        "networks": f"'seed=[{','.join(map(str, range(seed, seed + NETWORKS)))}]'",
    }
    return {test: f"{_run(settings)}{words}" for test, words in added.items()}


def _run(settings: Mapping[str, Any]) -> str:
    """The command as far as target, input and data, with a space after it; "" for none."""
    chosen = {
        group: settings.get(group, {}).get("name", usual) for group, usual in DEFAULTS.items()
    }
    if own_network(settings) or chosen["target"] not in NAMED:
        return ""
    words = [f"{group}={name} " for group, name in chosen.items() if name != DEFAULTS[group]]
    return "".join(["python train.py ", *words])


def own_network(settings: Mapping[str, Any]) -> bool:
    """Whether the network was fitted elsewhere, so that no command fits another."""
    return not settings or settings.get("network", {}).get("_target_") is not None
