"""One function for each API operation. It takes a `Call` and returns a body or raises a `ServiceError`."""
