"""The commands: words of a command line to jobs.

What composes settings and what runs a task under Hydra is for commands of installed packages too.
"""

from typing import TYPE_CHECKING

from .. import jobs as jobs  # sets how threads wait, before torch is loaded
from ..extras import lazy
from ..former import handed_on

if TYPE_CHECKING:
    from .front_door import composed, enter

load, __dir__, __all__ = lazy(__name__)
OPENED = ("Opened", "opened_network", "opened_run")
__getattr__ = handed_on(__name__, dict.fromkeys(OPENED, "ecglens_sheets"), load)
