"""The two families of errors and their attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from typing_extensions import assert_type

from detective_fake import FakeUsageError, NotFaked, ServiceError
from detective_fake.errors import UnusedFaults

refusal = ServiceError("No.", {"ErrorCode": "INVALID_GRAPH_ARN"}, "ValidationException", 400)
assert_type(refusal.message, str)
assert_type(refusal.members, Mapping[str, str | Sequence[str]])
assert_type(refusal.error_code, str)
assert_type(refusal.status, int | None)
ServiceError(400)  # type: ignore[arg-type]
ServiceError(code="ConflictException")  # type: ignore[call-arg]

mistake: FakeUsageError = NotFaked("PauseGraph", ("CreateGraph",))
mistake = UnusedFaults("CreateMembers: none")
assert_type(NotFaked("PauseGraph", ()).operation, str)
assert_type(NotFaked("PauseGraph", ()).faked, tuple[str, ...])
mistake = refusal  # type: ignore[assignment]

try:
    raise mistake
except (FakeUsageError, ServiceError) as error:
    assert_type(error, FakeUsageError | ServiceError)
