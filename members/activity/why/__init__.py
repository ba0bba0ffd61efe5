"""Why a rule applied to a purchase or did not, in the reader's language. Pure but for the translations.

One message per kind of node; what is named stands in quotes or after a colon, so that no language must decline it.
"""

from members.activity.why.earned import applied
from members.activity.why.missed import not_applied
from members.activity.why.reading import Explained, read

__all__ = ["Explained", "applied", "not_applied", "read"]
