"""The commands: words of a command line to jobs.

What opens a network, of a run or of a yaml file, and what runs a task under Hydra, is for commands
of installed packages too.
"""

from typing import TYPE_CHECKING

from .. import jobs as jobs  # sets how threads wait, before torch is loaded
from ..extras import lazy

if TYPE_CHECKING:
    from .front_door import enter
    from .opened import Opened, opened_network, opened_run

__getattr__, __dir__, __all__ = lazy(
    __name__, {"front_door": "enter", "opened": "Opened opened_network opened_run"}
)
