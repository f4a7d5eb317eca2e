"""The findings in the folders of finished runs and sweeps."""

from collections.abc import Iterator
from pathlib import Path

from ..datamodules import all_may_leave
from ..eval import FINDING, Finding, load_finding
from ..report import Content, Pseudonyms
from ..store import fingerprint, made_at, used
from ..trust import find_own_modules, is_own, store_of
from .folders import FINDINGS, HYDRA, folders_in, in_order, read_yaml


def findings_in(folder: Path, trust: bool = False) -> list[Finding]:
    """Findings of a run, or of all jobs of a sweep in the order of their folders; or one itself.

    With `trust`, classes and callables that they name may be called, whoever made them.
    """
    if (folder / FINDING).is_file():
        return [_opened(folder, trust)]
    # hydra.sweep.subdir may give a job any name, and folders within folders.
    found = [path.parent for path in folder.rglob(f"{FINDINGS}/*/{FINDING}")]
    return [_opened(path, trust) for path in in_order(folder, found)]


def finished_in(folder: Path) -> list[Finding]:
    """The findings of a run's folder or of all jobs of a sweep; ValueError when there is none."""
    if findings := findings_in(folder):
        return findings
    raise ValueError(
        f"expected the folder of a finished run or sweep, found no finding beneath {folder}; "
        "run `python train.py` first and give its folder"
    )


def names_of(run: Path) -> Pseudonyms:
    """Pseudonyms under the key of the store that the first job with findings used.

    For a run that this user did not make, under that of the user's own store.
    """
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    folders = folders_in(run)
    # One that failed has no findings, and so no signature.
    folder = next((each for each in folders if _files(each)), folders[0])
    # Hydra keeps the settings as they were written: the store is that of ECGLENS_STORE now.
    path = folder / HYDRA / "config.yaml"
    config = read_yaml(path)
    try:
        given = OmegaConf.create({"store": config["store"]})
        findings = _files(folder)
        own = bool(findings) and all(map(is_own, findings))
        needed = not all_may_leave(config.get("data") or {})
        return Pseudonyms(store_of(str(given["store"]), own=own, said=needed))
    except (OmegaConfBaseException, KeyError, TypeError) as problem:
        raise ValueError(f"expected the settings of a job in {path}, got others") from problem


def findings_of_job(folder: Path) -> list[Finding]:
    """The findings of one job, without those of jobs in folders of its own."""
    return [_opened(path.parent, trust=False) for path in in_order(folder, _files(folder))]


def _files(job: Path) -> list[Path]:
    return [*job.glob(f"{FINDINGS}/*/{FINDING}")]


def _opened(folder: Path, trust: bool) -> Finding:
    found = load_finding(folder, trust)
    if found.trusted:
        find_own_modules()
    return found


# Folders of the store by the kind of artifact.
NETWORKS, HEATMAPS = "networks", "attributions"


def made_whole(store: Path, begun: float, may_fit: bool) -> bool:
    """True if a job that began then (s since 1970) found no maps, and no network that it may fit.

    Its time then says how long such a job takes.
    """
    kinds = {HEATMAPS, NETWORKS} if may_fit else {HEATMAPS}
    folders = [folder for folder in used(store) if folder.parent.name in kinds]
    return all(made_at(folder) >= begun for folder in folders)


def contents_of(run: str, page: Path, store: Path, begun: float) -> Iterator[Content]:
    """Artifacts of the run of this id, whose job began then (s since 1970) and wrote this page.

    A network has the name of its folder in the store, heatmaps the fingerprint of theirs: jobs
    that share them share the artifact.
    """
    folders = used(store)
    for folder in folders:
        if folder.parent.name == NETWORKS:
            made = made_at(folder) >= begun
            yield Content("network", f"network-{folder.name}", (folder,), made, kept=True)
    if maps := tuple(folder for folder in folders if folder.parent.name == HEATMAPS):
        name = f"heatmaps-{fingerprint({'folders': [folder.name for folder in maps]})}"
        made = any(made_at(folder) >= begun for folder in maps)
        yield Content("heatmaps", name, maps, made, kept=True)
    yield scores_of(run, page.parent)
    yield Content("report", f"report-{run}", (page,))


def scores_of(run: str, folder: Path, made: bool = True) -> Content:
    """The findings in the folder of a run."""
    return Content("scores", f"scores-{run}", (folder / FINDINGS,), made)
