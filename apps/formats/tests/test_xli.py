"""XLI against a slow coder written from the same description, and against damage."""

import struct
from itertools import pairwise

import numpy as np
import pytest
from ecglens_formats.philips import chunks
from hypothesis import given
from hypothesis import strategies as st


def compressed(data: bytes, limit: int = 1023) -> bytes:
    """LZW as in the textbook (Welch 1984), words of 10 bits, the table full at `limit`."""
    table = {bytes([byte]): byte for byte in range(256)}
    codes, current = [], b""
    for byte in data:
        longer = current + bytes([byte])
        if longer in table:
            current = longer
            continue
        codes.append(table[current])
        if len(table) < limit:
            table[longer] = len(table)
        current = bytes([byte])
    codes += [table[current], 1023]
    bits = "".join(f"{code:010b}" for code in codes)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[place : place + 8], 2) for place in range(0, len(bits), 8))


def chunk(payload: bytes, first: int = 0) -> bytes:
    return struct.pack("<IHh", len(payload), 1, first) + payload


def coded(samples: list[int]) -> bytes:
    """A lead as XLI stores it, sample by sample."""
    slopes = [b - a for a, b in pairwise(samples)]
    bends = [a - b for a, b in pairwise(slopes)]
    stored = [*samples[:2], *(bend + 64 for bend in bends[1:]), 0]
    upper = bytes(value >> 8 & 255 for value in stored)
    lower = bytes(value & 255 for value in stored)
    return chunk(compressed(upper + lower), bends[0])


# Second differences must fit into 16 bits, as an ECG's do.
SAMPLES = st.lists(st.integers(-4000, 4000), min_size=3, max_size=400)


@given(SAMPLES)
def test_what_was_coded_comes_back(samples: list[int]) -> None:
    (lead,) = chunks(coded(samples), len(samples))
    assert lead.tolist() == samples


def test_leads_stand_one_after_the_other_and_a_full_table_grows_no_more() -> None:
    random = np.random.default_rng(0)
    leads = [random.integers(-900, 900, 5500).tolist() for _ in range(2)]
    found = list(chunks(coded(leads[0]) + coded(leads[1]), 5500))
    assert [lead.tolist() for lead in found] == leads


def test_damage_is_named() -> None:
    whole = coded(list(range(40)))
    with pytest.raises(ValueError, match="expected an XLI header at byte 0, got the end"):
        list(chunks(whole[:6], 40))
    with pytest.raises(ValueError, match=f"expected {len(whole) - 8} bytes in an XLI chunk, got"):
        list(chunks(whole[:-3], 40))
    with pytest.raises(ValueError, match="expected 82 bytes of XLI data in a lead, got 80"):
        list(chunks(whole, 41))
    with pytest.raises(ValueError, match="expected an XLI word below 256, got 300"):
        list(chunks(chunk(bytes([300 >> 2, (300 & 3) << 6])), 1))


def test_samples_beyond_16_bits_are_refused() -> None:
    falling = bytes([0] * 40), bytes([0, 0, *[255] * 38])
    with pytest.raises(ValueError, match="samples of 16 bits"):
        list(chunks(chunk(compressed(b"".join(falling)), -30000), 40))


def test_a_bomb_is_stopped_at_the_first_byte_too_many() -> None:
    """Zeros fill the table with ever longer strings; the longest is then asked for without end."""
    bits = np.unpackbits(np.frombuffer(compressed(bytes(400_000)), np.uint8))[: 760 * 10]
    bomb = np.packbits(np.concatenate((bits, np.tile(bits[-10:], 200_000)))).tobytes()
    with pytest.raises(ValueError, match="in a lead, got more than 22000"):
        list(chunks(chunk(bomb), 11_000))
