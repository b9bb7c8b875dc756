"""What auth keeps: rows to values and back."""
