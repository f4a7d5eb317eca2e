"""Passes through a network that ran out of memory, made again with half the rows."""

import sys
from collections.abc import Callable
from typing import TypeVar

import torch

Made = TypeVar("Made")

# What torch says where it raises no class of its own: on a CPU, and by the libraries of a GPU.
WORDS = (
    "you tried to allocate", "could not create a primitive", "ALLOC_FAILED", "out of memory",
)  # fmt: skip
# Smallest share of the usual rows: a thousandth of a batch that fits nearly any network.
LEAST = 1024
# Every pass of this process has 1 / _PARTS[0] of its usual rows.
_PARTS = [1]


def fitting(rows: int) -> int:
    """Rows of a pass that usually has `rows`: fewer after memory has run out."""
    return max(1, rows // _PARTS[0])


def ran_out(problem: BaseException) -> bool:
    """Whether an error says that memory ran out, on a CPU or a GPU."""
    known = isinstance(problem, MemoryError | torch.OutOfMemoryError)
    words = isinstance(problem, RuntimeError) and any(word in str(problem) for word in WORDS)
    return known or words


def in_memory(do: Callable[[], Made]) -> Made:
    """Result of `do`, called again with half the rows in each pass where memory runs out.

    `do` takes the number of rows from `fitting` and gives the same result each time. The process
    keeps to the smaller number, and says so once. Errors of other kinds are raised, and memory that
    is not enough for one row.
    """
    while True:
        try:
            return do()
        except Exception as problem:
            if not ran_out(problem) or _PARTS[0] >= LEAST:
                raise
        # Outside the handler, whose traceback holds the tensors of the pass.
        if _PARTS[0] == 1:
            print("memory ran out: ECGs now pass the network in smaller batches", file=sys.stderr)
        _PARTS[0] *= 2
        if torch.cuda.is_initialized():
            torch.cuda.empty_cache()
