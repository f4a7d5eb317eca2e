"""Name, group, type and tags of a run on W&B, from its settings alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ...store import fingerprint

# Settings that change no number: where results are kept and logged, and who computes them.
SAME_NUMBERS = ("workers", "shard", "store", "logger")
SHOWN = 6  # digits of a fingerprint in a name
LONGEST_NAME, LONGEST_TAG = 128, 64  # characters that W&B takes


@dataclass(frozen=True)
class Identity:
    """What W&B calls a run. Runs that differ in one setting have different ids and names.

    A run that is resumed, or made again with the same settings and code, has the same.
    """

    id: str
    name: str
    group: str
    job_type: str
    tags: tuple[str, ...]

    @property
    def settings(self) -> dict[str, Any]:
        """The arguments of wandb.init."""
        return asdict(self)


def identity(
    settings: Sequence[Mapping[str, Any]], job_type: str, code: str, group: str = ""
) -> Identity:
    """Identity of a run with these settings, of a sweep with those of its jobs.

    `settings` have no text that may not leave (plain_settings); `code` is a fingerprint of the
    code; `group` is that of a sweep, "" for target, input and data.
    """
    kept = [{key: v for key, v in one.items() if key not in SAME_NUMBERS} for one in settings]
    key = fingerprint({"type": job_type, "settings": kept, "code": code})
    parts = [_joined(each) for each in zip(*map(_parts, settings), strict=True)]
    target, read, data, model, evaluations, seeds = parts
    head = "-".join([target, read, data, model, evaluations, f"seed{seeds}"])
    digits = f"-{key[:SHOWN]}"
    tags = dict.fromkeys(text for one in settings for text in _tags(one))
    return Identity(
        id=key,
        name=head[: LONGEST_NAME - len(digits)] + digits,
        group=group or "-".join([target, read, data])[:LONGEST_NAME],
        job_type=job_type,
        tags=tuple(dict.fromkeys(text[:LONGEST_TAG] for text in tags)),
    )


def _parts(settings: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Target, input, data, network, evaluations and seeds in words."""
    own = settings["network"]["_target_"]
    return [
        *((settings[part]["name"],) for part in ("target", "input", "data")),
        (own.rpartition(".")[2] if own else settings["model"]["name"],),
        tuple(settings["evaluation"]),
        tuple(str(seed) for seed in settings["seeds"]),
    ]


def _tags(settings: Mapping[str, Any]) -> Iterable[str]:
    *words, seeds = _parts(settings)
    yield from (each for part in words for each in part)
    yield from (f"seed {each}" for each in seeds)
    if settings["permute_labels"]:
        yield "permuted labels"


def _joined(values: Iterable[tuple[str, ...]]) -> str:
    """Each word once."""
    return "+".join(dict.fromkeys(word for each in values for word in each))
