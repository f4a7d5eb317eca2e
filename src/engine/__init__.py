"""Fast arithmetic in torch, without any knowledge of ECGs: convolutions, copies, random streams."""

from typing import TYPE_CHECKING

from ..extras import lazy

if TYPE_CHECKING:
    from .black_box import (
        BlackBox,
        called,
        column_of,
        evaluating,
        fitting,
        has_gradient,
        in_memory,
        one_thread,
        ran_out,
        setting_of,
        with_modes,
        words_of,
    )
    from .convolution import FASTER, FastAvgPool1d, FftConv1d, accelerate
    from .incremental.stepwise import NEVER, Copies
    from .incremental.walker import (
        ROWS,
        Keeping,
        Prepared,
        Walker,
        keeps_statistics,
        of_any_signal,
        points_read,
        prepared_in,
        reads_by_name,
        unperturbed,
    )
    from .precision import full_precision
    from .random import (
        generator,
        lines,
        noise_field,
        normal,
        runs,
        sample_ids,
        torch_seeded,
        uniform,
    )

__getattr__, __dir__, __all__ = lazy(__name__)
