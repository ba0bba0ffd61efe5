"""Codes made elsewhere as lines of a file."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export import fields

from loyalty.kernel.imports.resources import CodeWidget, ProgramResource
from rewards.vouchers.models import LONGEST_CODE, SHORTEST_CODE, CodeSource, Voucher, VoucherState, VoucherTemplate
from rewards.vouchers.signs import plain


class PoolWidget(CodeWidget):
    """A template whose codes come from a list."""

    def learn(self, codes: set[str]) -> None:
        super().learn(codes)
        self.known = {code: row for code, row in self.known.items() if row.source == CodeSource.POOL}


class VoucherResource(ProgramResource):
    """New codes for the pools of templates. A code that is known already is refused: nothing is changed by a file."""

    key = "code"
    needed_for_new = ("template",)
    help_texts = {
        "code": gettext_lazy("8 to 40 letters, digits and hyphens; each is taken once."),
        "template": gettext_lazy("The code of a voucher template whose codes come from an imported list."),
    }

    template = fields.Field("template", "template", PoolWidget(VoucherTemplate, is_required=True))

    class Meta(ProgramResource.Meta):
        model = Voucher
        fields = ("code", "template")
        import_id_fields = ("code",)

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        row["code"] = plain(row["code"])
        super().before_import_row(row, **kwargs)
        if not SHORTEST_CODE <= len(row["code"]) <= LONGEST_CODE or not row["code"].replace("-", "").isalnum():
            raise ValidationError({"code": _("Give 8 to 40 letters, digits and hyphens.")})

    def after_init_instance(self, instance: Any, new: bool, row: Any, **kwargs: Any) -> None:
        if not new:
            raise ValidationError({"code": _("This code is known already.")})
        super().after_init_instance(instance, new, row, **kwargs)
        instance.state = VoucherState.POOLED
