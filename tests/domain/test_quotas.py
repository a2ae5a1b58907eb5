"""Quotas: their defaults and their validation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

from detective_fake.domain.quotas import BYTES_PER_TERABYTE, Behavior, Quotas
from detective_fake.errors import FakeUsageError
from detective_fake.protocol.model import operations

NUMBERS = [field.name for field in attrs.fields(Quotas) if field.name != "investigation_token_lifetime"]


class TestDefaults:
    def test_they_are_the_quotas_of_the_service(self) -> None:
        """The service allows 1,200 members and 10 TB a day."""
        quotas = Quotas()
        assert (quotas.members_per_graph, quotas.volume_bytes_per_day) == (1200, 10 * BYTES_PER_TERABYTE)
        assert quotas.investigation_token_lifetime == timedelta(days=1)

    def test_the_tag_quota_matches_the_service_model(self) -> None:
        """The limit for one request is also the limit for one graph."""
        shape: Any = operations()["CreateGraph"].input_shape
        assert Quotas().tags_per_graph == shape.members["Tags"].metadata["max"]

    @pytest.mark.parametrize(
        ("name", "operation"), [("members_page", "ListMembers"), ("investigations_page", "ListInvestigations")]
    )
    def test_a_default_page_is_half_of_the_maximum(self, name: str, operation: str) -> None:
        """The default page size applies if the request has no `MaxResults`."""
        shape: Any = operations()[operation].input_shape
        assert getattr(Quotas(), name) == shape.members["MaxResults"].metadata["max"] // 2


class TestValues:
    @pytest.mark.parametrize("name", NUMBERS)
    def test_one_is_allowed(self, name: str) -> None:
        """One is the smallest valid limit."""
        least: Any = {name: 1}
        assert getattr(Quotas(**least), name) == 1

    @pytest.mark.parametrize("name", NUMBERS)
    @pytest.mark.parametrize("value", [0, -1, 1.5, "3", True, None])
    def test_a_limit_must_be_a_positive_integer(self, name: str, value: object) -> None:
        """The error message shows name and value, both at construction and at assignment."""
        expected = rf"quotas\.{name} must be a whole number of at least 1, not {value!r}\."
        with pytest.raises(FakeUsageError, match=expected):
            Quotas.of({name: value})
        with pytest.raises(FakeUsageError, match=expected):
            setattr(Quotas(), name, value)

    @pytest.mark.parametrize("value", [5, None, timedelta(), timedelta(-1)])
    def test_a_lifetime_must_be_a_positive_timedelta(self, value: object) -> None:
        """Zero and negative lifetimes are rejected, too."""
        with pytest.raises(FakeUsageError, match=r"quotas\.investigation_token_lifetime must be a datetime\.timedelta"):
            Quotas.of({"investigation_token_lifetime": value})


class TestOf:
    def test_a_mapping_sets_only_the_given_names(self) -> None:
        """All other quotas keep their default values."""
        assert Quotas.of({"members_per_graph": 3}) == Quotas(members_per_graph=3)

    def test_a_quotas_object_is_copied(self) -> None:
        """Two fakes do not share one quotas object."""
        given = Quotas(members_per_graph=3)
        quotas = Quotas.of(given)
        given.members_per_graph = 4
        assert quotas == Quotas(members_per_graph=3)

    def test_none_gives_the_defaults(self) -> None:
        """None and an empty mapping both give the defaults."""
        assert Quotas.of(None) == Quotas.of({}) == Quotas()

    def test_an_unknown_name_is_rejected(self) -> None:
        """The error message lists the valid names."""
        with pytest.raises(
            FakeUsageError, match=r"Unknown quota 'graphs', 'members'\. Expected one of: members_per_graph, vo"
        ):
            Quotas.of({"members": 5, "graphs": 1})


class TestBehavior:
    def test_by_default_the_better_evidence_counts(self) -> None:
        """Every choice is off by default."""
        assert not any(attrs.asdict(Behavior.of(None)).values())

    @pytest.mark.parametrize("name", [field.name for field in attrs.fields(Behavior)])
    def test_each_can_be_on(self, name: str) -> None:
        """Only booleans are allowed."""
        assert getattr(Behavior.of({name: True}), name)
        with pytest.raises(FakeUsageError, match=rf"behavior\.{name} must be True or False, not 1\."):
            Behavior.of({name: 1})

    def test_it_does_not_change(self) -> None:
        """A fake keeps what it was created with."""
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            Behavior().disabled_may_leave = True  # type: ignore[misc]
