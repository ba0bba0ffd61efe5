"""Conditions of the promotion language said in SQL, with the same three-valued answers. Pure: text and parameters."""

from members.segments.sql.ground import Ground
from members.segments.sql.parameters import Parameters
from members.segments.sql.refusing import refused_parts
from members.segments.sql.sight import within
from members.segments.sql.statement import Select, Wanted, select_members

__all__ = ["Ground", "Parameters", "Select", "Wanted", "refused_parts", "select_members", "within"]
