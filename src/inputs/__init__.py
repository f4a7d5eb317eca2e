"""ECGs, networks, methods and maps that a user brings, checked before anything is computed."""

from typing import TYPE_CHECKING

from ..extras import lazy

if TYPE_CHECKING:
    from .ecgs import cautions, check_order, check_whole, ecgs_of, gathered, numbers
    from .marks import found_marks
    from .network import check_differ, methods_and_maps, methods_of, outputs_of, own_network, own_of

__getattr__, __dir__, __all__ = lazy(__name__)
