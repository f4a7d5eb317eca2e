"""A method that looks around in its process, and methods that misbehave in it."""

import ctypes
import gc
import os
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

import torch
from ecglens.explain import Facts, Method


@dataclass(frozen=True)
class Honest(Method):
    """The gradient times the ECG."""

    @property
    def facts(self):
        return Facts(any_network=True, gradients=1)

    def heatmap(self, net, x, target, context):
        given = x.clone().requires_grad_()
        (found,) = torch.autograd.grad(net(given)[:, target].sum(), given)
        return found * x


class Curious(Honest):
    """Raises what it finds; the first sample of the ECG numbers the question."""

    def heatmap(self, net, x, target, context):
        questions = (files, kept, reached, rights, walked)
        raise ValueError(f"found: {questions[int(x[0, 0, 0])](net)}")


def files(net):
    """Files of others, by names that most machines have."""
    places = ("/root/.bashrc", "/home", "/etc/passwd", "/var", "/proc/1/environ")
    return [each for each in places if os.path.exists(each)]


def kept(net):
    """What an earlier process left, and places outside its own folder that it can write to."""
    own = Path(os.environ["HOME"])
    before = sorted(each.name for each in own.iterdir())
    (own / "kept").write_text("a map")
    written = []
    for folder in (Path(__file__).parent, Path(torch.__file__).parent, Path("/usr")):
        try:
            (folder / "ecglens-kept").write_text("a map")
            written.append(str(folder))
        except OSError:
            pass
    return [before, written]


def reached(net):
    """Servers and processes that it reaches."""
    found = []
    for place in (("127.0.0.1", 22), ("1.1.1.1", 53)):
        with socket.socket() as door:
            door.settimeout(1.0)
            try:
                door.connect(place)
                found.append(place)
            except OSError:
                pass
    for process in range(2, 100_000):
        try:
            os.kill(process, 0)
            found.append(process)
        except OSError:
            pass
    return found


def rights(net):
    """What only an administrator may do."""
    libc = ctypes.CDLL(None, use_errno=True)
    return [
        libc.mount(b"none", b"/own", b"tmpfs", 0, None) == 0,
        libc.umount2(b"/own", 2) == 0,
        libc.sethostname(b"mine", 4) == 0,
    ]


def walked(net):
    """Names on the stack that speak of truth, subjects among all objects, the network's module."""
    words = ("truth", "label", "cheating", "planted", "season", "shortcut")
    frame, seen = sys._getframe(), set()
    while frame is not None:
        seen |= {name for name in frame.f_locals if any(word in name for word in words)}
        frame = frame.f_back
    kinds = {type(each).__name__ for each in gc.get_objects()}
    return [sorted(seen - {"words"}), sorted(kinds & {"Subject", "Season"}), type(net).__module__]


class Prints(Honest):
    """Writes to where answers go."""

    def heatmap(self, net, x, target, context):
        print("a line")
        os.write(1, b"\x00" * 64)
        return super().heatmap(net, x, target, context)


class Dies(Honest):
    """Ends its process."""

    def heatmap(self, net, x, target, context):
        print("last words", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
        os._exit(1)


class Wrong(Honest):
    """A map of one lead."""

    def heatmap(self, net, x, target, context):
        return x[:, :1]


class Reads(Honest):
    """The wave marks and the ECGs of others that it was given."""

    def heatmap(self, net, x, target, context):
        return x * 0 + context.segments[:, None] + context.background.sum()


class ReadsMarks(Reads):
    """The same, and declares the marks."""

    @property
    def facts(self):
        return Facts(any_network=True, uses_segments=True)
