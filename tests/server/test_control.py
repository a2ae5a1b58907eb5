"""The control calls, as a program in another language makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from detective_fake.errors import ServiceError
from detective_fake.fake import DetectiveFake
from tests.server.http import Client, served

if TYPE_CHECKING:
    from collections.abc import Iterator

ANA, BEN = "222222222222", "333333333333"
SECOND = "2024-03-05T12:00:00.000Z"


@pytest.fixture
def fake() -> Iterator[DetectiveFake]:
    """Return a fake that is active, so that it can be reset."""
    with DetectiveFake("111111111111", unmet_faults="ignore") as fake:
        yield fake


@pytest.fixture
def client(fake: DetectiveFake) -> Iterator[Client]:
    """Return a client of the fake's server."""
    with served(fake) as endpoint, Client(endpoint) as client:
        yield client


class TestAccess:
    def test_reading_needs_nothing(self, client: Client) -> None:
        """Besides the right host."""
        assert client.ask("GET", "/_fake/clock").status == 200

    def test_changing_needs_the_header(self, client: Client, fake: DetectiveFake) -> None:
        """A page of somebody else's cannot send it; nothing happens without."""
        before = fake.snapshot()
        answered = client.ask("POST", "/_fake/clock/freeze")
        assert (answered.status, fake.snapshot()) == (403, before)
        assert answered.json["message"] == "What changes something needs the header X-Detective-Fake, with any value."

    def test_nobody_may_ask_from_elsewhere(self, client: Client) -> None:
        """A browser asks before it sends such a header, and is not answered."""
        answered = client.ask("OPTIONS", "/_fake/reset", None, {"Origin": "http://example.com"})
        assert answered.status == 403
        assert not [name for name in answered.headers if name.startswith("access-control")]

    def test_another_method_is_refused_with_those_there_are(self, client: Client) -> None:
        """As HTTP has it."""
        answered = client.ask("DELETE", "/_fake/clock")
        assert (answered.status, set(answered.headers["allow"].split(", "))) == (405, {"GET", "HEAD"})

    def test_what_is_not_there_is_not_found(self, client: Client) -> None:
        """In JSON, like everything else."""
        assert client.refused("GET", "/nothing")[0] == 404

    def test_without_its_last_slash_the_page_is_elsewhere(self, client: Client) -> None:
        """Or what it refers to would not be found."""
        answered = client.ask("GET", "/_fake")
        assert (answered.status, answered.headers["location"].endswith("/_fake/")) == (308, True)

    def test_answers_are_not_kept(self, client: Client) -> None:
        """They are old as soon as they are sent."""
        assert client.ask("GET", "/_fake/clock").headers["cache-control"] == "no-store"


class TestState:
    def test_an_empty_fake_holds_nothing(self, client: Client) -> None:
        """But has a default caller, a Region and a clock."""
        state = client.get("/state")
        assert (state["account_id"], state["region"], state["clock"]["frozen"]) == ("111111111111", "us-east-1", False)
        assert not any(state[name] for name in ("accounts", "organizations", "graphs", "pending", "faults", "calls"))

    def test_it_has_graphs_with_their_members(self, client: Client, fake: DetectiveFake) -> None:
        """As the public names give them."""
        fake.seed.account(BEN, daily_volume_bytes=None)
        graph_arn = fake.seed.graph(members={ANA: "ENABLED", BEN: "ACCEPTED_BUT_DISABLED"}, tags={"team": "a"})
        (graph,) = client.get("/state")["graphs"]
        assert (graph["arn"], graph["tags"]) == (graph_arn, {"team": "a"})
        assert graph["packages"] == [{"package": "DETECTIVE_CORE", "state": "STARTED"}]
        assert [
            (row["account_id"], row["status"], row["disabled_reason"], row["volume_bytes_per_day"])
            for row in graph["members"]
        ] == [(ANA, "ENABLED", None, 10**9), (BEN, "ACCEPTED_BUT_DISABLED", "VOLUME_UNKNOWN", None)]

    def test_it_has_investigations(self, client: Client, fake: DetectiveFake) -> None:
        """With how many things were found."""
        graph_arn = fake.seed.graph()
        number = fake.seed.investigation(graph_arn, entity_arn=f"arn:aws:iam::{ANA}:role/deploy", severity="HIGH")
        (found,) = client.get("/state")["graphs"][0]["investigations"]
        assert (found["investigation_id"], found["severity"], found["indicators"]) == (number, "HIGH", 0)

    def test_it_has_organizations_with_who_administers_them(self, client: Client, fake: DetectiveFake) -> None:
        """By Region."""
        fake.seed.organization("111111111111", {ANA: "ana@example.com"})
        fake.client().enable_organization_admin_account(AccountId=ANA)
        (found,) = client.get("/state")["organizations"]
        assert found["accounts"] == {"111111111111": None, ANA: "ana@example.com"}
        assert [(each["region"], each["administrator_id"]) for each in found["designations"]] == [("us-east-1", ANA)]


class TestCalls:
    @pytest.fixture(autouse=True)
    def three_calls(self, fake: DetectiveFake) -> None:
        fake.client().create_graph(Tags={"team": "a"})
        fake.client(ANA).list_graphs()
        fake.faults.add("ListInvitations", error="AccessDeniedException")
        with pytest.raises(Exception, match="AccessDenied"):
            fake.client(ANA).list_invitations()

    def test_a_call_has_parameters_and_answer(self, client: Client, fake: DetectiveFake) -> None:
        """And how the caller was found."""
        call = client.get("/calls/1")
        assert (call["operation"], call["parameters"], call["outcome"]) == (
            "CreateGraph",
            {"Tags": {"team": "a"}},
            "ok",
        )
        assert call["result"] == {"GraphArn": fake.graphs[0].arn}
        assert call["rule"] == "access key decodes to 111111111111"

    def test_a_refused_one_has_a_message(self, client: Client) -> None:
        """And no result."""
        call = client.get("/calls/3")
        assert (call["failed"], call["outcome"], call["result"]) == (True, "AccessDeniedException", None)
        assert call["message"].startswith("The request issuer")

    @pytest.mark.parametrize(
        ("query", "numbers"),
        [
            ("", [1, 2, 3]),
            ("?after=1", [2, 3]),
            ("?limit=1", [1]),
            ("?operation=List*", [2, 3]),
            (f"?account_id={ANA}&limit=1", [2]),
            ("?failed=true", [3]),
            ("?failed=false&after=2", [3]),
        ],
    )
    def test_they_can_be_chosen(self, client: Client, query: str, numbers: list[int]) -> None:
        """With the numbers that they have in the whole journal."""
        assert [call["number"] for call in client.get(f"/calls{query}")] == numbers

    @pytest.mark.parametrize("query", ["?limit=x", "?limit=-1", "?failed=maybe", "?limit=" + "9" * 30, "?what=1"])
    def test_what_cannot_be_chosen_is_refused(self, client: Client, query: str) -> None:
        """With the name of the argument."""
        status, message = client.refused("GET", f"/calls{query}")
        assert status == 400
        assert query[1:].partition("=")[0] in message

    @pytest.mark.parametrize("number", ["4", "9999"])
    def test_one_that_was_not_made_is_not_there(self, client: Client, number: str) -> None:
        """Calls are counted from 1."""
        assert client.refused("GET", f"/calls/{number}") == (
            404,
            f"There is no call {number}, or no longer; there were 3.",
        )

    def test_those_that_stay_keep_their_numbers(self, client: Client, fake: DetectiveFake) -> None:
        """When the oldest are forgotten."""
        fake.forget_calls(keep=1)
        assert [call["number"] for call in client.get("/calls")] == [3]
        assert client.get("/calls/3")["operation"] == "ListInvitations"
        assert client.refused("GET", "/calls/2")[0] == 404
        assert client.get("/state")["calls"] == 3

    def test_cloudtrail_has_them_too(self, client: Client) -> None:
        """As CloudTrail delivers them."""
        records = client.get("/cloudtrail")["Records"]
        assert [record["eventName"] for record in records] == ["CreateGraph", "ListGraphs", "ListInvitations"]


class TestEmails:
    def test_invitations_are_listed(self, client: Client, fake: DetectiveFake) -> None:
        """With address and message, in full."""
        graph_arn = fake.client().create_graph()["GraphArn"]
        fake.client().create_members(
            GraphArn=graph_arn, Message="Do come.", Accounts=[{"AccountId": ANA, "EmailAddress": "ana@example.com"}]
        )
        client.do("POST", "/settle")
        (email,) = client.get("/emails")
        assert (email["address"], email["message"], email["graph_arn"]) == ("ana@example.com", "Do come.", graph_arn)


class TestClock:
    def test_it_is_frozen_advanced_and_let_go(self, client: Client, fake: DetectiveFake) -> None:
        """Each call answers with the clock."""
        assert client.do("POST", "/clock/freeze", {"at": SECOND}) == {"now": SECOND, "frozen": True}
        advanced = client.do("POST", "/clock/advance", {"hours": 1, "minutes": 0.5})
        assert advanced == {"now": "2024-03-05T13:00:30.000Z", "frozen": True}
        assert client.do("POST", "/clock/unfreeze")["frozen"] is False
        assert fake.clock.now().year == 2024

    def test_frozen_without_a_time_it_stands_where_it_is(self, client: Client, fake: DetectiveFake) -> None:
        """As in Python."""
        assert client.do("POST", "/clock/freeze")["frozen"]
        assert fake.clock.now() == fake.clock.now()

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/clock/advance", {"hours": -1}),
            ("/clock/advance", {"hours": "one"}),
            ("/clock/advance", {"hours": True}),
            ("/clock/advance", {"years": 1}),
            ("/clock/advance", b"[1]"),
            ("/clock/advance", b'{"hours": NaN}'),
            ("/clock/advance", b'{"hours": 1'),
            ("/clock/advance", b'{"\\ud800": 1}'),
            ("/clock/advance", {}),
            ("/clock/freeze", {"at": "noon"}),
            ("/clock/freeze", {"at": "9999-12-31T23:59:59Z"}),
            ("/clock/freeze", {"at": 12}),
        ],
    )
    def test_what_is_no_time_is_refused(self, client: Client, path: str, body: object) -> None:
        """Nothing happens then."""
        assert client.refused("POST", path, body)[0] == 400

    def test_it_ends_before_the_calendar_does(self, client: Client) -> None:
        """Or nothing could be due any more."""
        client.do("POST", "/clock/freeze", {"at": "8999-12-31T23:00:00Z"})
        refused = client.refused("POST", "/clock/advance", {"hours": 1})
        assert refused == (400, "The clock cannot go beyond the year 9000.")


class TestSettling:
    @pytest.fixture(autouse=True)
    def two_pending(self, fake: DetectiveFake) -> None:
        fake.timings.verification = None
        graph_arn = fake.client().create_graph()["GraphArn"]
        accounts: list[Any] = [{"AccountId": each, "EmailAddress": f"{each}@example.com"} for each in (ANA, BEN)]
        fake.client().create_members(GraphArn=graph_arn, Accounts=accounts)

    def test_everything_may_happen(self, client: Client) -> None:
        """The answer is what is still to come."""
        assert client.do("POST", "/settle") == []

    def test_one_event_may_happen(self, client: Client, fake: DetectiveFake) -> None:
        """The other goes on waiting."""
        first, second = client.get("/state")["pending"]
        assert (first["kind"], first["subject"], first["due"]) == ("verification", ANA, None)
        assert client.do("POST", f"/settle/{first['number']}") == [second]
        statuses = [row.status.value for row in fake.members(fake.graphs[0].arn)]
        assert statuses == ["INVITED", "VERIFICATION_IN_PROGRESS"]

    def test_one_that_is_not_pending_is_not_there(self, client: Client) -> None:
        """Or no longer."""
        assert client.refused("POST", "/settle/99") == (404, "Event 99 is not pending, or no longer.")


class TestFaults:
    def test_a_fault_is_added_met_and_removed(self, client: Client, fake: DetectiveFake) -> None:
        """It is known by its number."""
        fault = client.do("POST", "/faults", {"operation": "ListGraphs", "error": "ThrottlingException", "times": 2})
        assert fault == {
            "number": 1,
            "description": "faults.add('ListGraphs', error='ThrottlingException', times=2)",
            "met": 0,
            "present": True,
        }
        fake.client().list_graphs()
        assert client.get("/faults") == [{**fault, "met": 2, "present": False}]
        assert client.do("DELETE", "/faults/1") == []

    def test_all_terms_can_be_given(self, client: Client, fake: DetectiveFake) -> None:
        """But for functions."""
        client.do(
            "POST",
            "/faults",
            {
                "operation": "CreateMembers",
                "unprocessed": {ANA: "no"},
                "latency_seconds": 1.5,
                "times": None,
                "nth": 2,
                "account_id": "111111111111",
                "region": "us-east-1",
            },
        )
        (fault,) = fake.faults
        assert str(fault.terms) == (
            f"faults.add('CreateMembers', unprocessed={{'{ANA}': 'no'}}, "
            "latency=datetime.timedelta(seconds=1, microseconds=500000), nth=2, account_id='111111111111', "
            "region='us-east-1', times=None)"
        ), "one fault, with all that was said"

    @pytest.mark.parametrize(
        "terms",
        [
            {"error": "ThrottlingException"},
            {"operation": "ListGraphs"},
            {"operation": "ListGraph", "error": "ThrottlingException"},
            {"operation": "ListGraphs", "error": "Bad\r\n"},
            {"operation": "ListGraphs", "network": "Outage"},
            {"operation": "ListGraphs", "status": 200},
            {"operation": "ListGraphs", "status": 503, "times": 0},
            {"operation": "ListGraphs", "status": 503, "when": "later"},
            {"operation": "CreateMembers", "unprocessed": {"me": "no"}},
            {"operation": "CreateMembers", "unprocessed": [ANA]},
            {"operation": "ListGraphs", "status": 503, "callback": "f"},
        ],
    )
    def test_what_is_no_fault_is_refused(self, client: Client, fake: DetectiveFake, terms: object) -> None:
        """By the kinds of the arguments, or by the fake itself."""
        assert (client.refused("POST", "/faults", terms)[0], len(fake.faults)) == (400, 0)

    def test_a_fault_that_is_not_there_cannot_be_removed(self, client: Client) -> None:
        """Or no longer."""
        assert client.refused("DELETE", "/faults/1") == (404, "There is no fault 1, or no longer.")

    def test_those_that_the_test_has_added_have_numbers_too(self, client: Client, fake: DetectiveFake) -> None:
        """In their order."""
        fake.faults.add("*", error=ServiceError("no", {}, "Odd", 400))
        fake.faults.add("*", network="SSLError")
        assert [each["number"] for each in client.get("/faults")] == [1, 2]
        assert [each["number"] for each in client.do("DELETE", "/faults/2")] == [1]


class TestAccounts:
    def test_what_is_said_of_an_account_holds(self, client: Client) -> None:
        """What is not said stays as it was."""
        client.do("PUT", f"/accounts/{ANA}", {"email": "ana@example.com", "daily_volume_bytes": 5})
        (account,) = client.do("PUT", f"/accounts/{ANA}", {"verifies": False})
        assert account == {
            "account_id": ANA,
            "email": "ana@example.com",
            "volumes": {"DETECTIVE_CORE": 5},
            "verifies": False,
            "guardduty": True,
            "closed": False,
        }
        assert client.get("/state")["accounts"] == [account]

    def test_volumes_may_be_unknown_and_addresses_none(self, client: Client) -> None:
        """As in scenarios."""
        (account,) = client.do("PUT", f"/accounts/{ANA}", {"email": "", "daily_volume_bytes": "unknown"})
        assert (account["email"], account["volumes"]) == (None, None)

    @pytest.mark.parametrize(("path", "body"), [("/accounts/me", {}), (f"/accounts/{ANA}", {"email": "no address"})])
    def test_what_no_account_has_is_refused(self, client: Client, path: str, body: object) -> None:
        """As in Python."""
        assert client.refused("PUT", path, body)[0] == 400


class TestOrganizations:
    def test_accounts_join_and_leave(self, client: Client, fake: DetectiveFake) -> None:
        """Each call answers with all organizations."""
        (made,) = client.do("POST", "/organizations", {"accounts": [ANA]})
        path = f"/organizations/{made['organization_id']}/accounts"
        client.do("POST", path, {"account_id": BEN, "email": "ben@example.com"})
        (left,) = client.do("DELETE", f"{path}/{ANA}")
        assert left["accounts"] == {"111111111111": None, BEN: "ben@example.com"}
        assert dict(fake.organizations[0].accounts) == left["accounts"]

    def test_accounts_may_have_addresses(self, client: Client) -> None:
        """As a mapping."""
        (made,) = client.do(
            "POST", "/organizations", {"management_account_id": BEN, "accounts": {ANA: "a@example.com"}}
        )
        assert made["accounts"] == {BEN: None, ANA: "a@example.com"}

    def test_one_of_a_scenario_can_be_changed_as_well(self, client: Client, fake: DetectiveFake) -> None:
        """Whoever has made it."""
        control = fake.seed.organization(accounts=[ANA])
        client.do("DELETE", f"/organizations/{control.organization_id}/accounts/{ANA}")
        assert control.account_ids == ("111111111111",)

    def test_one_that_is_not_there_cannot_be_changed(self, client: Client) -> None:
        """It is named."""
        refused = client.refused("POST", "/organizations/o-nothing/accounts", {"account_id": ANA})
        assert refused == (404, "There is no organization 'o-nothing'.")

    @pytest.mark.parametrize("body", [{"accounts": "all"}, {"accounts": ["me"]}, {"accounts": {ANA: 1}}])
    def test_what_are_no_accounts_is_refused(self, client: Client, body: object) -> None:
        """Nothing is made then."""
        assert client.refused("POST", "/organizations", body)[0] == 400


class TestScenarios:
    def test_what_was_saved_can_be_loaded(self, client: Client, fake: DetectiveFake) -> None:
        """The state is equal afterwards."""
        client.do("POST", "/clock/freeze", {"at": SECOND})
        fake.seed.graph(members=[ANA])
        before, saved = fake.snapshot(), client.get("/scenario")
        fake.client().delete_graph(GraphArn=fake.graphs[0].arn)
        assert client.do("PUT", "/scenario", saved)["graphs"]
        assert fake.snapshot() == before

    def test_one_that_is_not_right_changes_nothing(self, client: Client, fake: DetectiveFake) -> None:
        """All that is wrong with it is told; no path of this machine is."""
        before = fake.snapshot()
        status, message = client.refused("PUT", "/scenario", {"graphs": 1, "members": []})
        assert (status, fake.snapshot()) == (400, before)
        assert message.startswith("The scenario that was sent cannot be loaded:\n")
        assert "graphs" in message
        assert "members" in message

    def test_without_a_body_there_is_none(self, client: Client) -> None:
        """An empty scenario would be `{}`."""
        assert client.refused("PUT", "/scenario")[0] == 400


class TestReset:
    def test_everything_is_as_it_was_at_the_start(self, client: Client, fake: DetectiveFake) -> None:
        """Calls and faults are forgotten."""
        fake.client().create_graph()
        fake.faults.add("*", status=503)
        state = client.do("POST", "/reset")
        assert (state["graphs"], state["calls"], state["faults"]) == ([], 0, [])

    def test_a_fake_that_was_never_started_has_no_start(self) -> None:
        """It says so."""
        with served() as endpoint, Client(endpoint) as client:
            assert client.refused("POST", "/reset")[0] == 400
