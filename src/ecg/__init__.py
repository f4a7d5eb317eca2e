"""What an ECG is: records, beats, measurements (numpy and scipy only)."""

from .exact import exact_beat, exact_record
from .exact_change import with_change
from .exact_draw import draw_exact, draw_kind
from .exact_kinds import KINDS
from .exact_parameters import ExactParameters
from .exact_recording import Disturbance, Recording, disturbance, recorded
from .exact_shortcut import Planted, Shortcut, plant, planted, tied
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
from .masks import edge_mask, wave_mask
from .measurement import Measurement, measure
from .median_beat import Beat, median_beat
from .quality import Quality, quality
from .record import BEAT_LENGTH, HOUSE_FS_HZ, Record, UnusableRecord
from .waves import BIT, R_INDEX, R_PEAK, WAVES, Segments, segment_mask

# Raised whenever a number or a finding of this room changes; prepared data is made anew then.
VERSION = 6

__all__ = [
    "BEAT_LENGTH",
    "BIT",
    "COMPLETION",
    "HOUSE_FS_HZ",
    "INDEPENDENT",
    "INDEPENDENT_INDEX",
    "KINDS",
    "LEADS",
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
