"""ECGs: records, median beats, measurements and exact ECGs (NumPy and SciPy only)."""

from .beats import Beat, median_beat
from .delineation import above_level
from .filters import filtered, resampled, resampling_adjoint
from .measurement import MARGIN_MS, Measurement, margin_ms, measure, read_beat
from .quality import MIN_LEADS, Quality, pacing_spikes, quality
from .record import (
    COMPLETION,
    INDEPENDENT,
    INDEPENDENT_INDEX,
    LEADS,
    MARKS,
    TEXT,
    V5,
    Record,
    UnusableRecord,
    checked_rate,
    fault_of_unit,
    from_eight,
    in_order,
    missing_leads,
    without_leads,
)
from .synthetic.draw import draw_exact, draw_kind
from .synthetic.exact import exact_beat, exact_record, with_change
from .synthetic.kinds import KINDS, ExactParameters
from .synthetic.recording import Disturbance, Recording, disturbance, recorded
from .synthetic.shortcut import Planted, Shortcut, plant, planted, tied
from .waves import (
    AROUND_MS,
    BEAT_LENGTH,
    BIT,
    FS_HZ,
    R_INDEX,
    R_PEAK,
    SEGMENTS,
    WAVES,
    Segments,
    edge_mask,
    runs_of,
    segment_mask,
    wave_mask,
    wave_shares,
    wave_sums,
)

# Raised whenever a number or a finding of this room changes; ECGs are then prepared again.
VERSION = 8

__all__ = [
    "AROUND_MS",
    "BEAT_LENGTH",
    "BIT",
    "COMPLETION",
    "FS_HZ",
    "INDEPENDENT",
    "INDEPENDENT_INDEX",
    "KINDS",
    "LEADS",
    "MARGIN_MS",
    "MARKS",
    "MIN_LEADS",
    "R_INDEX",
    "R_PEAK",
    "SEGMENTS",
    "TEXT",
    "V5",
    "VERSION",
    "WAVES",
    "Beat",
    "Disturbance",
    "ExactParameters",
    "Measurement",
    "Planted",
    "Quality",
    "Record",
    "Recording",
    "Segments",
    "Shortcut",
    "UnusableRecord",
    "above_level",
    "checked_rate",
    "disturbance",
    "draw_exact",
    "draw_kind",
    "edge_mask",
    "exact_beat",
    "exact_record",
    "fault_of_unit",
    "filtered",
    "from_eight",
    "in_order",
    "margin_ms",
    "measure",
    "median_beat",
    "missing_leads",
    "pacing_spikes",
    "plant",
    "planted",
    "quality",
    "read_beat",
    "recorded",
    "resampled",
    "resampling_adjoint",
    "runs_of",
    "segment_mask",
    "tied",
    "wave_mask",
    "wave_shares",
    "wave_sums",
    "with_change",
    "without_leads",
]
