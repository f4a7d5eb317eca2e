"""The measures of localisation in the order of their page. All are of plausibility."""

from collections.abc import Callable, Mapping

from ...measures.measure import Measure
from .mass import relevance_mass
from .order import Maps, PerEcg, Region
from .pointing import pointing_game
from .top import relevance_rank, top_iou
from .weighted import weighted_areas

RANK, MASS = "relevance rank accuracy", "relevance mass accuracy"


def _measure(name: str, label: str, source: str, explained: str) -> Measure:
    return Measure(name, label, "", True, "plausibility", source, explained)


MEASURES: Mapping[str, Measure] = {
    each.name: each
    for each in (
        _measure(
            "pointing_game", "Pointing game", "Zhang et al. 2018, section 4.1",
            "Share of the ECGs whose largest relevance lies in the region.",
        ),
        _measure(
            "relevance_rank", "Relevance rank", f"Arras et al. 2022, {RANK}",
            "Of a region of N points, the share that is among the map's N largest.",
        ),
        _measure(
            "top_iou", "Top-N IoU", "Suh et al. 2022, localization score",
            "What a region of N points and the map's N largest share, of what either has.",
        ),
        _measure(
            "relevance_mass", "Relevance mass", f"Arras et al. 2022, {MASS}",
            "Share of the positive relevance that lies in the region.",
        ),
        _measure(
            "aup", "AUP", "Ismail et al. 2020, section 4.2; divided by 0.8",
            "How much of the strongest relevance lies in the region, over what counts as strong.",
        ),
        _measure(
            "aur", "AUR", "Ismail et al. 2020, section 4.2; divided by 0.8",
            "How much of the region's relevance is strong; a level map of the region gets 0.5.",
        ),
        _measure(
            "aupr", "AUPR", "Ismail et al. 2020, section 4.2; divided by 0.8",
            "Area under that precision against that recall.",
        ),
        _measure(
            "spatial_specificity", "Spatial specificity", "Wagner et al. 2024",
            "Share of the map's strength (L2) in the lead in which the target is measured.",
        ),
        _measure(
            "temporal_specificity", "Temporal specificity", "after Wagner et al. 2024; own number",
            "Share of the strength (L2) of the mean beat's profile that lies in the region's time.",
        ),
    )
}  # fmt: skip

SINGLE: Mapping[str, Callable[[Maps, Region], PerEcg]] = {
    "pointing_game": pointing_game,
    "relevance_rank": relevance_rank,
    "top_iou": top_iou,
    "relevance_mass": relevance_mass,
}


def against(maps: Maps, region: Region) -> dict[str, PerEcg]:
    """Every measure of a map against a region; NaN for an ECG without one."""
    each = {name: measure(maps, region) for name, measure in SINGLE.items()}
    return each | weighted_areas(maps, region)._asdict()
