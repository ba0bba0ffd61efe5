"""A batch of codes from a file needs a second person: every line is worth something to whoever holds it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.kernel import proposals
from loyalty.kernel.imports import services
from rewards.vouchers.resources import VoucherResource


def _describe(arguments: Mapping[str, Any]) -> str:
    return _("Codes from the file %(name)s") % {"name": arguments["name"]}


def _carry_out(arguments: Mapping[str, Any], at: datetime) -> None:
    services.import_asked(VoucherResource, arguments)


KIND = proposals.Kind(
    code="vouchers.import", title=gettext_lazy("A batch of voucher codes"), permission="rewards.edit",
    describe=_describe, carry_out=_carry_out, settle=services.let_file_go,
)  # fmt: skip
proposals.register(KIND)
