"""Two runs side by side: what differs in their settings, and in their answers.

Names load on first use, so that the help of commands stays quick.
"""

from typing import TYPE_CHECKING

from ecglens.extras import lazy

if TYPE_CHECKING:
    from .collect import swept
    from .page import Run, write_comparison
    from .workspace_command import save_workspace, specification, workspace

__getattr__, __dir__, __all__ = lazy(__name__)
