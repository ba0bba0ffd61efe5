"""Signed-in clients for the tests of staff pages."""

from django.test import Client

from loyalty.kernel.models import User


def signed_in(user: User) -> Client:
    """A client with the staff cookie of a user."""
    client = Client()
    client.force_login(user)
    client.cookies["staff_session"] = client.cookies["sessionid"].value
    return client
