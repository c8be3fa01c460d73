"""Find out how a text file writes its characters, and give it back as UTF-8."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from coverage.errors import LayerError

if TYPE_CHECKING:
    from coverage.layers.issues import IssueLog
    from coverage.layers.model import Source

_SAMPLE = 50_000  # bytes before and after the first that cannot be read
_DAMAGED = 0.01  # share of damaged characters up to which a text still is UTF-8
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_CONTROL = bytes(sorted(set(range(32)) - {9, 10, 13} | {127}))


def as_utf8(data: bytes, source: Source, layer: str, issues: IssueLog) -> bytes:
    """Return a text in UTF-8 without byte-order mark and control characters.

    It is taken as the source says; else as UTF-16 by its mark or its zeros, as UTF-8, which a few
    damaged characters do not change, or as GB18030, which GBK and GB2312 are part of. Statistics
    of characters are not used: they fail on short files.

    Parameters
    ----------
    data
        The file.
    source
        Where it was read, and its encoding where that is known.
    layer
        Layer it is read for.
    issues
        Where a guess, damaged characters and control characters are told.

    Raises
    ------
    LayerError
        If it is text in none of these encodings.
    """
    text = _decoded(data, source, layer, issues)
    found = text.removeprefix(b"\xef\xbb\xbf")
    clean = found.translate(None, _CONTROL)
    if len(clean) < len(found):
        name, count = source.path.name, len(found) - len(clean)
        issues.add("info", "control_characters", layer=layer, value=name, count=count)
    return clean


def _decoded(data: bytes, source: Source, layer: str, issues: IssueLog) -> bytes:
    if source.encoding is not None:
        text = _read_as(data, source.encoding)
    elif data.startswith(_UTF16):
        text = _read_as(data, "utf-16")
    else:
        text = _guessed(data, layer, issues) or _utf8(data, source, layer, issues)
        text = _read_as(data, "gb18030") if text is None else text
    if text is None:
        raise LayerError("layers.encoding", layer=layer, path=source.path)
    return text


def _read_as(data: bytes, encoding: str) -> bytes | None:
    try:
        return data.decode(encoding).encode()
    except (UnicodeError, LookupError):
        return None


def _guessed(data: bytes, layer: str, issues: IssueLog) -> bytes | None:
    """Return a text whose zeros say that it is UTF-16: every other byte of its ASCII is 0."""
    head = data[:4096]
    for encoding, high in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        zeros = high.count(0)
        # separators, digits and line ends make up a good part of any table
        if not zeros or zeros * 4 < len(high) or zeros != head.count(0):
            continue
        text = _read_as(data, encoding)
        if text is not None:
            issues.add("info", "encoding_guessed", layer=layer, value=encoding)
            return text
    return None


def _utf8(data: bytes, source: Source, layer: str, issues: IssueLog) -> bytes | None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        near = data[max(0, error.start - _SAMPLE) : error.start + _SAMPLE]
        sample = near.decode("utf-8", errors="replace")
        foreign = sum(map(len, re.findall(r"[^\x00-\x7f\ufffd]+", sample)))
        # the sample itself may begin and end within a character
        if max(sample.count("\ufffd") - 4, 1) > _DAMAGED * foreign:
            return None
        issues.add("warning", "damaged_text", layer=layer, value=source.path.name)
        return data.decode("utf-8", errors="replace").encode()
    return data
