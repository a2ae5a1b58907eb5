"""Botocore's own service model at work: routes, shapes, constraints, error statuses, and the wire form of an answer."""
