"""The lean HTTP layer that both NGSI faces stand on: requests, responses, a router, and its OpenAPI description."""
