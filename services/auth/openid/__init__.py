"""OAuth 2.1 and OpenID Connect: how people sign in, what they let applications do, and the tokens that come of it."""
