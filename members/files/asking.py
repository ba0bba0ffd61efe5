"""A file of purchases that a person sends needs a second person: its lines become points."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import IO, Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.kernel import files, proposals
from loyalty.kernel.models import User
from members.files import queries, services
from members.files.models import PurchaseFile

KEPT_AFTER = timedelta(days=30)


def ask_for_file(
    content: IO[bytes], *, name: str, source: str, partner_id: int | None, user: User, at: datetime
) -> PurchaseFile | None:
    """Keep a file and ask somebody else; nothing is queued. The earlier file where the same content came before.

    :raises Empty: there are no bytes.
    :raises TooLarge: there are too many.
    """
    services.check_size(content)
    earlier = PurchaseFile.objects.filter(source=source, sha256=files.digest_of(content)).first()
    if earlier is not None:
        return queries.file_of(earlier.public_id)
    kept = files.store(
        content, kind="purchases-asked", name=name[-200:] or "purchases.csv", content_type="application/octet-stream",
        partner_id=partner_id, user=user,
    )  # fmt: skip
    wanted = {"file": str(kept.public_id), "name": kept.name, "source": source, "partner": partner_id}
    proposals.propose(KIND.code, wanted, note="", at=at)
    return None


def _describe(arguments: Mapping[str, Any]) -> str:
    if arguments["partner"] is None:
        return f"{arguments['name']}, {_('our own purchases')}"
    return _("%(name)s, from %(source)s") % {"name": arguments["name"], "source": arguments["source"]}


def _carry_out(arguments: Mapping[str, Any], at: datetime) -> None:
    kept = files.find(UUID(arguments["file"]))
    with files.open_content(kept) as content:
        services.receive_file(
            content, name=arguments["name"], source=arguments["source"], partner_id=arguments["partner"],
            user=kept.requested_by,
        )  # fmt: skip


def _let_go(arguments: Mapping[str, Any], at: datetime) -> None:
    files.let_expire(UUID(arguments["file"]), at + KEPT_AFTER)


KIND = proposals.Kind(
    code="purchases.file", title=gettext_lazy("A file of purchases"), permission="files.take", describe=_describe,
    carry_out=_carry_out, settle=_let_go,
)  # fmt: skip
proposals.register(KIND)
