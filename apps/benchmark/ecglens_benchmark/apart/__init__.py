"""Maps made in a process that gets tensors and an anonymous network, and can reach nothing else."""

from .anonymous import Program, Steps, disguised, in_units, program_of
from .process import MethodFailed, MethodProcess, Request, Source, has_namespaces, method_process

__all__ = [
    "MethodFailed",
    "MethodProcess",
    "Program",
    "Request",
    "Source",
    "Steps",
    "disguised",
    "has_namespaces",
    "in_units",
    "method_process",
    "program_of",
]
