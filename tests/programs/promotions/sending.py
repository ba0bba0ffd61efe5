"""What a browser sends for a page of the designer that nobody touched."""

from typing import Any

from programs.promotions.design import normal, parts
from programs.promotions.design.shape import Palette, all_fields


def sent(document: dict[str, Any], palette: Palette) -> dict[str, list[str]]:
    """The fields of the page as they are sent."""
    data: dict[str, list[str]] = {}
    for field in all_fields(parts(normal(document), palette)):
        if field.kind in ("codes", "numbers", "flag"):
            data[f"{field.name}:there"] = ["1"]
        if field.kind == "flag":
            data |= {field.name: ["on"]} if field.value else {}
        elif field.kind in ("codes", "numbers"):
            data |= {field.name: field.values} if field.values else {}
        elif field.kind == "moment" and field.text:
            # A browser leaves the seconds out where there are none.
            data[field.name] = [field.text.removesuffix(":00") if field.text.count(":") > 1 else field.text]
        elif field.kind in ("choice", "boolean") and not field.text:
            data[field.name] = [field.offered[0].value if field.offered else ""]
        else:
            data[field.name] = [field.text]
    return data
