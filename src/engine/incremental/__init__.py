"""Predictions for copies of one ECG that differ in windows: only what can change is recomputed."""

from functools import partial

from ...former import moved

__getattr__ = partial(moved, old=__name__, new="ecglens.engine")
