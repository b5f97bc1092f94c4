"""Describe the colours of HDR pictures by a profile that every viewer can apply.

Pillow decodes an HDR picture to the values as coded and drops what they mean (CICP), so that white
would become grey. The profile says what they mean on an ordinary display: the white of a page is
the reference white of HDR, 203 nits (ITU-R BT.2408), and what is brighter is compressed.
"""

import math
import struct
from collections.abc import Callable
from functools import cache

from open_event_uploads.imaging.metadata import Cicp, read_cicp

_REFERENCE_WHITE_NITS = 203
# Linear levels up to this one stay as they are.
_KNEE = 0.75

# ITU-T H.273, table 2: red, green and blue in XYZ, adapted to D50.
_COLORANTS = {
    1: ((0.4360, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)),
    9: ((0.6735, 0.2790, -0.0019), (0.1657, 0.6753, 0.0300), (0.1251, 0.0456, 0.7969)),
    12: ((0.5151, 0.2412, -0.0011), (0.2919, 0.6922, 0.0419), (0.1572, 0.0666, 0.7841)),
}
_D50 = (0.9642, 1.0, 0.8249)
_LEVELS = 256


def hdr_profile(content: bytes) -> bytes | None:
    """Return the profile of an HDR picture; None for other pictures, and unknown colours."""
    cicp = read_cicp(content)
    if cicp is None or cicp.primaries not in _COLORANTS or cicp.transfer not in _NITS:
        return None
    return _profile_of(cicp)


@cache
def _profile_of(cicp: Cicp) -> bytes:
    nits, colorants = _NITS[cicp.transfer], _COLORANTS[cicp.primaries]
    levels = [_compress(nits(n / (_LEVELS - 1)) / _REFERENCE_WHITE_NITS) for n in range(_LEVELS)]
    curve = struct.pack(f">4s4xI{_LEVELS}H", b"curv", _LEVELS, *(round(n * 65535) for n in levels))
    return _make_profile(
        {
            b"desc": _text("HDR on an ordinary display"),
            b"cprt": _text("No copyright, use freely"),
            b"wtpt": _xyz(_D50),
            **{
                name: _xyz(each)
                for name, each in zip((b"rXYZ", b"gXYZ", b"bXYZ"), colorants, strict=True)
            },
            **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
        }
    )


def _compress(level: float) -> float:
    if level <= _KNEE:
        return level
    rest = (level - _KNEE) / (1 - _KNEE)
    return _KNEE + (1 - _KNEE) * rest / (1 + rest)


def _perceptual_quantizer(signal: float) -> float:
    """Return the luminance of a signal, nits (ITU-R BT.2100, table 4)."""
    power = signal ** (32 / 2523)
    ratio = max(0.0, power - 107 / 128) / (2413 / 128 - 2392 / 128 * power)
    return 10_000 * float(ratio ** (8192 / 1305))


def _hybrid_log_gamma(signal: float) -> float:
    """Return the luminance of a signal on a display of 1,000 nits (ITU-R BT.2100, table 5)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = signal**2 / 3 if signal <= 1 / 2 else (math.exp((signal - c) / a) + b) / 12
    return 1000 * float(scene**1.2)


# ITU-T H.273, table 3.
_NITS: dict[int, Callable[[float], float]] = {16: _perceptual_quantizer, 18: _hybrid_log_gamma}


def _make_profile(tags: dict[bytes, bytes]) -> bytes:
    """Make a display profile (ICC.1:2022, section 7); equal data is stored once."""
    # The header, the number of tags, and a row for each.
    start = 128 + 4 + 12 * len(tags)
    places: dict[bytes, int] = {}
    for data in tags.values():
        if data not in places:
            places[data] = start
            start += len(data)
    table = struct.pack(">I", len(tags))
    for name, data in tags.items():
        table += struct.pack(">4sII", name, places[data], len(data))
    head = struct.pack(
        ">I4xI4s4s4s12x4s28x12s48x",
        start,
        0x04400000,  # version 4.4
        *(b"mntr", b"RGB ", b"XYZ ", b"acsp"),
        struct.pack(">3i", *map(_fixed, _D50)),
    )
    return head + table + b"".join(places)


def _xyz(values: tuple[float, ...]) -> bytes:
    return struct.pack(">4s4x3i", b"XYZ ", *map(_fixed, values))


def _fixed(value: float) -> int:
    return round(value * 65536)


def _text(text: str) -> bytes:
    coded = text.encode("utf-16-be")
    coded += bytes(-len(coded) % 4)
    return struct.pack(">4s4xII4sII", b"mluc", 1, 12, b"enUS", len(text) * 2, 28) + coded
