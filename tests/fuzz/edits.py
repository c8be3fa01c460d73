"""Damage done to files: edits of bytes that hypothesis can shrink, inside a package or outside."""

from __future__ import annotations

import bz2
import io
import re
import zipfile
from dataclasses import dataclass
from typing import Literal

from hypothesis import strategies as st

Packed = Literal["", "zip", "bz2"]

# what readers trip over: ends of ranges, no numbers, quotes, nesting, formulas, broken characters
PAYLOADS = (
    b"", b"\0", b"\xff", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\x80", b"\r\n",
    b"0", b"-1", b"1e999", b"-1e308", b"nan", b"inf", b"99999999999999999999", b"1900-02-30",
    b"<", b"&", b"&x;", b'"', b"'", b",", b"=", b"[", b"]", b"{}", b"null", b"true", b"#",
    b"[[1]]", b"[" * 40, b'"\\ud800"', "　".encode(), "①".encode(), "٣".encode(), b"\x81\x30",
    b"..", b"/etc/passwd", b"1" * 5000, b"9:9:9", b"07:32:00", b"1979-05-27T00:00:00Z",
)  # fmt: skip
_KINDS = ("put", "insert", "drop", "twice", "cut", "word")
_WORD = re.compile(rb"[\w.+\-]+")
_SCALE = 1 << 20  # places are fractions of a file, so that they shrink with it


@dataclass(frozen=True)
class Edit:
    """One damage: what is done, where (a fraction of the file), how long, with what."""

    kind: str
    at: int
    length: int
    payload: bytes

    def applied(self, data: bytes) -> bytes:
        """Return data with the damage done."""
        at = len(data) * self.at // _SCALE
        end = min(at + self.length, len(data))
        if self.kind == "put":
            return data[:at] + self.payload + data[at + len(self.payload) :]
        if self.kind == "insert":
            return data[:at] + self.payload + data[at:]
        if self.kind == "drop":
            return data[:at] + data[end:]
        if self.kind == "twice":
            return data[:end] + data[at:end] + data[end:]
        if self.kind == "cut":
            return data[:at]
        word = _WORD.search(data, at)
        return data if word is None else data[: word.start()] + self.payload + data[word.end() :]


EDITS = st.lists(
    st.builds(
        Edit,
        st.sampled_from(_KINDS),
        st.integers(0, _SCALE - 1),
        st.sampled_from((1, 2, 7, 40, 300)),
        st.sampled_from(PAYLOADS) | st.binary(min_size=1, max_size=6),
    ),
    min_size=1,
    max_size=4,
)


def damaged(data: bytes, edits: list[Edit], packed: Packed, member: int) -> bytes:
    """Return a file damaged: the content of a package, or every third time the package itself."""
    if packed and member % 3:
        return _bz2(data, edits) if packed == "bz2" else _zip(data, edits, member // 3)
    for edit in edits:
        data = edit.applied(data)
    return data


def _bz2(data: bytes, edits: list[Edit]) -> bytes:
    return bz2.compress(damaged(bz2.decompress(data), edits, "", 0))


def _zip(data: bytes, edits: list[Edit], member: int) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(written, "w") as new:
        names = old.namelist()
        for number, name in enumerate(names):
            content = old.read(name)
            if number == member % len(names):
                content = damaged(content, edits, "", 0)
            new.writestr(name, content)
    return written.getvalue()
