"""What runs in the process of a method: it reads networks and ECGs, and writes maps."""

import ctypes
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch
from ecglens.explain import Inputs, Method, attribute, is_method

from ..method_words import method_of
from ..suite import identity
from .anonymous import Steps, from_plain
from .channel import read, write
from .namespaces import VERSION_3


def main() -> None:
    """Answer requests from standard input until it closes.

    What the method prints goes to standard error, so that it is no part of an answer.
    """
    source, to = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    torch.set_num_threads(1)  # sums round by the number of threads
    asked, _ = read(source)
    write(to, {"apart": apart(asked["secret"])})  # before any code of the method runs
    try:
        name, method = method_of(asked["words"], asked["trust"])
    except Exception as problem:  # noqa: BLE001 - the method's own code, told in one line
        write(to, {"error": _in_one_line(problem)})
        return
    write(to, about(name, method))
    _answer(method, source, to)


def apart(secret: str) -> dict[str, bool]:
    """What this process cannot reach: `secret` is a file that only others should read."""
    return {
        "files": not Path(secret).exists(),
        "network": {name for _, name in socket.if_nameindex()} <= {"lo"},
        "processes": os.getppid() == 0,
        "rights": _no_capability(),
    }


def _no_capability() -> bool:
    """True where this process has no right beyond those of its user (capget of Linux)."""
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "capget"):
        return True
    header, found = (ctypes.c_uint32 * 2)(VERSION_3, 0), (ctypes.c_uint32 * 6)()
    return libc.capget(ctypes.byref(header), ctypes.byref(found)) == 0 and not any(found)


def about(name: str, method: Method) -> dict[str, Any]:
    """Name, class, settings and declared facts of a method, as a card has them."""
    if not is_method(method):
        return {
            "error": f"expected a method of a dataclass, got {method!r}; write "
            "@dataclass(frozen=True) above its class (docs/extending.md)"
        }
    return {"name": name, **identity(method), "facts": asdict(method.facts)}


def _answer(method: Method, source: IO[bytes], to: IO[bytes]) -> None:
    net = None
    while True:
        try:
            message, arrays = read(source)
        except EOFError:
            return
        if "steps" in message:
            net = Steps(from_plain(message, iter(arrays)))
            continue
        try:
            maps = _maps(method, net, message, arrays)
        except ValueError as problem:  # the method's own check, or a map that is none
            write(to, {"error": _in_one_line(problem)})
        else:
            write(to, {}, [maps])


def _maps(
    method: Method, net: Any, message: Mapping[str, Any], arrays: list[np.ndarray]
) -> np.ndarray:
    x, *more = (torch.from_numpy(each.copy()) for each in arrays)
    given = dict(zip(message["given"], more, strict=True))
    inputs = Inputs(message["records"], given.get("segments"), given.get("background"))
    return attribute(method, net, x, 0, message["seed"], inputs).numpy()


def _in_one_line(problem: BaseException) -> str:
    return " ".join(f"{type(problem).__name__}: {problem}".split())[:500]


if __name__ == "__main__":
    main()
