"""Input that a user's network wants, and the network behind that preparation."""

from functools import partial

from ...former import moved

__getattr__ = partial(moved, old=__name__, new="ecglens.models")
