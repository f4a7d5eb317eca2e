"""A remark of the linter: what was measured, which methods it makes wrong, what to do."""

from dataclasses import dataclass

from ..named import find, methods

MOST_NAMED = 8


@dataclass(frozen=True)
class Remark:
    """What was measured, the methods that it makes wrong, and what to do; "" for nothing."""

    measured: str
    wrong: tuple[str, ...] = ()
    advice: str = ""

    def __str__(self) -> str:
        """The remark in one line."""
        named = ", ".join(self.wrong[:MOST_NAMED])
        if more := len(self.wrong) - MOST_NAMED:
            named += f" and {more} more" if more > 0 else ""
        wrong = f"wrong here: {named}" if named else ""
        return "; ".join(filter(None, (self.measured, wrong, self.advice)))


def with_facts(**wanted: str) -> tuple[str, ...]:
    """Names of the methods whose facts are these."""
    return tuple(
        name
        for name in methods()
        if all(getattr(find(name).facts, fact) == value for fact, value in wanted.items())
    )


def of_gradients() -> tuple[str, ...]:
    """Names of the methods that go back through the network."""
    return tuple(name for name in methods() if find(name).facts.gradients)
