"""Form fields of a request, checked."""

import math
import re
from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from .security import Problem

MOST_FIELDS = 50
DAY_SECONDS = 86_400.0
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
WHOLE = re.compile(r"[0-9]{1,6}", re.ASCII)
# Control characters that no keyboard types and that could break a table, except tab and newline.
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


async def read_fields(request: Request) -> dict[str, str]:
    """Fields of a form without invisible characters; Problem for files and repeated fields."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind not in FORMS:
        raise Problem.of(415, f"content type {kind!r}")
    form = await request.form(max_files=0, max_fields=MOST_FIELDS)
    fields: dict[str, str] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile) or name in fields:
            raise Problem.of(422, f"field {name!r} is a file or repeated")
        fields[name] = UNSEEN.sub("", value.replace("\r\n", "\n"))
    return fields


def read_order(order: str) -> int:
    """Number of a turn from a path; Problem if it is not a number."""
    if not WHOLE.fullmatch(order):
        raise Problem.of(404, "the turn is not a number")
    return int(order)


def whole_of(fields: Mapping[str, str], name: str, instead: int) -> int:
    """Field as a whole number; `instead` if it is empty or missing."""
    text = fields.get(name, "").strip()
    if not text:
        return instead
    if not WHOLE.fullmatch(text):
        raise Problem.of(422, f"{name} is not a whole number")
    return int(text)


def seconds_of(fields: Mapping[str, str]) -> float:
    """Time that the page measured; NaN without JavaScript."""
    text = fields.get("seconds", "").strip()
    if not text:
        return math.nan
    try:
        seconds = float(text)
    except ValueError:
        raise Problem.of(422, "seconds is not a number") from None
    if not 0 <= seconds < math.inf:
        raise Problem.of(422, "seconds is not a duration")
    return min(seconds, DAY_SECONDS)


Fields = Annotated[dict[str, str], Depends(read_fields)]
