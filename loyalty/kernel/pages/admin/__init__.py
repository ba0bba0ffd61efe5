"""Lists and forms of the staff site: one base class for what a program sets up, one for what is only looked at.

Saving writes configuration only, inside the transaction that the site opens for the form, together with its audit
record. Whatever has a service behind it is a POST view of its own (``loyalty.kernel.pages.staff``).
"""

from loyalty.kernel.pages.admin.configuring import ProgramAdmin
from loyalty.kernel.pages.admin.importing import ImportingAdmin
from loyalty.kernel.pages.admin.inlines import ProgramInline
from loyalty.kernel.pages.admin.reading import ReadOnlyAdmin, column, measure

__all__ = ["ImportingAdmin", "ProgramAdmin", "ProgramInline", "ReadOnlyAdmin", "column", "measure"]
