"""ECGs by methods: a row for each of a few ECGs, a small heatmap for each method."""

from typing import Any

from ..figures.ecg import twelve_lead_figure
from ..figures.pictures import thumbnail
from ..style import style
from ..text.words import heading
from ..views.gallery import origin
from ..views.run_views import RunViews

ECGS = 3  # a picture takes 0.15 s of a core; the page has all of them
DPI = 60  # lead names can be read; 12 leads of a beat are 580 points wide, 20 kB


def ecg_table(run: RunViews) -> Any:
    """Record, target, value along the curve before any step, true value, a heatmap per method.

    Heatmaps are those of the first network. None where no ECG is shown.
    """
    import wandb

    own = [views[0].first for _, views in run.groups]
    names = list(dict.fromkeys(n for one in own for n in one.curves[0].gallery.heatmaps))
    table = wandb.Table(
        columns=["record", "target", "start value", "true value", *(style(n).label for n in names)]
    )
    for finding in own:
        curves, unit = finding.curves[0], finding.about.target.unit
        gallery, start = curves.gallery, next(iter(curves.predictions.values()))
        target = " ".join(filter(None, [heading(finding)[0], f"({unit})" if unit else ""]))
        for place, record in enumerate(gallery.records[:ECGS]):
            at = curves.records.index(record)
            maps = {name: each[place] for name, each in gallery.heatmaps.items()}
            pictures = [_picture(finding, place, name) if name in maps else None for name in names]
            table.add_data(record, target, float(start[0, at, 0]), float(curves.y[at]), *pictures)
    return table if table.data else None


def _picture(finding: Any, place: int, method: str) -> Any:
    import wandb

    gallery = finding.curves[0].gallery
    figure = twelve_lead_figure(
        gallery.x[place],
        gallery.heatmaps[method][place],
        style(method).label,
        gallery.fs,
        origin(gallery.segments),
    )
    return wandb.Image(thumbnail(figure, DPI))
