"""A network's readings of very many ECGs as one table of parquet files, made part by part.

Names load on first use, so that `ecglens table --help` stays quick.
"""

from typing import TYPE_CHECKING

from ecglens.extras import lazy

if TYPE_CHECKING:
    from .networks import network_of, opened
    from .parts import Part, Totals, totals, write_part
    from .ranking import Scores, rank_parts
    from .rows import TableSettings
    from .sources import Reading, from_loader, source_of

__getattr__, __dir__, __all__ = lazy(__name__)
