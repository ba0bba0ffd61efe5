"""The form of an answer: the short way answers as the framework's own does."""

from typing import Any

import pytest
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from loyalty.kernel.api.views import Negotiation
from members.ledger.api.statements import CsvRenderer, PdfRenderer

JSON, TWO = [JSONRenderer()], [CsvRenderer(), PdfRenderer()]


def chosen(negotiation: DefaultContentNegotiation, renderers: list[Any], query: str, **headers: str) -> Any:
    request = Request(APIRequestFactory().get(f"/api/v1/rewards{query}", **headers))
    try:
        return negotiation.select_renderer(request, renderers)
    except NotAcceptable as refused:
        return type(refused)


@pytest.mark.parametrize("renderers", [JSON, TWO])
@pytest.mark.parametrize("query", ["", "?limit=2", "?format=json", "?format=pdf", "?format=xml"])
@pytest.mark.parametrize(
    "accept",
    [
        None, "", "*/*", "application/json", "application/json; indent=4", "text/csv", "application/pdf", "text/*",
        "text/html", "text/html, */*;q=0.8", "application/json, application/pdf",
    ],
)  # fmt: skip
def test_is_what_the_framework_chooses(renderers, query, accept):
    headers = {} if accept is None else {"HTTP_ACCEPT": accept}
    try:
        expected = chosen(DefaultContentNegotiation(), renderers, query, **headers)
    except Exception as problem:
        with pytest.raises(type(problem)):
            chosen(Negotiation(), renderers, query, **headers)
    else:
        assert chosen(Negotiation(), renderers, query, **headers) == expected
