"""The segments' pages of the staff site."""

from members.segments.pages.acting import act, remove
from members.segments.pages.designing import begin, design
from members.segments.pages.listing import segment, segments

__all__ = ["act", "begin", "design", "remove", "segment", "segments"]
