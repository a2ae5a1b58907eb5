"""Requests and responses under botocore's service model: routes, validation, rest-json, parsed responses."""
