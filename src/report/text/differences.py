"""Settings in which findings of one heading differ, in few words; networks in a table."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ...eval import Finding
from ...store import flat
from ..style import listed
from .cautions import in_brackets, many_zeros
from .numerals import number, percent
from .quality import METRICS, POOR, headings, sets_of
from .words import heading

# Settings that change no number: where results are kept and logged, and who computes them.
SAME_NUMBERS = ("workers", "shard", "store", "logger")
# Nor do these; the rules are read from the protocol itself.
ELSEWHERE = {*SAME_NUMBERS, "trainer", "gallery", "evaluation", "seeds"}
PROTOCOL = "protocol"
NAMES = ("name", "_target_")  # where one differs, it stands for all settings beside it
DIGITS = 6  # of a network's key
LONGEST = 60  # characters of a value, such as a path


def differences(findings: Sequence[Finding]) -> list[str]:
    """For each finding what differs from the others of its heading; "" for one that is alone."""
    words = [""] * len(findings)
    headings = [heading(finding) for finding in findings]
    for one in dict.fromkeys(headings):
        places = [place for place, other in enumerate(headings) if other == one]
        texts = apart([findings[place] for place in places])
        for place, text in zip(places, texts, strict=True):
            words[place] = text
    return words


def apart(findings: Sequence[Finding]) -> list[str]:
    """Words for findings of one heading, no two alike; "" for one that is alone."""
    if len(findings) == 1:
        return [""]
    settings = [_settings(finding) for finding in findings]
    shared = [key for key in settings[0] if all(key in each for each in settings)]
    differing = [key for key in shared if any(e[key] != settings[0][key] for e in settings)]
    shown = [key for key in differing if not _stood_for(key, differing)]
    texts = [", ".join(f"{_name(key)} {_value(each[key])}" for key in shown) for each in settings]
    if len(set(texts)) < len(texts):
        texts = _joined(texts, [networks_words(each.about.networks) for each in findings])
    if len(set(texts)) < len(texts):
        texts = _joined(texts, [f"no. {place}" for place in range(1, len(texts) + 1)])
    return texts


def networks_words(networks: Sequence[str]) -> str:
    """The networks, the first by its key."""
    if not networks:
        return "no network"
    more = f" and {len(networks) - 1} more" if len(networks) > 1 else ""
    return f"network {networks[0][:DIGITS]}{more}"


def _joined(texts: Sequence[str], more: Sequence[str]) -> list[str]:
    """The words with more of them, where these differ."""
    if len(set(more)) == 1:
        return list(texts)
    return [", ".join(filter(None, pair)) for pair in zip(texts, more, strict=True)]


def _settings(finding: Finding) -> dict[tuple[str, ...], Any]:
    """All that decides the numbers of a finding, by its place in the settings."""
    given = finding.facts.get("settings", {})
    kept = {key: value for key, value in given.items() if key not in ELSEWHERE}
    if finding.curves:
        rules = {key: v for key, v in asdict(finding.curves[0].protocol).items() if key != "name"}
        kept = {"seed": finding.curves[0].seed, **kept}
    else:
        rules = given.get("evaluation", {}).get(finding.about.evaluation, {})
    return dict(flat({**kept, PROTOCOL: rules}))


def _stood_for(key: tuple[str, ...], differing: Sequence[tuple[str, ...]]) -> bool:
    """True if a name that differs says it already."""
    for depth in range(1, len(key)):
        name = next(((*key[:depth], n) for n in NAMES if (*key[:depth], n) in differing), key)
        if name != key:
            return True
    return False


def _name(key: tuple[str, ...]) -> str:
    """The words of a setting: "model", "seed", "data noise uv"; of the protocol "noise"."""
    parts = key[1:] if key[0] == PROTOCOL else key
    return " ".join(part for part in parts if part not in NAMES).replace("_", " ")


def _value(value: Any) -> str:
    parts = value if isinstance(value, list | tuple) else [value]
    text = "–".join(f"{part:g}" if isinstance(part, float) else str(part) for part in parts)
    return text if len(text) <= LONGEST else f"…{text[-LONGEST:]}"


@dataclass(frozen=True)
class NetworkRow:
    """A network on a set of ECGs; `values` are those of the table's metrics, "" where unknown."""

    network: str
    where: str
    values: tuple[str, ...]
    cautions: tuple[str, ...]


@dataclass(frozen=True)
class NetworkTable:
    """The names of the metrics, and a row for each network and set of ECGs."""

    metrics: tuple[str, ...]
    rows: tuple[NetworkRow, ...]


def network_table(findings: Sequence[Finding]) -> NetworkTable | None:
    """Table of networks that differ in their seed alone; None for one, which has a sentence."""
    if len(findings) == 1:
        return None
    fits = [fit for finding in findings for fit in sets_of(finding).values()]
    shown = [name for name in METRICS if any(name in fit for fit in fits)]
    rows = []
    for finding in findings:
        of_maps = _of_maps(finding)
        for where, fit in sets_of(finding).items():
            values = tuple(number(fit[name]) if name in fit else "" for name in shown)
            low = [name for name, least in POOR.items() if fit.get(name, least) < least]
            poor = [f"reads its target poorly ({METRICS[name]})" for name in low]
            rows.append(NetworkRow(_named(finding), where, values, (*poor, *of_maps)))
            of_maps = []  # said once, with the first set
    return NetworkTable(headings(shown, findings[0].about.target.unit), tuple(rows))


def _named(finding: Finding) -> str:
    """Its seed and the beginning of its key."""
    seed = finding.facts.get("settings", {}).get("seed")
    key = finding.about.networks[0][:DIGITS]
    return key if seed is None else f"seed {seed} · {key}"


def _of_maps(finding: Finding) -> list[str]:
    curves = finding.curves[0]
    left_out = [f"{listed([*curves.left_out])} left out"] if curves.left_out else []
    shares = {name: percent(share) for name, share in many_zeros(curves).items()}
    return left_out + ([f"many zeros in {in_brackets(shares)}"] if shares else [])
