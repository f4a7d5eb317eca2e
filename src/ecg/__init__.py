"""ECGs: records, median beats, measurements and exact ECGs (NumPy and SciPy only)."""

from .beats.median_beat import Beat, median_beat
from .delineation.measurement import Measurement, measure
from .filters import filtered, resampled, resampling_adjoint
from .leads import (
    COMPLETION,
    INDEPENDENT,
    INDEPENDENT_INDEX,
    LEADS,
    V5,
    from_eight,
    in_order,
    missing_leads,
    without_leads,
)
from .masks import AROUND_MS, edge_mask, wave_mask
from .pacing import pacing_spikes
from .quality import MIN_LEADS, Quality, quality
from .record import BEAT_LENGTH, FS_HZ, Record, UnusableRecord, checked_rate
from .synthetic.change import with_change
from .synthetic.draw import draw_exact, draw_kind
from .synthetic.exact import exact_beat, exact_record
from .synthetic.kinds import KINDS
from .synthetic.parameters import ExactParameters
from .synthetic.recording import Disturbance, Recording, disturbance, recorded
from .synthetic.shortcut import Planted, Shortcut, plant, planted, tied
from .waves import BIT, R_INDEX, R_PEAK, WAVES, Segments, segment_mask

# Raised whenever a number or a finding of this room changes; ECGs are then prepared again.
VERSION = 6

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
    "MIN_LEADS",
    "R_INDEX",
    "R_PEAK",
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
    "checked_rate",
    "disturbance",
    "draw_exact",
    "draw_kind",
    "edge_mask",
    "exact_beat",
    "exact_record",
    "filtered",
    "from_eight",
    "in_order",
    "measure",
    "median_beat",
    "missing_leads",
    "pacing_spikes",
    "plant",
    "planted",
    "quality",
    "recorded",
    "resampled",
    "resampling_adjoint",
    "segment_mask",
    "tied",
    "wave_mask",
    "with_change",
    "without_leads",
]
