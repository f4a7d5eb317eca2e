"""A user's mistake in one line: what was expected, what came, what to do."""

import re


def one_line(problem: BaseException) -> str:
    """Message of the error in one line, after the name of the program."""
    return "ecglens: " + re.sub(r"\s*\n\s*", "; ", str(problem).strip())
