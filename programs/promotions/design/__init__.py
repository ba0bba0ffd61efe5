"""A promotion as a form: the fields of its document, what may be added to it, and back from what was typed.

The same description draws the form and reads it: a value that has no field can never be set.
"""

from programs.promotions.design.edits import Edit, edit_of, edited, normal, tidied
from programs.promotions.design.fields import Field
from programs.promotions.design.reading import read
from programs.promotions.design.rows import Part, Row
from programs.promotions.design.shape import parts

__all__ = ["Edit", "Field", "Part", "Row", "edit_of", "edited", "normal", "parts", "read", "tidied"]
