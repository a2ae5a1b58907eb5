"""How calls reach a fake: hooks in botocore, the callers' credentials, the environment, and HTTP."""
