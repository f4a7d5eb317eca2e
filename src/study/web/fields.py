"""What a form sent: text by name, or a refusal."""

import math
import re
from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from .problem import Problem

MOST_FIELDS = 50
DAY_SECONDS = 86_400.0
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
WHOLE = re.compile(r"[0-9]{1,6}", re.ASCII)
# Marks that no keyboard types and that could break a table; tab and line feed stay.
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


async def read_fields(request: Request) -> dict[str, str]:
    """Each field of the form once, without marks that cannot be seen; Problem for anything else."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind not in FORMS:
        raise Problem.of(415, f"content type {kind!r}")
    form = await request.form(max_files=0, max_fields=MOST_FIELDS)
    fields: dict[str, str] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile) or name in fields:
            raise Problem.of(422, f"field {name!r} is a file or came twice")
        fields[name] = UNSEEN.sub("", value.replace("\r\n", "\n"))
    return fields


def read_order(order: str) -> int:
    """The number of a turn in an address; Problem for what is none."""
    if not WHOLE.fullmatch(order):
        raise Problem.of(404, "a turn that is no number")
    return int(order)


def whole_of(fields: Mapping[str, str], name: str, instead: int) -> int:
    """A field as a whole number, `instead` where it is empty or not there."""
    text = fields.get(name, "").strip()
    if not text:
        return instead
    if not WHOLE.fullmatch(text):
        raise Problem.of(422, f"{name} is no whole number")
    return int(text)


def seconds_of(fields: Mapping[str, str]) -> float:
    """What the page measured; NaN where it could not, as without JavaScript."""
    text = fields.get("seconds", "").strip()
    if not text:
        return math.nan
    try:
        seconds = float(text)
    except ValueError:
        raise Problem.of(422, "seconds is no number") from None
    if not 0 <= seconds < math.inf:
        raise Problem.of(422, "seconds is no time")
    return min(seconds, DAY_SECONDS)


Fields = Annotated[dict[str, str], Depends(read_fields)]
