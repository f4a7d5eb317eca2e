"""The run on W&B over all jobs of a sweep."""

from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from ..datamodules import all_may_leave
from ..eval import Finding
from ..report import (
    Content,
    Pseudonyms,
    identity,
    log_contents,
    log_sweep,
    plain_settings,
    wandb_run,
)
from .finished import code
from .job import group_of
from .loggers import on_disk
from .runs import scores_of


def send_sweep(
    jobs: Mapping[Path, Sequence[Finding]], page: Path, names: Pseudonyms, command: str
) -> None:
    """Log the findings of the jobs in these folders, where the first of them logs to W&B.

    `command` is that of the jobs. What they found is the input of the sweep's run.
    """
    settings = [findings[0].facts["settings"] for findings in jobs.values()]
    chosen = settings[0]["logger"].get("wandb")
    if chosen is None or "_target_" in chosen or find_spec("wandb") is None:
        return
    stays = not all(all_may_leave(each["data"]) for each in settings)
    group, own_code = group_of(page.parent), code()
    plain = [plain_settings(each, names) for each in settings]
    own = identity(plain, "sweep", own_code, names.of("group", group) if stays else group)
    each = [identity([one], command, own_code) for one in plain]
    asked = {"project": chosen["project"], "mode": chosen["mode"], **own.settings}
    with on_disk(page.parent), wandb_run(page.parent, stays, **asked) as run:
        found = dict(zip(distinct([one.name for one in each]), jobs.values(), strict=True))
        log_sweep(run, found, page, names)
        contents = [
            *(scores_of(one.id, folder, False) for one, folder in zip(each, jobs, strict=True)),
            Content("report", f"report-{own.id}", (page,)),
        ]
        if not stays:
            log_contents(run, [one for one in contents if one.kind in chosen["artifacts"]])


def distinct(names: Sequence[str]) -> list[str]:
    """Names of jobs, with their number for those that differ in no number, as in `store` alone."""
    counts = Counter(names)
    return [f"{name} {n}" if counts[name] > 1 else name for n, name in enumerate(names)]
