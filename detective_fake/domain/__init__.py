"""The rules of Amazon Detective, pure: no botocore, no JSON, no wall clock, no randomness."""
