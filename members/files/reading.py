"""The bytes of a file as lines of cells, as a stream: however large it is, a line of it is in memory."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from typing import IO

from members.files import layout
from members.files.layout import FileRefused, Totals

LARGEST_BYTES = 200 * 1024 * 1024
LARGEST_UNPACKED = 1024 * 1024 * 1024
LONGEST_LINE = 100_000
_GZIP = b"\x1f\x8b"


class Empty(FileRefused):
    """No purchases in it."""

    code = "files.empty"


class CutOff(FileRefused):
    """The file ends before its last line: a part of it is missing."""

    code = "files.cut_off"


class NotUtf8(FileRefused):
    """Text in another encoding."""

    code = "files.not_utf8"


class TooLarge(FileRefused):
    """More bytes than are taken at once."""

    code = "files.too_large"


class LineRefused(FileRefused):
    """A line has more or fewer cells than the heading, or stands behind the end."""

    code = "files.line_refused"


class _Bounded(io.RawIOBase):
    """A stream that refuses to go on for ever: a packed file may hold a mountain."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._left = stream, LARGEST_UNPACKED

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise TooLarge(megabytes=LARGEST_UNPACKED >> 20)
        buffer[: len(data)] = data
        return len(data)


class Reading:
    """One pass through a file: its purchases' lines, then its totals."""

    def __init__(self, content: IO[bytes]) -> None:
        is_packed = content.read(2) == _GZIP
        content.seek(0)
        plain: IO[bytes] = gzip.GzipFile(fileobj=content) if is_packed else content  # type: ignore[assignment]
        buffered = io.BufferedReader(_Bounded(plain), 1 << 16)  # type: ignore[type-var]
        self._text = io.TextIOWrapper(buffered, encoding="utf-8-sig", newline="")
        self.names: list[str] = []
        self.totals: Totals | None = None

    def rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        """The number of each line in the file and its cells in the order of ``names``, the totals left out.

        :raises FileRefused: not to be read, of an unknown layout, or cut off.
        """
        try:
            yield from self._rows()
        except UnicodeDecodeError as problem:
            raise NotUtf8() from problem
        except EOFError as problem:
            raise CutOff() from problem
        except (csv.Error, gzip.BadGzipFile, zlib.error) as problem:
            raise FileRefused() from problem
        if self.totals is None:
            raise CutOff()

    def _lines(self, first: str) -> Iterator[str]:
        line = first
        while line:
            if len(line) >= LONGEST_LINE or "\0" in line:
                raise FileRefused()
            yield line
            line = self._text.readline(LONGEST_LINE)

    def _rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        first = self._text.readline(LONGEST_LINE)
        if not first.strip():
            raise Empty()
        lines = csv.reader(self._lines(first), delimiter=max(";,\t", key=first.count), strict=True)
        self.names = layout.places(next(lines))
        width, before = len(self.names), lines.line_num
        odd: int | None = None
        for cells in lines:
            number, before = before + 1, lines.line_num
            while len(cells) > width and not cells[-1].strip():
                cells.pop()
            bare = [cell.strip() for cell in cells]
            if not any(bare):
                continue
            if self.totals is not None or odd is not None:
                raise LineRefused(line=odd or number)
            if bare[0] == layout.END:
                self.totals = _totals(cells)
            elif len(cells) != width:
                # The last line of all: the file was cut in the middle of it.
                odd = number
            else:
                yield number, bare


def _totals(cells: Sequence[str]) -> Totals:
    figures = [cell.strip() for cell in cells[1:]]
    while figures and not figures[-1]:
        figures.pop()
    if len(figures) != 3 or not all(figure.isascii() and figure.isdigit() for figure in figures[:2]):
        raise CutOff()
    return Totals(int(figures[0]), int(figures[1]), figures[2])
