"""The two families of errors."""

from __future__ import annotations

import pickle
from typing import Any

import botocore.session
import pytest

from detective_fake import errors
from detective_fake.errors import AccessDenied, FakeUsageError, NotFaked, ServiceError, UnmetFaults

MODEL: Any = botocore.session.get_session().get_service_model("detective")
MODELLED = {shape.error_code: shape for shape in MODEL.error_shapes}
OURS: list[type[ServiceError]] = ServiceError.__subclasses__()


class TestServiceErrors:
    def test_there_is_one_for_each_that_the_model_has(self) -> None:
        """No more, and no fewer."""
        assert {each.code for each in OURS} == set(MODELLED)

    @pytest.mark.parametrize("error", OURS)
    def test_its_docstring_begins_with_the_models_status(self, error: type[ServiceError]) -> None:
        """The number is not kept anywhere else."""
        assert str(error.__doc__).startswith(f"{MODELLED[error.code].metadata['error']['httpStatusCode']}:")

    @pytest.mark.parametrize("error", OURS)
    def test_without_a_text_it_has_the_models(self, error: type[ServiceError]) -> None:
        """Or words to that effect; with its code it reads as botocore prints it."""
        assert str(error()) == f"{error.code}: {error.default_message}"
        assert error().members == {}

    def test_with_a_text_it_has_that(self) -> None:
        """Members are those of its shape."""
        error = AccessDenied("Not you.", {"ErrorCode": "INTERNAL_ERROR"})
        assert (str(error), error.members) == ("AccessDeniedException: Not you.", {"ErrorCode": "INTERNAL_ERROR"})

    def test_it_may_have_a_code_that_the_model_lacks(self) -> None:
        """With a status then: AWS answers some before any service does."""
        error = ServiceError("Rate exceeded", error_code="ThrottlingException", status=429)
        assert (str(error), error.status) == ("ThrottlingException: Rate exceeded", 429)

    @pytest.mark.parametrize("error", [*OURS, ServiceError])
    def test_it_survives_pickling(self, error: type[ServiceError]) -> None:
        """As xdist and process pools demand."""
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
        """Exceptions are told apart by identity, and can be hashed."""
        assert len({AccessDenied(), AccessDenied()}) == 2

    def test_members_are_not_shared(self) -> None:
        """Each has its own."""
        assert AccessDenied().members is not AccessDenied().members


class TestUsageErrors:
    def test_the_families_have_nothing_in_common(self) -> None:
        """So that no `except` for the one catches the other."""
        assert not issubclass(FakeUsageError, ServiceError)
        assert not issubclass(ServiceError, FakeUsageError)

    def test_what_is_not_faked_says_what_is(self) -> None:
        """And what to do."""
        error = NotFaked("NewOperation", ("CreateGraph", "ListGraphs"))
        assert isinstance(error, FakeUsageError)
        assert str(error) == (
            "detective_fake has no answer for NewOperation; it answers CreateGraph, ListGraphs. "
            'Answer it yourself with @fake.on("NewOperation"), stub this one call with botocore.stub.Stubber, '
            "or install a newer detective_fake."
        )

    def test_it_survives_pickling(self) -> None:
        """With its values."""
        before = NotFaked("NewOperation", ("CreateGraph",))
        after = pickle.loads(pickle.dumps(before))  # noqa: S301 - our own
        assert (after.operation, after.faked) == (before.operation, before.faked)

    def test_faults_that_nobody_met_are_reported(self) -> None:
        """Word for word."""
        error = pickle.loads(pickle.dumps(UnmetFaults("two faults")))  # noqa: S301 - our own
        assert isinstance(error, FakeUsageError)
        assert str(error) == "two faults"


class TestExports:
    def test_every_public_error_is_exported(self) -> None:
        """In the module's `__all__`."""
        found = {
            name
            for name, value in vars(errors).items()
            if isinstance(value, type) and issubclass(value, Exception) and value.__module__ == errors.__name__
        }
        assert found == set(errors.__all__) - {"ErrorCode"}
