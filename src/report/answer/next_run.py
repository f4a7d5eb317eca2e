"""The commands of missing tests, from the command of a run."""

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

# Intervals are 0.63 times as wide, 1 / √2.5: 160 ECGs for 64, the default.
MORE = 2.5
NETWORKS = 5  # one and four more


def commands_of(facts: Mapping[str, Any], ecgs: int) -> dict[str, str]:
    """The command of each test of MISSING that one runs, after a run with this many ECGs.

    The added setting alone where the command of the run is not known, or has paths that the page
    withholds; empty where nothing was configured.
    """
    settings = facts.get("settings", {})
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
        "networks": f"seed=[{','.join(map(str, range(seed, seed + NETWORKS)))}]",
    }
    command = facts.get("command", ())
    return {test: _with(command, setting) for test, setting in added.items()}


def _with(command: Sequence[str], setting: str) -> str:
    """The command with this setting in place of those of its name and below it."""
    name, _, _ = setting.partition("=")
    same = re.compile(rf"\+*{name}(\.[^=]*)?=")
    return shlex.join([*(word for word in command if not same.match(word)), setting])


def own_network(settings: Mapping[str, Any]) -> bool:
    """Whether the network was fitted elsewhere, so that no command fits another."""
    return not settings or settings.get("network", {}).get("_target_") is not None
