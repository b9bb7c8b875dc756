"""Streams of a tenant's changes for browsers: Server-Sent Events (WHATWG HTML, 9.2), in either face's words."""
