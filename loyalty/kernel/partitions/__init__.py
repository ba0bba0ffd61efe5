"""Large tables in ranges of their keys, a month each: a switch that an operator turns, see docs/operations.md.

Keys ascend with time (``loyalty.kernel.ids``), so a range of keys is a month. ``settings.PARTITIONED`` names the tables for
which that is possible: every unique key of theirs holds the id, and no foreign key leads to them.
"""
