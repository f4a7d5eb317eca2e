"""XLI, the compression of Philips cardiographs: LZW over the bytes of second differences.

Philips has published no description. This follows the public one of sierra-ecg-tools (C. Watford,
MIT licence, github.com/sixlettervariables/sierra-ecg-tools). Each lead is a chunk: its length in
bytes (uint32, little-endian), two bytes of unknown meaning, the first difference (int16), then code
words. The words hold the upper bytes of all samples, then their lower bytes.
"""

import struct
from collections.abc import Iterator

import numpy as np
from jaxtyping import Int

HEADER = struct.Struct("<IHh")
CODE_BITS = 10
# The table of strings is full at 1023; this word itself ends the stream.
END = 2**CODE_BITS - 1
# Added to a second difference before it is stored.
BIAS = 64


def chunks(data: bytes, samples: int) -> Iterator[Int[np.ndarray, " time"]]:
    """Leads of XLI data as they are stored, each with `samples` samples.

    Raises ValueError when a chunk is cut short, damaged, or holds more or fewer samples.
    """
    place = 0
    while place < len(data):
        if place + HEADER.size > len(data):
            raise ValueError(f"expected an XLI header at byte {place}, got the end of the data")
        size, _, first = HEADER.unpack_from(data, place)
        place += HEADER.size
        if place + size > len(data):
            left = len(data) - place
            raise ValueError(f"expected {size} bytes in an XLI chunk, got {left}")
        raw = decompressed(data[place : place + size], 2 * samples)
        place += size
        yield integrated(raw, first)


def decompressed(data: bytes, size: int) -> bytes:
    """Bytes of LZW data with words of 10 bits, upper bit first.

    Raises ValueError for more or fewer than `size` bytes. It stops at the first extra byte, because
    one word can stand for hundreds of bytes.
    """
    bits = np.unpackbits(np.frombuffer(data, np.uint8))
    words = bits[: len(bits) // CODE_BITS * CODE_BITS].reshape(-1, CODE_BITS)
    codes = words @ (1 << np.arange(CODE_BITS)[::-1])
    table = [bytes([byte]) for byte in range(256)]
    out, previous = bytearray(), b""
    for code in codes.tolist():
        if code == END:
            break
        if code < len(table):
            entry = table[code]
        elif code == len(table) and previous:
            entry = previous + previous[:1]
        else:
            raise ValueError(f"expected an XLI word below {len(table)}, got {code}")
        if previous and len(table) < END:
            table.append(previous + entry[:1])
        out += entry
        previous = entry
        if len(out) > size:
            break
    if len(out) != size:
        got = f"more than {size}" if len(out) > size else str(len(out))
        raise ValueError(f"expected {size} bytes of XLI data in a lead, got {got}")
    return bytes(out)


def integrated(raw: bytes, first: int) -> Int[np.ndarray, " time"]:
    """Samples from two bytes each: two samples as they are, then second differences.

    A difference is stored one sample late; the header has the first one.
    """
    upper, lower = np.frombuffer(raw, np.uint8).reshape(2, -1).astype(np.int64)
    stored = (upper << 8 | lower).astype(np.uint16).view(np.int16).astype(np.int64)
    bend = -np.concatenate(([first], stored[2:-1] - BIAS))
    slope = stored[1] - stored[0] + np.cumsum(bend)
    samples = np.concatenate((stored[:2], stored[1] + np.cumsum(slope)))
    if np.abs(samples).max() > np.iinfo(np.int16).max:
        raise ValueError("expected samples of 16 bits in XLI data, got larger ones")
    return samples
