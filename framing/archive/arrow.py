"""pyarrow, or the way to get it."""

from __future__ import annotations

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq
except ImportError as error:
    raise ImportError('archives need pyarrow: pip install "framing-score[archive]"') from error

__all__ = ["pa", "pc", "pq"]
