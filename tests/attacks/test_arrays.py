"""Arrays of a foreign finding: bombs, lies and links are one line, within a bound of memory."""

import io
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from ecglens.eval import load_finding

from .bounded import HUGE, bounded

pytestmark = pytest.mark.heavy


def header(shape: tuple[int, ...], descr: str = "<f8") -> bytes:
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"descr": descr, "fortran_order": False, "shape": shape}
    )
    return head.getvalue()


@cache
def bomb() -> bytes:
    """Archive of 500 kB with an array of 512 MB."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("AUC.npy", header((2**26,)) + bytes(2**29))
    return content.getvalue()


def claiming(shape: tuple[int, ...], descr: str = "<f8") -> Callable[[Path], None]:
    def write(file: Path) -> None:
        with zipfile.ZipFile(file, "w") as lie:
            for name in ("y", "predictions", "AUC", "x", "segments", "heatmaps"):
                lie.writestr(f"{name}.npy", header(shape, descr) + bytes(100))

    return write


def damaged(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 255
    file.write_bytes(content)


ARRAYS: dict[str, Callable[[Path], object]] = {
    "a zip bomb": lambda file: file.write_bytes(bomb()),
    "more samples than memory": claiming((HUGE,)),
    "more than a number holds": claiming((2**62, 2**62)),
    "objects that run code": claiming((3,), "|O"),
    "cut off": lambda file: file.write_bytes(file.read_bytes()[:-100]),
    "a changed bit": damaged,
    "an array alone": lambda file: file.write_bytes(header((3,)) + bytes(24)),
    "a pickle": lambda file: file.write_bytes(b"\x80\x04\x95cos\nsystem\n(S'touch owned'\ntR."),
    "empty": lambda file: file.write_bytes(b""),
    "missing": Path.unlink,
}


@pytest.mark.parametrize("name", ["scores.npz", "curves-0.npz", "gallery-0.npz"])
@pytest.mark.parametrize("kind", ARRAYS)
def test_arrays_that_lie_are_one_line(kind: str, name: str, finding: Path) -> None:
    ARRAYS[kind](finding / name)
    with bounded(), pytest.raises((ValueError, OSError)) as told:
        load_finding(finding)
    assert "\n" not in str(told.value)
    assert not Path("owned").exists()
