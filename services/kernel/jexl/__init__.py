"""JEXL: expressions over JSON values, parsed once, evaluated without effects. Imports nothing of a service."""
