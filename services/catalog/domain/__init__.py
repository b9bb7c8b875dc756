"""What the catalogue speaks of: pure values, no input or output."""
