"""What was read and kept: a data set before any network, and the store.

Names load on first use, so that the help of commands stays quick.
"""

from typing import TYPE_CHECKING

from ecglens.extras import lazy

if TYPE_CHECKING:
    from .flow import QUANTILES, Flow, Label, flow_of, median_spectrum
    from .page import Looks, spoken, write_preparation

__getattr__, __dir__, __all__ = lazy(__name__)
