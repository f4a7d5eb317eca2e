"""Content of a PNG, in pixels and in millimetres of the paper."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image


def rgb(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(png)).convert("RGB")).astype(int)


def coloured(png: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the pixels that are not white."""
    down, across = np.nonzero((rgb(png) < 255).any(axis=-1))
    return down, across


def blue(picture: np.ndarray) -> np.ndarray:
    return picture[..., 2] - picture[..., 0] > 40


def orange(picture: np.ndarray) -> np.ndarray:
    return picture[..., 0] - picture[..., 2] > 55  # the lines of the paper: 41


def inked(picture: np.ndarray) -> np.ndarray:
    return picture.max(axis=-1) < 110


def cells(geometry: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {cell["name"]: cell for cell in geometry["cells"]}


def chunks(png: bytes) -> list[str]:
    """Names of a PNG's chunks, in order."""
    names, at = [], 8
    while at < len(png):
        names.append(png[at + 4 : at + 8].decode("ascii"))
        at += 12 + int.from_bytes(png[at : at + 4], "big")
    return names
