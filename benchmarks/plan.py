"""How much is measured."""

import argparse
from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """Sizes of the two inputs and of the curves, and how often a task is repeated.

    `long` adds what takes minutes: the methods on strips, and the slow ones' memory there.
    """

    beat: int = 600  # samples of a median beat (Storås 2025)
    strip: int = 5000  # samples of a 10-s strip at 500 Hz (Storås 2025)
    steps: tuple[int, ...] = (25, 200)  # what the area needs, and the published curve
    batches: tuple[int, ...] = (1, 4, 16, 64)
    lengths: tuple[int, ...] = (600, 1250, 2500, 5000)
    beats: int = 32  # of one pass: the batch that networks are trained with (Storås 2025)
    strips: int = 8  # of one pass: as many samples as in 64 beats
    generated: int = 64  # through the ECG chain: two blocks of the generator
    together: int = 64  # ECGs asked for at once where memory is measured
    seconds: float = 2.0  # spent on one task before no further run of it begins
    long: bool = False

    @property
    def inputs(self) -> tuple[int, int]:
        """The samples of both inputs."""
        return self.beat, self.strip

    def one_pass(self, length: int) -> int:
        """ECGs of this length in one pass."""
        return self.beats if length == self.beat else self.strips


# Tiny inputs: shows that everything works; its times mean nothing.
QUICK = Plan(
    beat=64, strip=128, steps=(3, 6), batches=(1, 2), lengths=(64, 96, 128),
    beats=2, strips=1, generated=32, together=2, seconds=0.0,
)  # fmt: skip
PLANS = {"usual": Plan(), "quick": QUICK, "long": Plan(long=True)}


def with_plan(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """The parser with the option that chooses a plan."""
    parser.add_argument(
        "--plan",
        choices=PLANS,
        default="usual",
        help="quick shows on tiny inputs that everything works; long adds what takes minutes",
    )
    return parser


def asked() -> Plan:
    """The plan that the command line asks for."""
    return PLANS[with_plan(argparse.ArgumentParser()).parse_args().plan]
