"""What figures and the lab share: points to start from, numbers as text, pixels as a PNG."""

from __future__ import annotations

import base64
import math
import struct
import zlib
from decimal import ROUND_HALF_UP, Decimal

import numpy as np


def starts(n: int, seed: int = 0) -> np.ndarray:
    """n standard normal points, (n, 2) float64, from a golden-ratio sequence: the same in the lab.

    u1, u2 = frac(0.5 + k / rho), frac(0.5 + k / rho^2) with k = i + 1 + 1000 seed and rho the
    plastic number, then Box and Muller. Deterministic and evenly spread; not random numbers.
    Raises ValueError for a negative n or seed. Source: Roberts 2018, the R2 sequence.
    """
    if n < 0 or seed < 0:
        raise ValueError(f"starts needs n >= 0 and seed >= 0; got n={n}, seed={seed}")
    rho = 1.324717957244746
    k = np.arange(n) + 1.0 + 1000 * seed
    u1, u2 = np.mod(0.5 + k / rho, 1), np.mod(0.5 + k / (rho * rho), 1)
    radius = np.sqrt(-2 * np.log(1 - u1))
    return np.stack([radius * np.cos(2 * np.pi * u2), radius * np.sin(2 * np.pi * u2)], axis=1)


MISSING = "\N{EN DASH}"
"""What stands where there is no number: a minus sign is another character."""


def format_number(value: float | None) -> str:
    """A number as the lab prints it: three significant digits, MISSING for what is not finite.

    Halves round away from zero, as JavaScript's own formatting does; the minus sign is U+2212.
    """
    return _plain(value).replace("-", "\N{MINUS SIGN}") if _known(value) else MISSING


def _known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _plain(value: float) -> str:
    size = abs(value)
    if size == 0:
        return "0"
    exact = Decimal(float(value))
    unit = Decimal(1) if 1000 <= size < 1e5 else Decimal(1).scaleb(exact.adjusted() - 2)
    rounded = exact.quantize(unit, ROUND_HALF_UP)
    if size < 1e-3 or size >= 1e5:
        mantissa, exponent = f"{rounded:.2e}".split("e")
        return f"{mantissa}e{int(exponent)}"
    if size < 1000 and rounded.adjusted() > exact.adjusted():  # 9.996 becomes 10.0
        rounded = rounded.quantize(unit.scaleb(1))
    return f"{rounded:f}"


def data_uri(pixels: np.ndarray, level: int = 0) -> str:
    """uint8 (H, W), (H, W, 3) or (H, W, 4) as a PNG; level 0 gives the same bytes everywhere."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    height, width, *channels = pixels.shape
    kind = {(): 0, (3,): 2, (4,): 6}[tuple(channels)]
    head = struct.pack(">2I5B", width, height, 8, kind, 0, 0, 0)
    lines = np.insert(pixels.reshape(height, -1), 0, 0, axis=1).tobytes()
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines, level)) + chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + body).decode("ascii")
