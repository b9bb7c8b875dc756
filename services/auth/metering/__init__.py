"""Metering at auth: what the services hand over, added up by tenant, client, kind and day, and shown."""
