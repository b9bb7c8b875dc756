"""Measures over MQTT."""
