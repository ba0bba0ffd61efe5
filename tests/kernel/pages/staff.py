"""Signed-in clients for the tests of staff pages."""

import re
from typing import Any

from django.test import Client

from loyalty.kernel.models import User

_OPENED = re.compile(r'name="_opened" value="([^"]+)"')


class StaffClient(Client):
    """A browser of a staff user: it sends the hidden fields of the page that it sends a form from."""

    def post(self, path: str, data: Any = None, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        if path.endswith("/change/") and isinstance(data, dict) and "_opened" not in data:
            data = {**data, **self.opened(path)}
        return super().post(path, data, *args, **kwargs)

    def opened(self, path: str) -> dict[str, str]:
        """What the form of a page carries about the moment at which it was opened."""
        found = _OPENED.search(self.get(path).content.decode())
        return {"_opened": found[1]} if found else {}


def signed_in(user: User) -> Client:
    """A client with the staff cookie of a user."""
    client = StaffClient()
    client.force_login(user)
    client.cookies["staff_session"] = client.cookies["sessionid"].value
    return client
