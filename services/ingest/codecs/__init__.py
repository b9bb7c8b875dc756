"""What devices send: topics and payloads, read into measures. No I/O."""
