"""Tenants, clients, tokens: the authorisation server of the hub."""
