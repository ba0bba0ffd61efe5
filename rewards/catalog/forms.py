"""The form of a reward, with its picture."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import Image
from unfold.widgets import UnfoldAdminFileFieldWidget

from loyalty.kernel import files, wording
from loyalty.kernel.pages.forms import ProgramForm
from rewards.catalog import pictures

LARGEST_BYTES = 2 * 1024 * 1024
LARGEST_SIDE = 4000
CONTENT_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}


class RewardForm(ProgramForm):
    """A reward; ``upload`` replaces its picture."""

    upload = forms.FileField(
        label=gettext_lazy("Picture"),
        required=False,
        widget=UnfoldAdminFileFieldWidget({"accept": ",".join(CONTENT_TYPES.values())}),
        help_text=gettext_lazy("PNG, JPEG or WebP, at most 2 MB and 4000 pixels a side. Replaces the present picture."),
    )

    def clean_upload(self) -> Any:
        """A picture that opens, of a kind that browsers show; its kind is read from its content, never its name."""
        upload = self.cleaned_data.get("upload")
        if not upload:
            return None
        if upload.size > LARGEST_BYTES:
            raise forms.ValidationError(_("The picture is larger than 2 MB. Save it smaller and try again."))
        kind = self._kind(upload)
        upload.seek(0)
        content = pictures.without_metadata(upload.read(), kind)
        bare = SimpleUploadedFile(upload.name, content, CONTENT_TYPES[kind])
        try:
            files.check_quota(bare)
        except files.QuotaReached as refusal:
            raise forms.ValidationError(wording.sentence(refusal.code, refusal.facts)) from refusal
        return bare

    @staticmethod
    def _kind(upload: Any) -> str:
        try:
            with Image.open(upload, formats=list(CONTENT_TYPES)) as picture:
                kind, sides = str(picture.format), picture.size
                picture.verify()
            if max(sides) > LARGEST_SIDE:
                raise forms.ValidationError(_("The picture is larger than 4000 pixels a side. Save it smaller."))
            # That its pixels are all there shows only when they are drawn.
            upload.seek(0)
            with Image.open(upload, formats=[kind]) as picture:
                picture.load()
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as problem:
            raise forms.ValidationError(_("This is not a PNG, JPEG or WebP picture, or it is damaged.")) from problem
        return kind

    def clean(self) -> dict[str, Any]:
        """What the database would refuse is said in words first."""
        values = super().clean() or self.cleaned_data
        starts_at, ends_at = values.get("starts_at"), values.get("ends_at")
        if starts_at and ends_at and ends_at <= starts_at:
            self.add_error("ends_at", _("The end of the sale must come after its beginning."))
        point_type = values.get("point_type")
        if point_type is not None and not point_type.is_spendable:
            self.add_error("point_type", _("Points of this type only count, they cannot be spent. Choose another."))
        return values
