"""The OpenAPI document: how to sign in, which header keeps a write from happening twice."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The API key as a bearer token."""

    target_class = "loyalty.kernel.api.authentication.ApiKeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        text = "An API key of the program (`lk_...`), or a token that it lent (`lt_...`)"
        return {"type": "http", "scheme": "bearer", "description": text}


class ApiSchema(AutoSchema):
    """Describes one operation."""

    def get_override_parameters(self) -> list[Any]:
        parameters = [
            OpenApiParameter(
                "Accept-Language", str, OpenApiParameter.HEADER, description="Language of the words for people."
            )
        ]
        once_by = getattr(self.view, "once_by", "")
        if self.method in {"POST", "PUT", "PATCH", "DELETE"} and once_by in {"key", "external_id or key"}:
            parameters.append(
                OpenApiParameter(
                    "Idempotency-Key",
                    str,
                    OpenApiParameter.HEADER,
                    required=once_by == "key",
                    description="New for every deed, the same for its repeats. Kept for 30 days.",
                )
            )
        return parameters

    def get_description(self) -> str:  # type: ignore[override]
        required = getattr(self.view, "required_scope", "")
        if self.method != "GET":
            required = getattr(self.view, "scope_to_write", "") or required
        text = super().get_description() or ""
        return f"{text}\n\nScope of the key: `{required}`." if required else text

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix("/api/v1/").split("/")[0]]
