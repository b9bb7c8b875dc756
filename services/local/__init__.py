"""What `hiroba up` runs on one machine: embedded PostgreSQL, an MQTT broker, the supervisor and the demo."""
