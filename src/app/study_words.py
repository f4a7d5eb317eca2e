"""Words of the command line as values."""

from collections.abc import Sequence


def listed(text: str) -> Sequence[str]:
    """The names between commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def numbers(text: str) -> tuple[int, ...]:
    """The whole numbers between commas."""
    return tuple(int(number) for number in text.split(","))


def question(text: str) -> tuple[str, tuple[str, ...]]:
    """A question with its answers, out of "question=answer/answer"; nothing out of nothing.

    Raises ValueError for a question without at least two answers.
    """
    asked, _, answers = text.rpartition("=")
    found = tuple(answer.strip() for answer in answers.split("/") if answer.strip())
    if text and (not asked.strip() or len(found) < 2):
        raise ValueError(f'expected --second "question=answer/answer", got {text!r}')
    return asked.strip(), found if text else ()


def one_of(option: str, choices: Sequence[str], given: str) -> str:
    """What was given; ValueError that names the choices when it is none of them."""
    if given not in choices:
        raise ValueError(f"expected {option} as one of {', '.join(choices)}, got {given!r}")
    return given
