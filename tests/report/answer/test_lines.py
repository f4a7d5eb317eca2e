"""Rankings in a terminal."""

from collections.abc import Callable
from dataclasses import replace

from ecglens.eval import POINTS, Finding, Protocol
from ecglens.report import Pseudonyms, ranking_lines, run_views

SEGMENTS, NOISE_10 = (replace(POINTS, name=name) for name in ("segments", "noise_10"))


def test_the_protocols_that_decide_the_level_are_named(
    make_finding: Callable[..., Finding],
) -> None:
    def columns(*others: Protocol) -> set[str]:
        made = [make_finding(), *(make_finding(protocol=each) for each in others)]
        lines = ranking_lines(run_views(made, Pseudonyms()))
        assert len(lines) == len(made)
        return {name for each in lines for name in each.table if name.startswith("level")}

    assert columns(POINTS, SEGMENTS) == {"level by default protocol"}
    assert columns(POINTS, NOISE_10) == {"level by default protocol and noise of 10 %"}
