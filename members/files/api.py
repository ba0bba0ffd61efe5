"""``/files/purchases``: many purchases as one file; taken in by a job, watched by whoever sent them."""

import tempfile
import uuid
from collections.abc import Mapping
from typing import IO, Any

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.kernel.api.authentication import holder
from loyalty.kernel.api.idempotency import REPLAY_HEADER
from loyalty.kernel.api.views import BY_CONTENT, BY_STATE, ApiView
from members.activity.api.doors import refuse_elsewhere, source_of
from members.files import queries, services
from members.files.downloads import rejects_response
from members.files.reading import LARGEST_BYTES, Empty, TooLarge
from members.files.serializers import FileSerializer, file_document

_IN_MEMORY = 1 << 20
_BLOCK = 1 << 16


class FileParser(BaseParser):
    """A body that is the file itself, whatever it is called, kept outside of memory where it is large."""

    media_type = "*/*"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        kept = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        for block in iter(lambda: stream.read(_BLOCK), b""):
            kept.write(block)
            if kept.tell() > LARGEST_BYTES:
                raise TooLarge(megabytes=LARGEST_BYTES >> 20)
        return kept


class CsvRenderer(BaseRenderer):
    """Lets a caller ask for CSV; the rows themselves go past it."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        # Only problems come this way: they are JSON whatever was asked for.
        return bytes(JSONRenderer().render(data, accepted_media_type, renderer_context))


_BODY = {"text/csv": OpenApiTypes.BINARY, "application/gzip": OpenApiTypes.BINARY}
_NAME = OpenApiParameter("name", str, description="The name of the file, for people.")


class FilesView(ApiView):
    """Files of purchases."""

    required_scope = "files.write"
    once_by = BY_CONTENT
    parser_classes = [FileParser]

    @extend_schema(
        request=_BODY,
        parameters=[_NAME],
        responses={200: FileSerializer, 202: FileSerializer},
        operation_id="send_file",
    )
    def post(self, request: Request) -> Response:
        """Send a file of purchases: the body is the file, CSV or the same packed with gzip.

        It is taken in in the background; the answer says where to look. The same content again is the first file (200) and
        changes nothing.
        """
        key = holder(request)
        # A file names many stores: a key that stands at one sends its receipts singly.
        refuse_elsewhere(key, None)
        content: Any = request.data
        # Without a body there is nothing for the parser to read.
        if isinstance(content, dict):
            raise Empty()
        name = request.query_params.get("name", "")
        file, is_replay = services.receive_file(content, name=name, source=source_of(key), partner_id=key.partner_id)
        response = Response(file_document(file), status=200 if is_replay else 202)
        if is_replay:
            response[REPLAY_HEADER] = "true"
        return response


class FileView(ApiView):
    """One file."""

    required_scope = "files.write"

    @extend_schema(responses=FileSerializer, operation_id="get_file")
    def get(self, request: Request, file_id: uuid.UUID) -> Response:
        """How far a file of this key's source is, and its control totals."""
        return Response(file_document(queries.file_of(file_id, source=source_of(holder(request)))))


class FileRejectsView(ApiView):
    """What was refused of one file."""

    required_scope = "files.write"
    renderer_classes = [JSONRenderer, CsvRenderer]

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR}, operation_id="get_file_rejects")
    def get(self, request: Request, file_id: uuid.UUID) -> HttpResponseBase:
        """The rejects as CSV: line, receipt, column, code, and the reason in the language that was asked for."""
        file = queries.file_of(file_id, source=source_of(holder(request)))
        return rejects_response(file)


class FileStopView(ApiView):
    """Stopping the intake of a file."""

    required_scope = "files.write"
    once_by = BY_STATE

    @extend_schema(request=None, responses=FileSerializer, operation_id="stop_file")
    def post(self, request: Request, file_id: uuid.UUID) -> Response:
        """Stop after the present part. What is recorded stays."""
        source = source_of(holder(request))
        services.stop_file(queries.file_of(file_id, source=source))
        return Response(file_document(queries.file_of(file_id, source=source)))


class FileResumeView(ApiView):
    """Going on with a file."""

    required_scope = "files.write"
    once_by = BY_STATE

    @extend_schema(request=None, responses=FileSerializer, operation_id="resume_file")
    def post(self, request: Request, file_id: uuid.UUID) -> Response:
        """Go on where the intake was stopped or failed; nothing is recorded twice."""
        source = source_of(holder(request))
        services.resume_file(queries.file_of(file_id, source=source))
        return Response(file_document(queries.file_of(file_id, source=source)))
