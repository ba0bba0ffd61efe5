"""Who can sign in to the demo, for the lines that `make run` prints."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from loyalty.demo import logins


class Command(BaseCommand):
    help = "List one demo login per role."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="as a JSON list")

    def handle(self, *args: Any, **options: Any) -> None:
        found = [login for login in logins.LOGINS if logins.exists(login)]
        if options["json"]:
            keys = ("role", "email", "password", "path")
            names = {"email": "login"}
            rows = [{names.get(key, key): getattr(login, key) for key in keys} for login in found]
            self.stdout.write(json.dumps(rows))
            return
        for login in found:
            self.stdout.write(f"{login.role:12} {login.email:28} {login.password:20} {login.path}")
