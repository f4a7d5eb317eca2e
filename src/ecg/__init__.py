"""ECGs: records, median beats, measurements and exact ECGs (NumPy and SciPy only).

The names load on first use.
"""

from typing import TYPE_CHECKING

from ..extras import lazy

if TYPE_CHECKING:
    from .beats import QRS_BAND_HZ, Beat, median_beat
    from .delineation import above_level
    from .filters import filtered, resampled, resampling_adjoint
    from .measurement import MARGIN_MS, VERSION, Measurement, margin_ms, measure, read_beat
    from .quality import MIN_LEADS, Quality, pacing_spikes, quality
    from .record import (
        COMPLETION,
        INDEPENDENT,
        INDEPENDENT_INDEX,
        LEADS,
        MARKS,
        SEPARATOR,
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
    from .synthetic.draw import MORPHOLOGIES, draw_exact, draw_kind, turned
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

__getattr__, __dir__, __all__ = lazy(__name__)
