"""The two families of errors."""

from __future__ import annotations

import pickle
from typing import Any

import botocore.session
import pytest

from detective_fake import errors
from detective_fake.errors import DOCS, AccessDenied, FakeUsageError, NotFaked, ServiceError, UnusedFaults

MODEL: Any = botocore.session.get_session().get_service_model("detective")
MODELLED = {shape.error_code: shape for shape in MODEL.error_shapes}
OURS: list[type[ServiceError]] = ServiceError.__subclasses__()


class TestServiceErrors:
    def test_there_is_one_for_each_modelled_error(self) -> None:
        """The subclasses of ServiceError are exactly the errors of the service model."""
        assert {each.code for each in OURS} == set(MODELLED)

    @pytest.mark.parametrize("error", OURS)
    def test_the_docstring_begins_with_the_status(self, error: type[ServiceError]) -> None:
        """The docstring begins with the HTTP status from the service model."""
        assert str(error.__doc__).startswith(f"{MODELLED[error.code].metadata['error']['httpStatusCode']}:")

    @pytest.mark.parametrize("error", OURS)
    def test_the_message_has_a_default(self, error: type[ServiceError]) -> None:
        """An error without a message shows its code and default message, and has no members."""
        assert str(error()) == f"{error.code}: {error.default_message}"
        assert error().members == {}

    def test_a_message_and_members_can_be_given(self) -> None:
        """A given message replaces the default message, and members are kept."""
        error = AccessDenied("Not you.", {"ErrorCode": "INTERNAL_ERROR"})
        assert (str(error), error.members) == ("AccessDeniedException: Not you.", {"ErrorCode": "INTERNAL_ERROR"})

    def test_the_code_may_be_outside_the_model(self) -> None:
        """An error that AWS returns before the service is reached has its own code and status."""
        error = ServiceError("Rate exceeded", error_code="ThrottlingException", status=429)
        assert (str(error), error.status) == ("ThrottlingException: Rate exceeded", 429)

    @pytest.mark.parametrize("error", [*OURS, ServiceError])
    def test_it_survives_pickling(self, error: type[ServiceError]) -> None:
        """Errors can be sent between processes, as xdist and process pools do."""
        before = error("text", {"Resources": ("MEMBER",)}, "Code", 418)
        after = pickle.loads(pickle.dumps(before))  # noqa: S301 - our own
        assert type(after) is error
        assert (after.message, after.members, after.error_code, after.status) == (
            "text",
            {"Resources": ("MEMBER",)},
            "Code",
            418,
        )

    def test_two_are_not_equal(self) -> None:
        """Errors are compared by identity and are hashable."""
        assert len({AccessDenied(), AccessDenied()}) == 2

    def test_members_are_not_shared(self) -> None:
        """Each error has its own members."""
        assert AccessDenied().members is not AccessDenied().members


class TestUsageErrors:
    def test_the_families_are_unrelated(self) -> None:
        """An `except` clause for one family does not catch the other."""
        assert not issubclass(FakeUsageError, ServiceError)
        assert not issubclass(ServiceError, FakeUsageError)

    def test_not_faked_lists_the_supported_operations(self) -> None:
        """The message lists the supported operations and says what to do."""
        error = NotFaked("NewOperation", ("CreateGraph", "ListGraphs"))
        assert isinstance(error, FakeUsageError)
        assert str(error) == (
            "detective_fake does not support NewOperation. It supports CreateGraph, ListGraphs. "
            'Answer it yourself with @fake.on("NewOperation"), stub this one call with botocore.stub.Stubber, '
            f"or install a newer detective_fake. See {DOCS}not-faked"
        )

    def test_it_survives_pickling(self) -> None:
        """A pickled NotFaked keeps its attributes."""
        before = NotFaked("NewOperation", ("CreateGraph",))
        after = pickle.loads(pickle.dumps(before))  # noqa: S301 - our own
        assert (after.operation, after.faked) == (before.operation, before.faked)

    def test_unused_faults_shows_its_report(self) -> None:
        """The message of UnusedFaults is its report."""
        error = pickle.loads(pickle.dumps(UnusedFaults("two faults")))  # noqa: S301 - our own
        assert isinstance(error, FakeUsageError)
        assert str(error) == "two faults"


class TestExports:
    def test_every_public_error_is_exported(self) -> None:
        """The module's `__all__` lists every exception class."""
        found = {
            name
            for name, value in vars(errors).items()
            if isinstance(value, type) and issubclass(value, Exception) and value.__module__ == errors.__name__
        }
        assert found == set(errors.__all__) - {"DOCS", "ErrorCode"}
