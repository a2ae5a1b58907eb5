"""The options of a fake: which there are, which values they take, and the error messages."""

from __future__ import annotations

import inspect
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest

from detective_fake import DetectiveFake, FakeUsageError
from detective_fake.domain.event_queue import Timings
from detective_fake.options import OPTIONS, Options


class TestOneDescription:
    def test_gives_the_signature_of_the_constructor(self) -> None:
        """`help()` and interactive shells show the options; editors and type checkers are tested in `typing_tests`."""
        assert list(inspect.signature(DetectiveFake).parameters) == list(OPTIONS)
        assert inspect.signature(DetectiveFake).parameters["page_size"].default is None

    def test_has_all_fields(self) -> None:
        """Each with a help text and the description of its setting."""
        assert [each.name for each in fields(Options)] == list(OPTIONS)
        assert all(option.help and option.kind.expected for option in OPTIONS.values())


class TestInvalidOptions:
    """The message names the option, the value, and what is allowed."""

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"account_id": "1234"}, "not '1234'"),
            ({"account_id": 123456789012}, 'Write it as a string: "123456789012".'),
            ({"region": "Virginia"}, "region must be the name of an AWS Region such as \"us-east-1\", not 'Virginia'."),
            ({"region": None}, "not None."),
            ({"region": "eu-wets-1"}, "no Detective in Region 'eu-wets-1'; did you mean 'eu-west-1'?"),
            ({"id_seed": "7"}, "id_seed must be a whole number, not '7'."),
            ({"wire": 1}, "wire must be true or false, not 1."),
            ({"wire": 0}, "wire must be true or false, not 0."),
            ({"hermetic": "no"}, "hermetic must be true or false, not 'no'."),
            (
                {"page_size": 0},
                "page_size must be a whole number of at least 1, not 0.",
            ),
            ({"page_size": "2"}, "not '2'."),
            ({"real_backoff": None}, "real_backoff must be true or false, not None."),
            ({"unused_faults": "ingore"}, "unused_faults must be error or ignore, not 'ingore'."),
            ({"behavior": {"disabled_may_leave": 1}}, "behavior.disabled_may_leave must be True or False, not 1."),
            (
                {"behavior": {"may_leave": True}},
                "Unknown behavior 'may_leave'. Expected one of: active_investigations_only,",
            ),
            ({"missing_regions": "allowed"}, "missing_regions must be refuse or allow, not 'allowed'."),
            ({"timings": {"verificaton": None}}, "verificaton"),
            ({"quotas": {"members": 5}}, "members"),
            (
                {"acount_id": "123456789012"},
                "DetectiveFake has no option 'acount_id'; did you mean 'account_id'?",
            ),
        ],
    )
    def test_are_rejected(self, options: dict[str, Any], message: str) -> None:
        """When the fake is created."""
        with pytest.raises(FakeUsageError) as error:
            DetectiveFake(**options)
        assert message in str(error.value)

    @pytest.mark.parametrize("options", [{"hermetic": 1}, {"wire": 0}, {"id_seed": False}, {"id_seed": 0.0}])
    def test_are_rejected_if_they_equal_a_valid_value(self, options: dict[str, Any]) -> None:
        """The type counts, too."""
        with pytest.raises(FakeUsageError):
            DetectiveFake(**options)

    def test_may_not_be_positional_after_the_region(self) -> None:
        """As for any Python function."""
        with pytest.raises(TypeError, match="positional arguments"):
            DetectiveFake("222222222222", "eu-west-1", 7)  # type: ignore[call-arg]


class TestValidOptions:
    def test_are_kept(self) -> None:
        """Several at once."""
        fake = DetectiveFake("222222222222", "us-gov-west-1", id_seed=7, page_size=2, quotas={"tags_per_graph": 3})
        assert (fake.account_id, fake.region, fake.quotas.tags_per_graph) == ("222222222222", "us-gov-west-1", 3)

    def test_are_copied(self) -> None:
        """A later change of the arguments has no effect."""
        quotas, timings = {"tags_per_graph": 7}, Timings(enabling=None)
        fake = DetectiveFake(quotas=quotas, timings=timings)
        quotas["tags_per_graph"] = 8
        timings.enabling = timedelta(1)
        assert (fake.quotas.tags_per_graph, fake.timings.enabling) == (7, None)


class TestAssignment:
    @pytest.mark.parametrize("name", sorted(OPTIONS.keys() - {"account_id", "quotas", "timings"}))
    def test_of_an_option_is_rejected(self, name: str) -> None:
        """The message says what to do instead."""
        with pytest.raises(
            FakeUsageError, match=rf"option '{name}' of a fake cannot change\. .* DetectiveFake\({name}="
        ):
            setattr(DetectiveFake(), name, 1)

    @pytest.mark.parametrize("name", ["quotas", "timings"])
    def test_of_all_quotas_or_timings_is_rejected(self, name: str) -> None:
        """Their attributes may be assigned."""
        with pytest.raises(FakeUsageError, match=rf"Assign to an attribute instead: fake\.{name}\.NAME = "):
            setattr(DetectiveFake(), name, {})

    def test_of_the_account_id_is_allowed(self) -> None:
        """It is checked."""
        fake = DetectiveFake()
        fake.account_id = "222222222222"
        assert fake.account_id == "222222222222"
        with pytest.raises(FakeUsageError, match="'2'"):
            fake.account_id = "2"

    def test_of_other_attributes_is_plain_python(self) -> None:
        """A test may keep something on its fake; a read-only property stays read-only."""
        fake: Any = DetectiveFake()
        fake.note = "mine"
        assert fake.note == "mine"
        with pytest.raises(AttributeError):
            fake.graphs = ()
