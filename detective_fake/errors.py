"""The two families of errors: those that Detective returns, and mistakes in a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "DOCS",
    "AccessDenied",
    "Conflict",
    "ErrorCode",
    "FakeUsageError",
    "InternalServer",
    "NotFaked",
    "ResourceNotFound",
    "ServiceError",
    "ServiceQuotaExceeded",
    "TooManyRequests",
    "UnusedFaults",
    "ValidationFailed",
]

DOCS: Final = "https://detective-fake.github.io/detective-fake/e/"
"""The site has a short URL for each kind of mistake that a page explains. `docs/conf.py` says where it leads."""

ErrorCode = Literal[
    "AccessDeniedException",
    "ConflictException",
    "ExpiredTokenException",
    "IncompleteSignatureException",
    "InternalFailure",
    "InternalServerException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "OptInRequired",
    "RequestExpired",
    "RequestLimitExceeded",
    "ResourceNotFoundException",
    "ServiceQuotaExceededException",
    "ServiceUnavailableException",
    "SlowDown",
    "ThrottlingException",
    "TooManyRequestsException",
    "UnrecognizedClientException",
    "ValidationException",
]
"""Detective's own error codes, and those that the AWS front end returns for every service."""


class ServiceError(Exception):
    """An error that Detective returns. Clients raise it as `client.exceptions.…`.

    The service model has the HTTP status of each of Detective's own codes. `status` is only for codes that are not in
    the model, such as `ThrottlingException`, which the AWS front end returns for every service.

    Attributes:
        message: The text, `Message` on the wire.
        members: Other members of the error's shape, such as `ErrorCode` and `Resources`, by wire names.
        error_code: The code on the wire.
        status: HTTP status, only for a code that is not in the service model.
    """

    code: ClassVar[str] = ""
    default_message: ClassVar[str] = ""

    def __init__(
        self,
        message: str = "",
        members: Mapping[str, str | Sequence[str]] | None = None,
        error_code: str = "",
        status: int | None = None,
    ) -> None:
        super().__init__(message, members, error_code, status)
        self.message = message or self.default_message
        self.members: Mapping[str, str | Sequence[str]] = members or {}
        self.error_code = error_code or self.code
        self.status = status

    def __str__(self) -> str:
        return f"{self.error_code}: {self.message}"


class AccessDenied(ServiceError):
    """403: the caller may not perform this operation, or not on this graph."""

    code = "AccessDeniedException"
    default_message = "The request issuer does not have permission to access this resource or perform this operation."


class Conflict(ServiceError):
    """409: the status or type of the membership does not allow the action."""

    code = "ConflictException"
    default_message = "The request attempted an invalid action."


class InternalServer(ServiceError):
    """500: Detective failed. botocore retries it."""

    code = "InternalServerException"
    default_message = "The request was valid but failed because of a problem with the service."


class ResourceNotFound(ServiceError):
    """404: no such graph, member or investigation in this Region."""

    code = "ResourceNotFoundException"
    default_message = "The request refers to a nonexistent resource."


class ServiceQuotaExceeded(ServiceError):
    """402: the graph would exceed its quota of members or of data per day."""

    code = "ServiceQuotaExceededException"
    default_message = (
        "This request cannot be completed for one of the following reasons: the request would cause the number of "
        "member accounts in the behavior graph to exceed the maximum allowed, or the data volume rate for the behavior "
        "graph is over the maximum allowed."
    )


class TooManyRequests(ServiceError):
    """429: the request rate is too high. botocore retries it."""

    code = "TooManyRequestsException"
    default_message = "The request cannot be completed because too many other requests are occurring at the same time."


class ValidationFailed(ServiceError):
    """400: the parameters violate the service model or a rule of the operation."""

    code = "ValidationException"
    default_message = "The request parameters are invalid."


class FakeUsageError(Exception):
    """A mistake in the test, not in the code under test. The text says what to do instead."""


class NotFaked(FakeUsageError):
    """The installed botocore has a Detective operation that this version does not support."""

    def __init__(self, operation: str, faked: tuple[str, ...]) -> None:
        super().__init__(operation, faked)
        self.operation = operation
        self.faked = faked

    def __str__(self) -> str:
        return (
            f"detective_fake does not support {self.operation}. It supports {', '.join(self.faked)}. "
            f'Answer it yourself with @fake.on("{self.operation}"), stub this one call with botocore.stub.Stubber, '
            f"or install a newer detective_fake. See {DOCS}not-faked"
        )


class UnusedFaults(FakeUsageError):
    """A fault that the test added was not used by any call. The text lists the faults, with the most similar calls."""
