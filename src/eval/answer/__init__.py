"""Answer to which heatmaps may be used: data made once from findings."""

from functools import partial

from ...former import moved

__getattr__ = partial(moved, old=__name__, new="ecglens.eval")
