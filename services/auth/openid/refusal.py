"""Why a client's request is refused: as Authlib's classes raise it, and as the endpoints answer it."""

from authlib.oauth2.base import OAuth2Error, invalid_error_characters

from services.kernel.errors import HubError

_LONGEST = 500


class TokenRefused(HubError):
    """The token request is refused"""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        """One of the codes of RFC 6749, 5.2, and of what extends it."""


class Refused(OAuth2Error):
    """A refusal in our own words, in the signs that RFC 6749, 5.2 allows."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error=error, description=_allowed(description))


def refusal_of(error: OAuth2Error) -> TokenRefused:
    """Return the answer that stands for an error of Authlib's."""
    return TokenRefused(str(error.error), _allowed(str(error.get_error_description() or error.error)))


def _allowed(text: str) -> str:
    wrong = set(invalid_error_characters(text))
    return "".join("?" if sign in wrong else sign for sign in text[:_LONGEST])
