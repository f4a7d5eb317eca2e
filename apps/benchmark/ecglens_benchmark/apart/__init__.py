"""Maps made in a process that gets tensors and an anonymous network, and can reach nothing else."""

from typing import TYPE_CHECKING

from ecglens.extras import lazy

if TYPE_CHECKING:
    from .anonymous import Program, Steps, disguised, in_units, program_of
    from .process import (
        MethodFailed,
        MethodProcess,
        Request,
        Source,
        has_namespaces,
        method_process,
    )

__getattr__, __dir__, __all__ = lazy(__name__)
