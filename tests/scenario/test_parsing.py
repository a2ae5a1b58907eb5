"""Plain data to entries: every value is checked, everything wrong is told at once and with its place."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detective_fake.domain.datasources import DatasourcePackage
from detective_fake.domain.indicators import NewAso
from detective_fake.domain.membership import MemberStatus
from detective_fake.scenario.entries import AccountEntry, GraphEntry, MemberEntry
from detective_fake.scenario.format import Scenario
from detective_fake.scenario.parsing import parse, plain
from detective_fake.scenario.values import AccountId, Delay, Volumes

ROLE = "arn:aws:iam::222222222222:role/r"
LONG = "x" * 100


def parsed(**data: Any) -> Scenario:
    """Return the entries of data that are right."""
    scenario, problems = parse(data)
    assert scenario is not None, problems
    return scenario


def problems(data: object) -> list[str]:
    """Return what is wrong with data, as a user reads it."""
    scenario, found = parse(data)
    assert scenario is None
    return [str(problem) for problem in found]


def of_member(**values: Any) -> list[str]:
    """Return what is wrong with a member's values, without the path of the member."""
    found = problems({"graphs": [{"members": [{"account_id": "222222222222", **values}]}]})
    return [problem.removeprefix("graphs[0].members[0].") for problem in found]


def of_account(**values: Any) -> list[str]:
    """Return what is wrong with an account's values, without the path of the account."""
    found = problems({"accounts": [{"account_id": "222222222222", **values}]})
    return [problem.removeprefix("accounts[0].") for problem in found]


class TestShortForms:
    def test_an_entry_may_be_its_one_key_alone(self) -> None:
        """Account ids stand for members, accounts of an organization and designations, names for packages."""
        scenario = parsed(
            graphs=[{"members": ["222222222222"], "packages": ["EKS_AUDIT"]}],
            organizations=[{"accounts": ["222222222222"], "designations": ["222222222222"]}],
        )
        assert scenario.graphs[0].members == (MemberEntry(account_id=AccountId("222222222222")),)
        assert [each.package for each in scenario.graphs[0].packages or ()] == [DatasourcePackage.EKS_AUDIT]
        assert scenario.organizations[0].accounts[0].account_id == "222222222222"
        assert scenario.organizations[0].designations[0].administrator_id == "222222222222"

    def test_a_wrong_one_is_told_at_the_place_of_the_entry(self) -> None:
        """There is no key that the path could name."""
        assert problems({"graphs": [{"members": ["22", 7]}]}) == [
            'graphs[0].members[0]: "22" is not an account id, a string of twelve digits: "111122223333"',
            "graphs[0].members[1]: 7 is not a table, or the account_id alone",
        ]

    def test_the_schema_of_an_editor_is_ignored(self) -> None:
        """JSON files name it in a key."""
        assert parsed(**{"$schema": "../scenario.schema.json"}) == Scenario()


class TestValues:
    @pytest.mark.parametrize(
        ("written", "meant"),
        [
            (5, {DatasourcePackage.DETECTIVE_CORE: 5}),
            (
                {"EKS_AUDIT": 7, "DETECTIVE_CORE": 0},
                {DatasourcePackage.EKS_AUDIT: 7, DatasourcePackage.DETECTIVE_CORE: 0},
            ),
            ({}, {}),
            ("unknown", None),
        ],
    )
    def test_volumes(self, written: object, meant: dict[DatasourcePackage, int] | None) -> None:
        """A number is of the core package; and the other way round."""
        account = {"account_id": "222222222222", "daily_volume_bytes": written}
        scenario = parsed(accounts=[account])
        assert scenario.accounts == (AccountEntry(account_id=AccountId("2" * 12), daily_volume_bytes=Volumes(meant)),)
        assert [*plain(scenario)["accounts"]] == [account]

    @pytest.mark.parametrize(
        "written",
        ["2024-03-01T12:00:00.1239Z", "2024-03-01 14:00:00.123+02:00", "2024-03-01T12:00:00.123456789Z"],
    )
    def test_times_are_cut_to_the_millisecond(self, written: str) -> None:
        """As the service gives them; the offset does not matter."""
        (graph,) = parsed(graphs=[{"created_at": written}]).graphs
        assert graph.created_at == datetime(2024, 3, 1, 12, 0, 0, 123_000, timezone.utc)

    def test_a_time_may_be_tomls_own(self) -> None:
        """TOML has times, JSON has strings for them."""
        at = datetime(2024, 3, 1, 14, tzinfo=timezone(timedelta(hours=2)))
        assert parsed(graphs=[{"created_at": at}]).graphs == (GraphEntry(created_at=at),)

    @pytest.mark.parametrize(
        ("written", "meant"),
        [
            (0, timedelta()),
            (90, timedelta(seconds=90)),
            ({"hours": 1, "milliseconds": 2}, timedelta(hours=1, milliseconds=2)),
        ],
    )
    def test_durations(self, written: object, meant: timedelta) -> None:
        """Whole seconds, or parts as for `timedelta`."""
        timings = parsed(timings={"enabling": written}).timings
        assert timings is not None
        assert timings.enabling == Delay(meant)

    def test_what_waits_for_settling(self) -> None:
        """A word, as neither TOML nor all of JSON's readers have a null."""
        timings = parsed(timings={"enabling": "settle"}).timings
        assert timings is not None
        assert timings.enabling == Delay(None)

    @pytest.mark.parametrize("duration", [timedelta(seconds=1), timedelta(days=999_999_999, microseconds=1)])
    def test_durations_come_back_exactly(self, duration: timedelta) -> None:
        """Down to the microsecond, which a number of seconds would lose."""
        data = plain(Scenario(timings=parsed(timings={"enabling": 0}).timings))
        data["timings"]["enabling"] = {
            "days": duration.days,
            "seconds": duration.seconds,
            "microseconds": duration.microseconds,
        }
        again = parsed(**plain(parsed(**data))).timings
        assert again is not None
        assert again.enabling == Delay(duration)


class TestRefusal:
    @pytest.mark.parametrize(
        ("values", "problem"),
        [
            ({"account_id": 222222222222}, "account_id: 222222222222 is not an account id, a string of twelve digits"),
            ({"account_id": "٢" * 12}, "is not an account id"),
            ({"status": "INVITD"}, 'status: "INVITD" is not one of INVITED, .*; did you mean INVITED?'),
            ({"status": "invited"}, "did you mean INVITED?"),
            ({"status": ["INVITED"]}, "status: a list is not one of INVITED"),
            ({"status": LONG}, 'status: "x{60}…" is not one of'),
            ({"status": "\ud800\x00"}, r'status: "\\ud800\\x00" is not one of'),
            ({"disabled_reason": "NONE"}, "is not one of VOLUME_TOO_HIGH, VOLUME_UNKNOWN, an empty string for none"),
            ({"enabling": 1}, "enabling: 1 is not true or false"),
            ({"enabling": None}, "enabling: null is not true or false"),
            ({"number": 0}, "number: 0 is not a whole number of one or more"),
            ({"number": True}, "number: true is not a whole number"),
            ({"number": 1.0}, "number: 1.0 is not a whole number"),
            ({"number": 2**200}, "number: so large a number is not a whole number"),
            ({"invited_at": "2024-03-01"}, "is not a time with its offset: 2024-03-01T12:00:00Z"),
            ({"invited_at": "2024-03-01T12:00:00"}, "is not a time with its offset"),
            ({"invited_at": "2024-13-01T12:00:00Z"}, "is not a time with its offset"),
            ({"invited_at": "0001-01-01T00:00:00+01:00"}, "is not a time with its offset"),
            ({"invited_at": datetime(2024, 3, 1)}, "invited_at: 2024-03-01 00:00:00 is not a time"),  # noqa: DTZ001
            ({"invited_at": 1709294400}, "is not a time with its offset"),
            ({"updated_at": {}}, "updated_at: a table is not a time"),
        ],
    )
    def test_of_values(self, values: dict[str, Any], problem: str) -> None:
        """Each with its key, what is there, and what may be."""
        (found,) = of_member(**values)
        assert re.search(problem.replace("?", r"\?"), found), found

    @pytest.mark.parametrize(
        "volume", [-1, 1.5, "lots", True, [], {"EKS": 1}, {"EKS_AUDIT": -1}, 2**63, {"EKS_AUDIT": 2**63}]
    )
    def test_of_volumes(self, volume: object) -> None:
        """Whole bytes, no less than none and no more than the service can count."""
        (found,) = of_account(daily_volume_bytes=volume)
        assert "is not whole bytes a day of zero or more" in found

    @pytest.mark.parametrize("duration", [-1, 1.5, "PT1H", {}, {"weeks": 1}, {"hours": 1.5}, {"days": 2**62}, True])
    def test_of_durations(self, duration: object) -> None:
        """Neither negative nor without end."""
        (found,) = problems({"timings": {"enabling": duration}})
        assert "is not whole seconds or a table of days" in found

    def test_of_sensitive_values(self) -> None:
        """Nothing of an address or a text is shown."""
        found = of_account(email=["root@secret.example.com"], verifies="root@secret")
        assert found[0] == "email: *** is not an e-mail address, or an empty string for none"
        email = {"account_id": "2" * 12, "administrator_id": "1" * 12, "address": 1, "message": 2, "sent_at": 3}
        assert [each for each in problems({"emails": [email]}) if "***" in each] == [
            "emails[0].address: *** is not an e-mail address, or an empty string for none",
            "emails[0].message: *** is not a string",
        ]

    def test_of_halves_of_characters(self) -> None:
        """JSON can name them, nothing can write them."""
        assert problems({"graphs": [{"tags": {"a": "\ud800", "\udfff": "b"}}]}) == [
            'graphs[0].tags."\\udfff": "\\udfff" is not a string',
        ]

    def test_of_keys_that_are_not_known(self) -> None:
        """The one that was probably meant is named."""
        assert problems({"graph": [], "clock": {"frozenat": 1}}) == [
            "clock.frozenat: is no key here; did you mean frozen_at?",
            "graph: is no key here; did you mean graphs?",
        ]

    def test_of_keys_that_are_missing(self) -> None:
        """They are told by name."""
        assert problems({"accounts": [{}]}) == ["accounts[0].account_id: is missing"]

    @pytest.mark.parametrize("data", [None, 3, [], "text", True, 1.5])
    def test_of_what_is_no_table(self, data: object) -> None:
        """JSON may hold anything at all."""
        assert problems(data)[0].endswith("is not a table")

    def test_of_a_schema_that_is_no_text(self) -> None:
        """It is a key like any other then."""
        assert problems({"$schema": 3})[0].startswith('"$schema": is no key here')

    def test_tells_everything_at_once(self) -> None:
        """A file is put right in one go."""
        found = problems({"format": 2, "graphs": [{"region": 1, "members": [1, {"status": 2, "x": 3}]}, 4]})
        assert [each.partition(":")[0] for each in found] == [
            "format",
            "graphs[0].region",
            "graphs[0].members[0]",
            "graphs[0].members[1].account_id",
            "graphs[0].members[1].status",
            "graphs[0].members[1].x",
            "graphs[1]",
        ]

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: (
                st.lists(inner)
                | st.dictionaries(
                    st.sampled_from(["graphs", "accounts", "members", "account_id", "tags", "clock", "x", "é.\n"]),
                    inner,
                )
            ),
        )
    )
    def test_is_all_that_happens(self, data: object) -> None:
        """Whatever is read: either a scenario or what is wrong with it."""
        scenario, found = parse(data)
        assert (scenario is None) == bool(found)


class TestIndicators:
    def investigation(self, *indicators: Any) -> dict[str, Any]:
        """Return data of one investigation."""
        return {"graphs": [{"investigations": [{"entity_arn": ROLE, "indicators": list(indicators)}]}]}

    def test_the_type_says_which_keys_there_are(self) -> None:
        """The members are those of the classes for tests."""
        scenario = parsed(**self.investigation({"indicator_type": "NEW_ASO", "aso": "AMAZON-02"}))
        assert scenario.graphs[0].investigations[0].indicators == (NewAso(aso="AMAZON-02"),)

    def test_what_is_wrong_with_one_is_told_in_place(self) -> None:
        """Type, keys and values, and what the class itself refuses."""
        found = problems(
            self.investigation(
                3,
                {},
                {"indicator_type": "NEW_AS"},
                {"indicator_type": "NEW_ASO", "aos": 1},
                {"indicator_type": "RELATED_FINDING", "arn": "x", "type": "y"},
            )
        )
        places = [each.removeprefix("graphs[0].investigations[0].indicators") for each in found]
        assert places[0] == "[0]: 3 is not a table of indicator_type and its members"
        assert places[1] == "[1].indicator_type: is missing"
        assert places[2].endswith("did you mean NEW_ASO?")
        assert places[3:5] == [
            "[3].aso: is missing",
            "[3].aos: is no key here; did you mean aso?",
        ]
        assert places[5] == "[4]: RelatedFinding.arn must be an ARN, which begins with 'arn:', not 'x'."


class TestPlain:
    def test_defaults_are_left_out(self) -> None:
        """What remains is what a person would have written."""
        member = MemberEntry(account_id=AccountId("2" * 12), status=MemberStatus.INVITED)
        graph = GraphEntry(members=(MemberEntry(account_id=AccountId("3" * 12)), member))
        (written,) = plain(Scenario(graphs=(graph,)))["graphs"]
        assert written.keys() == {"members"}
        assert [*written["members"]] == ["333333333333", {"account_id": "222222222222", "status": "INVITED"}]
