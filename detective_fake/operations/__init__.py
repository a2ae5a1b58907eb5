"""One function an API operation: parameters and caller in, a body or a `ServiceError` out."""
