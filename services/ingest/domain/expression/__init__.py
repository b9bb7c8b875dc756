"""JEXL with the meaning that IoT agents give it: JavaScript's values, and their transformations. No I/O."""
