"""The pages that people see: rendered here, in Japanese and English, usable without JavaScript."""
