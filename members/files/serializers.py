"""What the API answers about a file of purchases."""

from typing import Any

from rest_framework import serializers

from loyalty.kernel import money, wording
from members.files.models import PurchaseFile
from programs.setup.models import Program

STANDINGS = ("waiting", "running", "stopped", "failed", "done", "refused")


class FileProblemSerializer(serializers.Serializer[Any]):
    """Why the file as a whole was refused."""

    code = serializers.CharField()
    detail = serializers.CharField()


class FileSerializer(serializers.Serializer[Any]):
    """A file of purchases: how far it is, and its control totals.

    Amounts are decimal text: the sums of the figures of all receipts. ``currency`` is that of the receipts, and null where they
    are in several.
    """

    id = serializers.UUIDField()
    name = serializers.CharField()
    sha256 = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    state = serializers.ChoiceField(STANDINGS)
    problem = FileProblemSerializer(allow_null=True)
    purchases = serializers.IntegerField(allow_null=True)
    lines = serializers.IntegerField(allow_null=True)
    amount = serializers.CharField(allow_null=True)
    currency = serializers.CharField(allow_null=True)
    recorded = serializers.IntegerField()
    known = serializers.IntegerField()
    rejected = serializers.IntegerField()
    accepted_amount = serializers.CharField()
    received_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


def file_document(file: PurchaseFile) -> dict[str, Any]:
    """The file as the API answers it."""
    own = Program.objects.get().currency
    places = file.decimals(own)
    problem = {"code": file.problem, "detail": wording.sentence(file.problem, file.facts)} if file.problem else None
    values = {
        "id": file.public_id, "name": file.name, "sha256": file.sha256, "source": file.source, "state": file.standing,
        "problem": problem, "purchases": file.purchases, "lines": file.lines,
        "amount": None if file.amount is None else money.to_text(file.amount, places),
        "currency": own if file.places is None else file.currency or None,
        "recorded": file.recorded, "known": file.known, "rejected": file.rejected,
        "accepted_amount": money.to_text(file.accepted_amount, places),
        "received_at": file.recorded_at, "finished_at": file.finished_at,
    }  # fmt: skip
    return dict(FileSerializer(values).data)
