"""Attribution methods, a family in each file."""

from functools import partial

from ...former import moved

__getattr__ = partial(moved, old=__name__, new="ecglens.explain")
