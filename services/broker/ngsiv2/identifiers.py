"""Identifiers that the hub gives to subscriptions and registrations: 24 hexadecimal digits, as Orion's."""

import re
import secrets
import time
from typing import Final

from services.kernel.errors import InvalidRequest

_FORM: Final = re.compile(r"[0-9a-f]{24}\Z")


def new_identifier() -> str:
    """Return a new identifier; its first eight digits are the time of creation in seconds."""
    return f"{int(time.time()):08x}{secrets.token_hex(8)}"


def check_identifier_form(text: str, what: str) -> str:
    """Return an identifier that has the form. Raises InvalidRequest."""
    if not _FORM.match(text):
        raise InvalidRequest(f"invalid {what} id: it must be 24 hexadecimal digits", field="id")
    return text
