"""What a job has made and used, for W&B: network, heatmaps, scores and page."""

from collections.abc import Iterator
from pathlib import Path

from ..report import Content
from ..store import fingerprint, made_at, used
from .runs import FINDINGS

# Folders of the store by the kind of artifact.
NETWORKS, HEATMAPS = "networks", "attributions"


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
