"""The strongest map beside the weakest, on the first ECG of a gallery."""

import numpy as np
from matplotlib.figure import Figure

from ...ecg import LEADS
from ...eval import Finding
from ...eval.evaluations.localisation import TargetRegion
from ..figures.side_by_side import side_by_side_figure
from ..style import style
from ..text.words import heading
from .gallery import origin


def best_and_worst_figure(
    finding: Finding, best: str, worst: str, region: TargetRegion | None
) -> Figure:
    """Both maps in the lead that defines the target, else where the best says most.

    The region, where there is one, is marked.
    """
    gallery, target = finding.curves[0].gallery, finding.about.target
    maps = {name: gallery.heatmaps[name][0] for name in (best, worst)}
    lead = telling_lead(finding, best)
    inside = region.times(gallery.segments[:1], gallery.fs)[0] if region else np.zeros(0, bool)
    return side_by_side_figure(
        gallery.x[0, lead],
        {style(name).label: heatmap[lead] for name, heatmap in maps.items()},
        inside,
        f"Lead {LEADS[lead]}",
        heading(finding)[0] if len(target.edges) == 2 else "",
        gallery.fs,
        origin(gallery.segments),
    )


def telling_lead(finding: Finding, method: str) -> int:
    """The lead that defines the target; else where the method says most of the first ECG."""
    lead = finding.about.target.lead
    if lead:
        return LEADS.index(lead)
    return int(np.abs(finding.curves[0].gallery.heatmaps[method][0]).sum(axis=-1).argmax())
