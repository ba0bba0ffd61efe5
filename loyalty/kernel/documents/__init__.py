"""Documents that leave the system: one description, the same figures as PDF, XLSX and CSV."""

from loyalty.kernel.documents.charts import bars
from loyalty.kernel.documents.content import Bars, Column, Document, Figure, Kind, Table, text_of
from loyalty.kernel.documents.writing import CONTENT_TYPES, FORMATS, write

__all__ = [
    "CONTENT_TYPES",
    "FORMATS",
    "Bars",
    "Column",
    "Document",
    "Figure",
    "Kind",
    "Table",
    "bars",
    "text_of",
    "write",
]
