"""Documents that ingest fetches itself: once by an address, or by a connector's schedule."""
