"""The limits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

from detective_fake.domain.quotas import BYTES_PER_TERABYTE, Quotas
from detective_fake.errors import FakeUsageError
from detective_fake.protocol.model import operations

NUMBERS = [field.name for field in attrs.fields(Quotas) if field.name != "investigation_token_lifetime"]


class TestDefaults:
    def test_they_are_the_services(self) -> None:
        """1,200 members and 10 TB a day."""
        quotas = Quotas()
        assert (quotas.members_per_graph, quotas.volume_bytes_per_day) == (1200, 10 * BYTES_PER_TERABYTE)
        assert quotas.investigation_token_lifetime == timedelta(days=1)

    def test_tags_are_as_many_as_the_model_allows(self) -> None:
        """In one request and on one graph."""
        shape: Any = operations()["CreateGraph"].input_shape
        assert Quotas().tags_per_graph == shape.members["Tags"].metadata["max"]

    @pytest.mark.parametrize(
        ("name", "operation"), [("members_page", "ListMembers"), ("investigations_page", "ListInvestigations")]
    )
    def test_a_page_is_half_of_the_largest(self, name: str, operation: str) -> None:
        """Where `MaxResults` is not given."""
        shape: Any = operations()[operation].input_shape
        assert getattr(Quotas(), name) == shape.members["MaxResults"].metadata["max"] // 2


class TestValues:
    @pytest.mark.parametrize("name", NUMBERS)
    def test_one_is_enough(self, name: str) -> None:
        """The least that a limit can be."""
        least: Any = {name: 1}
        assert getattr(Quotas(**least), name) == 1

    @pytest.mark.parametrize("name", NUMBERS)
    @pytest.mark.parametrize("value", [0, -1, 1.5, "3", True, None])
    def test_a_number_must_be_one(self, name: str, value: object) -> None:
        """With its name and the value, also when it is assigned."""
        expected = rf"quotas\.{name} must be a whole number of at least 1, not {value!r}\."
        with pytest.raises(FakeUsageError, match=expected):
            Quotas.of({name: value})
        with pytest.raises(FakeUsageError, match=expected):
            setattr(Quotas(), name, value)

    @pytest.mark.parametrize("value", [5, None, timedelta(), timedelta(-1)])
    def test_a_lifetime_must_be_one(self, value: object) -> None:
        """Longer than nothing."""
        with pytest.raises(FakeUsageError, match=r"quotas\.investigation_token_lifetime must be a datetime\.timedelta"):
            Quotas.of({"investigation_token_lifetime": value})


class TestOf:
    def test_some_may_be_given_by_name(self) -> None:
        """The others are the service's."""
        assert Quotas.of({"members_per_graph": 3}) == Quotas(members_per_graph=3)

    def test_those_given_are_copied(self) -> None:
        """Two fakes do not share them."""
        given = Quotas(members_per_graph=3)
        quotas = Quotas.of(given)
        given.members_per_graph = 4
        assert quotas == Quotas(members_per_graph=3)

    def test_none_given_are_the_defaults(self) -> None:
        """As an empty mapping is."""
        assert Quotas.of(None) == Quotas.of({}) == Quotas()

    def test_an_unknown_name_is_refused(self) -> None:
        """The text lists the known ones."""
        with pytest.raises(
            FakeUsageError, match="no quota called graphs, members; the quotas are members_per_graph, vo"
        ):
            Quotas.of({"members": 5, "graphs": 1})
