"""Who brings requests: hooks in botocore, and what they need to know of clients, credentials and environment."""
