"""Notifications: leasing lanes of the outbox, rendering in the subscriber's dialect, sending, settling."""
