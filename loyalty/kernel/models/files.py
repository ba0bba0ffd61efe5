"""Files that the product made or took in."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.models.base import SharedModel, public_id, recorded_at


class StoredFile(SharedModel):
    """A file in the storage. Served only by a view that checks who asks."""

    public_id = public_id()
    kind = models.CharField(_("kind"), max_length=40)
    name = models.CharField(_("name"), max_length=200)
    content_type = models.CharField(_("format"), max_length=100)
    size = models.BigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=300)
    partner = models.ForeignKey(
        "partners_registry.Partner", models.PROTECT, null=True, verbose_name=_("partner"), related_name="+"
    )
    requested_by = models.ForeignKey(
        "loyalty_kernel.User", models.PROTECT, null=True, verbose_name=_("asked for by"), related_name="+"
    )
    recorded_at = recorded_at()
    expires_at = models.DateTimeField(_("kept until"), null=True)

    class Meta(SharedModel.Meta):
        db_table = "loyalty_stored_file"
        verbose_name = _("file")
        verbose_name_plural = _("files")

    def __str__(self) -> str:
        return self.name
