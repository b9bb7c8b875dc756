"""Values of OpenID Connect: applications, what they ask for, sessions, and what people let applications do."""
