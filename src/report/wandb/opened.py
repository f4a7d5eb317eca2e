"""Runs on W&B: their names, groups, types and tags, from settings alone, and how they open."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from ...store import fingerprint
from ..text.differences import SAME_NUMBERS

SHOWN = 6  # digits of a fingerprint in a name
LONGEST_NAME, LONGEST_TAG = 128, 64  # characters that W&B takes


@dataclass(frozen=True)
class Identity:
    """Identity of a run on W&B. Runs that differ in one setting have different ids and names.

    A run that is resumed, or made again with the same settings and code, has the same. The fields
    are arguments of wandb.init.
    """

    id: str
    name: str
    group: str
    job_type: str
    tags: tuple[str, ...]


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


PROJECT = "ecglens"
# Without a network `wandb.init` gives up after 90 s, and `finish` never; a server answers in 1 s.
# What is not sent by then stays in the folder of the run.
ANSWER_S, FINISH_S = 5.0, 120.0
# Curves of a fit; W&B would add the last value of each to the summary.
OF_A_FIT = ("train/*", "val/*", "epoch", "trainer/global_step")
# What W&B gathers by itself: printed lines, the command line with its paths, code, the machine.
NOTHING_BY_ITSELF = {
    "console": "off",
    "disable_code": True,
    "disable_git": True,
    "disable_job_creation": True,
    "host": "withheld",
    "save_code": False,
    "x_disable_machine_info": True,
    "x_disable_meta": True,
    "x_disable_stats": True,
    "x_save_requirements": False,
}


def open_wandb(folder: Path, stays: bool, **settings: Any) -> Any:
    """An open run with these settings of wandb.init; all its files lie in `folder`.

    With ECGs that have to stay on this machine W&B gathers nothing by itself. The WANDB_…
    variables of this process name that folder from now on. Where its server does not answer, the
    run is offline, and a line says so. An online run whose `id` the server has is continued.
    """
    import wandb

    folder.mkdir(parents=True, exist_ok=True)
    os.environ.update(_variables(folder))
    # A job that failed left its run open: without this, wandb would hand that one out again.
    own = wandb.Settings(
        finish_timeout=FINISH_S, reinit="finish_previous", **(NOTHING_BY_ITSELF if stays else {})
    )
    server = wandb.setup().settings.base_url
    if settings.get("mode") == "online" and not answers(server):
        settings["mode"] = "offline"
        print(
            f"W&B: {server} does not answer; the run is kept offline, and `wandb sync` on its "
            f"folder in {folder / 'wandb'} sends it later",
            file=sys.stderr,
        )
    resume = "allow" if settings.get("mode") == "online" else None
    run = wandb.init(dir=folder, settings=own, resume=resume, **settings)
    for name in OF_A_FIT:
        run.define_metric(name, summary="none")
    return run


@contextmanager
def wandb_run(folder: Path, stays: bool, **settings: Any) -> Iterator[Any]:
    """Context of `open_wandb` that finishes the run and restores the variables of the process."""
    with _restored(_variables(folder)):
        run = open_wandb(folder, stays, **settings)
        try:
            yield run
        finally:
            run.finish()


def answers(server: str) -> bool:
    """True if a server answers within ANSWER_S, through a proxy where there is one."""
    answered = Event()

    def ask() -> None:
        with suppress(OSError):
            with suppress(HTTPError):  # an answer, though not a page
                urlopen(server, timeout=ANSWER_S).close()
            answered.set()

    # In a thread, because looking up a name without a network takes longer than any timeout.
    asking = Thread(target=ask, daemon=True)
    asking.start()
    asking.join(ANSWER_S)
    return answered.is_set()


@contextmanager
def _restored(names: Iterable[str]) -> Iterator[None]:
    """These variables of the process as they were before the block, after it."""
    before = {name: os.environ.get(name) for name in names}
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _variables(folder: Path) -> dict[str, str]:
    """All files in `folder`, because HOME may be read-only; no reports home."""
    names = ("WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "WANDB_DATA_DIR")
    return {name: str(folder / "wandb") for name in names} | {
        "WANDB_DIR": str(folder),  # wandb adds its own folder to this one
        "WANDB_ERROR_REPORTING": "false",
        "WANDB_SILENT": "true",
    }
