"""Values of files as arguments: what each type of a signature accepts, and what is said about other values."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Literal

import pytest

from detective_fake.controls.seed import PackageTimes, Seed
from detective_fake.domain.event_queue import Timings
from detective_fake.domain.indicators import Indicator, NewAso
from detective_fake.domain.quotas import Quotas
from detective_fake.scenario.arguments import arguments_of, convert, descriptions

if TYPE_CHECKING:
    from detective_fake.scenario.files import Problem

NOON = datetime(2024, 3, 1, 12, tzinfo=timezone.utc)
Color = Literal["RED", "GREEN"]


class TestArguments:
    def test_they_are_those_of_the_function(self) -> None:
        """With their types and defaults; the graph follows from the place of the table."""
        arguments = arguments_of(Seed.member)
        assert list(arguments)[:2] == ["account_id", "status"]
        assert arguments["account_id"].default is inspect.Parameter.empty
        assert arguments["status"].default == "ENABLED"
        assert arguments["enabling"].annotation is bool

    def test_a_class_has_its_attributes(self) -> None:
        """Quotas and timings are tables, too."""
        assert list(arguments_of(Timings))[-1] == "recheck"

    def test_descriptions_are_those_of_the_docstring(self) -> None:
        """Without the sources."""
        assert descriptions(Seed.member)["account_id"] == "Twelve digits."
        assert "Source" not in "".join(descriptions(Quotas).values())

    def test_a_function_without_a_docstring_has_no_descriptions(self) -> None:
        """As the functions of a test."""
        assert descriptions(object()) == descriptions(None) == {}


class FrozenTime(datetime):
    """As libraries that freeze time replace `datetime`."""


class TestValues:
    @pytest.mark.parametrize(
        ("value", "hint", "converted"),
        [
            ("a", str, "a"),
            (True, bool, True),
            (2**63 - 1, int, 2**63 - 1),
            (None, str | None, None),
            ("RED", Color, "RED"),
            (NOON, datetime, NOON),
            ("2024-03-01T12:00:00Z", datetime, NOON),
            (FrozenTime(2024, 3, 1, 12, tzinfo=timezone.utc), datetime, NOON),
            ("2024-03-01 13:30:00.5+01:30", datetime | None, NOON + timedelta(seconds=0.5)),
            (90, timedelta, timedelta(seconds=90)),
            (0.5, timedelta, timedelta(seconds=0.5)),
            ("1 hour 30 minutes", timedelta, timedelta(minutes=90)),
            ("2 days", timedelta | None, timedelta(days=2)),
            ("settle", timedelta | None, None),
            (["a", "b"], Iterable[str], ["a", "b"]),
            ({"RED": 1}, Mapping[Color, int], {"RED": 1}),
            ({"RED": 1}, Iterable[str] | Mapping[Color, int], {"RED": 1}),
            ("unknown", int | Literal["unknown"] | None, "unknown"),
            ({"started_at": NOON}, PackageTimes, {"started_at": NOON}),
            ([{"indicator_type": "NEW_ASO", "aso": "x"}], Iterable[Indicator | Mapping[str, Any]], [NewAso(aso="x")]),
        ],
    )
    def test_are_converted(self, value: object, hint: Any, converted: object) -> None:
        """By the type of the argument."""
        problems: list[Problem] = []
        assert convert(value, hint, "", problems) == converted
        assert problems == []

    @pytest.mark.parametrize(
        ("value", "hint", "message"),
        [
            (5, str, "expected a string, got 5"),
            ("\ud800", str, "expected a string, got"),
            ("true", bool, 'expected true or false, got "true"'),
            (True, int, "expected a whole number, got true"),
            (2**63, int, "expected a whole number, got a number of more than 64 bits"),
            ("GREY", Color, 'expected one of RED, GREEN, got "GREY"; did you mean GREEN?'),
            ([], Color, "expected one of RED, GREEN, got a list"),
            ("unknwon", int | Literal["unknown"] | None, 'expected a whole number or "unknown", got "unknwon"'),
            (NOON.replace(tzinfo=None), datetime, "expected a time with its offset, such as 2024-03-01T12:00:00Z, got"),
            ("2024-03-01", datetime, "expected a time with its offset"),
            ("2024-13-01T12:00:00Z", datetime, "expected a time with its offset"),
            ("", timedelta, 'expected a duration, such as "90 minutes" or 5400 for seconds, got ""'),
            ("1 fortnight", timedelta, "expected a duration"),
            ("1 hour 30", timedelta, "expected a duration"),
            ("one hour", timedelta, "expected a duration"),
            (1e300, timedelta, "expected a duration"),
            (float("nan"), timedelta, "expected a duration"),
            ("soon", timedelta | None, 'for seconds or "settle", got "soon"'),
            ("a", Iterable[str] | Mapping[str, str], 'expected a list or a table, got "a"'),
            ([], PackageTimes, "expected a table, got a list"),
            ("x", Indicator, "expected a table of indicator_type and the attributes of that type"),
        ],
    )
    def test_of_another_type_are_refused(self, value: object, hint: Any, message: str) -> None:
        """The message has the expected type and the given value."""
        problems: list[Problem] = []
        convert(value, hint, "here", problems)
        assert [problem.path for problem in problems] == ["here"]
        assert message in problems[0].message

    @pytest.mark.parametrize(
        ("value", "hint", "paths"),
        [
            ([1, "a", 2], Iterable[str], ["here[0]", "here[2]"]),
            ({"RED": "x", "GREY": 1}, Mapping[Color, int], ["here.RED", "here.GREY"]),
            ({"started": NOON, "stopped_at": 1}, PackageTimes, ["here.started", "here.stopped_at"]),
            ([{"indicator_type": "NEW_ASO"}], Iterable[Indicator], ["here[0]"]),
        ],
    )
    def test_inside_others_have_a_path(self, value: object, hint: Any, paths: list[str]) -> None:
        """All of them are found."""
        problems: list[Problem] = []
        convert(value, hint, "here", problems)
        assert [problem.path for problem in problems] == paths
