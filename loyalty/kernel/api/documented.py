"""Every problem answer of the OpenAPI document, and the headers that say how much the key may still ask."""

from typing import Any

from loyalty.kernel.api.problems import MEDIA_TYPE

ALWAYS = {
    401: "No usable key",
    403: "The key lacks the scope",
    404: "Not here",
    406: "Only JSON is answered",
    429: "Too many requests: wait",
    500: "A fault on our side; nothing was changed",
}
# What only a request that brings something can get wrong.
OF_BODIES = {
    409: "The present state does not allow it, or the first request still runs",
    415: "Only JSON is read",
    422: "A rule of the program refuses it, or the key was used with another body",
}
# A request without a body may still name what a rule refuses: days, a currency, a page.
OF_INPUT = {400: "Malformed", 422: OF_BODIES[422]}
WRITES = frozenset({"post", "put", "patch", "delete"})

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "A problem by RFC 9457. `code` is stable; `detail` is in the language of `Accept-Language`.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {
                    "field": {"type": "string", "description": "Path in the body, such as `lines.0.qty`."},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
        "until": {
            "type": "string",
            "format": "date-time",
            "description": "When what holds it back ends, or has ended.",
        },
        "at": {"type": "string", "format": "date-time", "description": "The instant in the request that is refused."},
        "trace": {"type": "string"},
    },
}
HEADERS: dict[str, str] = {
    "RateLimit-Limit": "Requests a second that the key may make.",
    "RateLimit-Remaining": "How many are left of them, as far as the answering process knows.",
    "RateLimit-Reset": "Seconds until they are all there again.",
}


def document_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Add the problem answers and the rate limit's headers to every operation of the OpenAPI document."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components["headers"] = {
        **{name: {"description": text, "schema": {"type": "integer"}} for name, text in HEADERS.items()},
        "Retry-After": {"description": "Seconds to wait before the next try.", "schema": {"type": "integer"}},
    }
    for path in result.get("paths", {}).values():
        for method, operation in path.items():
            if operation.get("security", [{}]) != [{}]:  # open to all: the document itself
                _document(operation, is_write=method in WRITES)
    return result


def _document(operation: dict[str, Any], *, is_write: bool) -> None:
    responses = operation["responses"]
    has_input = is_write or any(one["in"] == "query" for one in operation.get("parameters", []))
    texts = ALWAYS | (OF_BODIES if is_write else {}) | (OF_INPUT if has_input else {})
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status, text in sorted(texts.items()):
        responses.setdefault(str(status), {"description": text, "content": content})
    for status, response in responses.items():
        names = [*HEADERS, "Retry-After"] if status in {"409", "429"} else list(HEADERS)
        if status not in {"401", "500"}:
            response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
