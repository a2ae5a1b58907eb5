"""The two families of errors: what Detective answers, and what the author of a test got wrong.

Knows no botocore and no state; every other module may import it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
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
    "UnmetFaults",
    "ValidationFailed",
]


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
"""Detective's own error codes, and those of AWS's front end that every service may answer."""


@attrs.define(slots=False, eq=False)
class ServiceError(Exception):
    """An answer of Detective that is an error; the caller meets it as `client.exceptions.…`.

    The HTTP status is not kept here: the service model has one for each of Detective's own codes. `status` is only for
    codes that no model lists, such as `ThrottlingException`, which the front end of AWS answers for every service.

    Attributes:
        message: The text, under `Message` on the wire.
        members: Further members of the error's shape (`ErrorCode`, `Resources`, …), by their wire names.
        error_code: The code on the wire.
        status: HTTP status, only for a code that is not in the service model.
    """

    code: ClassVar[str] = ""
    default_message: ClassVar[str] = ""

    message: str = attrs.field(default="")
    members: Mapping[str, str | Sequence[str]] = attrs.field(factory=dict)
    error_code: str = attrs.field(default="")
    status: int | None = attrs.field(default=None)

    def __attrs_post_init__(self) -> None:
        self.message = self.message or self.default_message
        self.error_code = self.error_code or self.code

    def __str__(self) -> str:
        return f"{self.error_code}: {self.message}"


class AccessDenied(ServiceError):
    """403: the caller may not perform this operation, or not on this graph."""

    code = "AccessDeniedException"
    default_message = "The request issuer does not have permission to access this resource or perform this operation."


class Conflict(ServiceError):
    """409: the membership's state or kind does not allow the action."""

    code = "ConflictException"
    default_message = "The request attempted an invalid action."


class InternalServer(ServiceError):
    """500: Detective itself failed; botocore retries it."""

    code = "InternalServerException"
    default_message = "The request was valid but failed because of a problem with the service."


class ResourceNotFound(ServiceError):
    """404: no such graph, member or investigation in this Region."""

    code = "ResourceNotFoundException"
    default_message = "The request refers to a nonexistent resource."


class ServiceQuotaExceeded(ServiceError):
    """402: more members than a graph may hold, or more data than it may take in a day."""

    code = "ServiceQuotaExceededException"
    default_message = (
        "This request cannot be completed for one of the following reasons: the request would cause the number of "
        "member accounts in the behavior graph to exceed the maximum allowed, or the data volume rate for the behavior "
        "graph is over the maximum allowed."
    )


class TooManyRequests(ServiceError):
    """429: the request rate is too high; botocore retries it."""

    code = "TooManyRequestsException"
    default_message = "The request cannot be completed because too many other requests are occurring at the same time."


class ValidationFailed(ServiceError):
    """400: the parameters are not what the service model, or a rule of the operation, allows."""

    code = "ValidationException"
    default_message = "The request parameters are invalid."


class FakeUsageError(Exception):
    """The test, not the code under test, asks for what `detective_fake` cannot do. Says what to do instead."""


@attrs.define(slots=False, eq=False)
class NotFaked(FakeUsageError):
    """The installed botocore knows a Detective operation that this version does not answer."""

    operation: str
    faked: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"detective_fake has no answer for {self.operation}; it answers {', '.join(self.faked)}. "
            f'Answer it yourself with @fake.on("{self.operation}"), stub this one call with botocore.stub.Stubber, '
            "or install a newer detective_fake."
        )


@attrs.define(slots=False, eq=False)
class UnmetFaults(FakeUsageError):
    """Faults were added that no call has met by the end of the test.

    Attributes:
        report: Each of them, with the calls that came closest.
    """

    report: str

    def __str__(self) -> str:
        return self.report
