"""The rejects of a file as a download, for people and for machines."""

from django.http import StreamingHttpResponse

from members.files import queries
from members.files.models import PurchaseFile


def rejects_response(file: PurchaseFile) -> StreamingHttpResponse:
    """The rejects as CSV in the reader's language."""
    response = StreamingHttpResponse(queries.rejects_as_csv(file), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="rejects-{file.public_id}.csv"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
