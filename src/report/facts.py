"""What the page says of the network and its data, from the facts that a result carries.

Known facts are `fit` (mae, rmse, bias, r2 on the test part), `label_sd`, `excluded` (pairs of name
and reason) and `settings` and `versions` (shown folded); every other one is shown by its name.
"""

import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ..eval import Result
from .words import number

TOLD_ELSEWHERE = ("fit", "label_sd", "excluded", "settings", "versions")
PACKAGES = ("ecglens", "torch", "captum", "pytorch-lightning", "numpy", "scipy", "matplotlib")


def fit_sentence(result: Result) -> str:
    """How well the network reads its target, beside the spread there is to read; "" if unknown."""
    fit = {str(key).rpartition("/")[2]: value for key, value in result.facts.get("fit", {}).items()}
    if "mae" not in fit:
        return ""
    unit = result.target.unit
    text = f"On the test part its mean absolute error is {number(fit['mae'])} {unit}"
    if "label_sd" in result.facts:
        text += (
            f", where the labels' standard deviation is {number(result.facts['label_sd'])} {unit}"
        )
    more = [
        f"{name} {number(fit[key])}{unit_of}"
        for key, name, unit_of in (
            ("r2", "R²", ""),
            ("rmse", "RMSE", f" {unit}"),
            ("bias", "bias", f" {unit}"),
        )
        if key in fit
    ]
    return f"{text} ({', '.join(more)})." if more else f"{text}."


def excluded(result: Result) -> list[tuple[str, str]]:
    """ECGs that could not be used, each with its reason."""
    return [(str(name), str(reason)) for name, reason in result.facts.get("excluded", [])]


def shown_facts(result: Result) -> list[tuple[str, str]]:
    """The facts a reader should see at once."""
    scores = result.scores
    protocol = scores.protocol
    facts = [
        ("Target", f"{result.target.measurement} ({result.target.unit})"),
        ("Network", result.network),
        ("ECGs", f"{len(scores.records)}, {protocol.draws} noise draws each, seed {scores.seed}"),
        (
            "Perturbation",
            f"{protocol.steps} points, one a step, noise of {protocol.noise:.0%} of the range of "
            f"the {protocol.noise_scope} as standard deviation",
        ),
    ]
    others = {k: v for k, v in result.facts.items() if k not in TOLD_ELSEWHERE}
    return facts + list(_flat(others))


def details(result: Result) -> list[tuple[str, str]]:
    """Settings, and the versions the numbers were made with (else those of this machine)."""
    versions = result.facts.get("versions") or installed_versions()
    settings = result.facts.get("settings", {})
    return [*_flat(settings), *_flat(versions)]


def installed_versions() -> dict[str, str]:
    """Python and the packages whose numbers these are; absent ones are left out."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _flat(facts: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for key, value in facts.items():
        name = f"{above}{key}".replace("_", " ")
        if isinstance(value, Mapping):
            yield from _flat(value, f"{name}: ")
        elif isinstance(value, float):
            yield name, number(value)
        elif isinstance(value, list | tuple):
            yield name, ", ".join(map(str, value))
        else:
            yield name, str(value)
