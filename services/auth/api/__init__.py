"""The HTTP face of auth: FastAPI routes, RFC 9457 problems, and the OAuth endpoints in their own dialect."""
