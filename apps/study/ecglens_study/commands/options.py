"""Values from the text of command-line options."""

from collections.abc import Sequence


def listed(text: str) -> Sequence[str]:
    """Names separated by commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def numbers(text: str) -> tuple[int, ...]:
    """Whole numbers separated by commas."""
    return tuple(int(number) for number in text.split(","))


def question(text: str) -> tuple[str, tuple[str, ...]]:
    """Question and answers from "question=answer/answer"; ("", ()) from "".

    Raises ValueError for a question without at least two answers.
    """
    title, _, answers = text.rpartition("=")
    found = tuple(answer.strip() for answer in answers.split("/") if answer.strip())
    if text and (not title.strip() or len(found) < 2):
        raise ValueError(f'expected --second "question=answer/answer", got {text!r}')
    return title.strip(), found if text else ()


def one_of(option: str, choices: Sequence[str], given: str) -> str:
    """Given value; ValueError that lists the choices if it is not one of them."""
    if given not in choices:
        raise ValueError(f"expected {option} as one of {', '.join(choices)}, got {given!r}")
    return given
