"""The control API, as a program in another language uses it."""

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
    with DetectiveFake("111111111111", unused_faults="ignore") as fake:
        yield fake


@pytest.fixture
def client(fake: DetectiveFake) -> Iterator[Client]:
    """Return a client of the fake's server."""
    with served(fake) as endpoint, Client(endpoint) as client:
        yield client


class TestAccess:
    def test_reading_needs_no_header(self, client: Client) -> None:
        """Only an accepted host."""
        assert client.ask("GET", "/_fake/clock").status == 200

    def test_changing_needs_the_header(self, client: Client, fake: DetectiveFake) -> None:
        """A page of another origin cannot send it. Without it nothing changes."""
        before = fake.snapshot()
        answered = client.ask("POST", "/_fake/clock/freeze")
        assert (answered.status, fake.snapshot()) == (403, before)
        assert answered.json["message"] == (
            "A call that changes something needs the header X-Detective-Fake, with any value."
        )

    def test_an_unknown_method_is_refused_with_the_known_ones(self, client: Client) -> None:
        """In the `Allow` header."""
        answered = client.ask("DELETE", "/_fake/clock")
        assert (answered.status, answered.headers["allow"]) == (405, "GET")

    def test_an_unknown_path_is_not_found(self, client: Client) -> None:
        """The response is JSON."""
        assert client.refused("GET", "/nothing")[0] == 404


class TestState:
    def test_an_empty_fake_holds_nothing(self, client: Client) -> None:
        """It has a default caller, a Region and a clock."""
        state = client.get("/state")
        assert (state["account_id"], state["region"], state["clock"]["frozen"]) == ("111111111111", "us-east-1", False)
        assert not any(state[name] for name in ("accounts", "organizations", "graphs", "pending", "faults", "calls"))

    def test_it_has_graphs_with_their_members(self, client: Client, fake: DetectiveFake) -> None:
        """With the attributes of the Python values."""
        fake.seed.account(BEN, daily_volume_bytes=None)
        graph_arn = fake.seed.graph(members={ANA: "ENABLED", BEN: "ACCEPTED_BUT_DISABLED"}, tags={"team": "a"})
        (graph,) = client.get("/state")["graphs"]
        assert (graph["arn"], graph["tags"]) == (graph_arn, {"team": "a"})
        assert graph["packages"]["DETECTIVE_CORE"]["state"] == "STARTED"
        ana, ben = graph["members"]
        assert (ana["account_id"], ana["status"], ana["usage"]["total"]) == (ANA, "ENABLED", 10**9)
        assert (ben["status"], ben["disabled_reason"], ben["usage"]) == (
            "ACCEPTED_BUT_DISABLED",
            "VOLUME_UNKNOWN",
            None,
        )

    def test_it_has_investigations(self, client: Client, fake: DetectiveFake) -> None:
        """With their indicators."""
        graph_arn = fake.seed.graph()
        number = fake.seed.investigation(graph_arn, entity_arn=f"arn:aws:iam::{ANA}:role/deploy", severity="HIGH")
        (found,) = client.get("/state")["graphs"][0]["investigations"]
        assert (found["investigation_id"], found["severity"], found["indicators"]) == (number, "HIGH", [])

    def test_it_has_organizations_with_their_administrators(self, client: Client, fake: DetectiveFake) -> None:
        """By Region."""
        fake.seed.organization("111111111111", {ANA: "ana@example.com"})
        fake.client().enable_organization_admin_account(AccountId=ANA)
        (found,) = client.get("/state")["organizations"]
        assert found["accounts"] == {"111111111111": None, ANA: "ana@example.com"}
        assert found["designations"]["us-east-1"]["administrator_id"] == ANA


class TestCalls:
    @pytest.fixture(autouse=True)
    def three_calls(self, fake: DetectiveFake) -> None:
        fake.client().create_graph(Tags={"team": "a"})
        fake.client(ANA).list_graphs()
        fake.faults.add("ListInvitations", error="AccessDeniedException")
        with pytest.raises(Exception, match="AccessDenied"):
            fake.client(ANA).list_invitations()

    def test_a_call_has_parameters_and_result(self, client: Client, fake: DetectiveFake) -> None:
        """And the rule that determined the caller."""
        call = client.get("/calls/1")
        assert (call["operation"], call["parameters"], call["outcome"]) == (
            "CreateGraph",
            {"Tags": {"team": "a"}},
            "ok",
        )
        assert call["result"] == {"GraphArn": fake.graphs[0].arn}
        assert call["rule"] == "access key decodes to 111111111111"

    def test_a_failed_call_has_a_message(self, client: Client) -> None:
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
    def test_calls_can_be_filtered(self, client: Client, query: str, numbers: list[int]) -> None:
        """They keep their numbers in the whole journal."""
        assert [call["number"] for call in client.get(f"/calls{query}")] == numbers

    @pytest.mark.parametrize("query", ["?limit=x", "?limit=-1", "?failed=maybe", "?limit=" + "9" * 30, "?what=1"])
    def test_an_invalid_filter_is_refused(self, client: Client, query: str) -> None:
        """The message names the parameter."""
        status, message = client.refused("GET", f"/calls{query}")
        assert status == 400
        assert query[1:].partition("=")[0] in message

    @pytest.mark.parametrize("number", ["4", "9999"])
    def test_an_unknown_call_is_not_found(self, client: Client, number: str) -> None:
        """Calls are numbered from 1."""
        assert client.refused("GET", f"/calls/{number}") == (
            404,
            f"There is no call {number}, or it is forgotten. The last one is 3.",
        )

    def test_calls_keep_their_numbers(self, client: Client, fake: DetectiveFake) -> None:
        """When older ones are forgotten."""
        fake.forget_calls(keep=1)
        assert [call["number"] for call in client.get("/calls")] == [3]
        assert client.get("/calls/3")["operation"] == "ListInvitations"
        assert client.refused("GET", "/calls/2")[0] == 404
        assert client.get("/state")["calls"] == 3

    def test_calls_have_cloudtrail_records(self, client: Client) -> None:
        """As CloudTrail delivers them."""
        records = client.get("/cloudtrail")["Records"]
        assert [record["eventName"] for record in records] == ["CreateGraph", "ListGraphs", "ListInvitations"]


class TestEmails:
    def test_invitations_are_listed(self, client: Client, fake: DetectiveFake) -> None:
        """With address and message, not masked."""
        graph_arn = fake.client().create_graph()["GraphArn"]
        fake.client().create_members(
            GraphArn=graph_arn, Message="Do come.", Accounts=[{"AccountId": ANA, "EmailAddress": "ana@example.com"}]
        )
        client.do("POST", "/settle")
        (email,) = client.get("/emails")
        assert (email["address"], email["message"], email["graph_arn"]) == ("ana@example.com", "Do come.", graph_arn)


class TestClock:
    def test_it_is_frozen_advanced_and_unfrozen(self, client: Client, fake: DetectiveFake) -> None:
        """Each response has the clock."""
        assert client.do("POST", "/clock/freeze", {"at": SECOND}) == {"now": SECOND, "frozen": True}
        advanced = client.do("POST", "/clock/advance", {"hours": 1, "minutes": 0.5})
        assert advanced == {"now": "2024-03-05T13:00:30.000Z", "frozen": True}
        assert client.do("POST", "/clock/unfreeze")["frozen"] is False
        assert fake.clock.now().year == 2024

    def test_frozen_without_a_time_it_keeps_the_present_time(self, client: Client, fake: DetectiveFake) -> None:
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
    def test_an_invalid_time_is_refused(self, client: Client, path: str, body: object) -> None:
        """Nothing changes."""
        assert client.refused("POST", path, body)[0] == 400

    def test_it_ends_before_the_calendar(self, client: Client) -> None:
        """Events need times after the present one."""
        client.do("POST", "/clock/freeze", {"at": "8999-12-31T23:00:00Z"})
        refused = client.refused("POST", "/clock/advance", {"hours": 1})
        assert refused == (400, "The clock cannot move beyond the year 9000.")


class TestSettling:
    @pytest.fixture(autouse=True)
    def two_pending(self, fake: DetectiveFake) -> None:
        fake.timings.verification = None
        graph_arn = fake.client().create_graph()["GraphArn"]
        accounts: list[Any] = [{"AccountId": each, "EmailAddress": f"{each}@example.com"} for each in (ANA, BEN)]
        fake.client().create_members(GraphArn=graph_arn, Accounts=accounts)

    def test_all_events_can_be_run(self, client: Client) -> None:
        """The response lists the events that are still pending."""
        assert client.do("POST", "/settle") == []

    def test_one_event_can_be_run(self, client: Client, fake: DetectiveFake) -> None:
        """The other stays pending."""
        first, second = client.get("/state")["pending"]
        assert (first["kind"], first["subject"], first["due"]) == ("verification", ANA, None)
        assert client.do("POST", f"/settle/{first['number']}") == [second]
        statuses = [row.status.value for row in fake.members(fake.graphs[0].arn)]
        assert statuses == ["INVITED", "VERIFICATION_IN_PROGRESS"]

    def test_an_unknown_event_is_not_found(self, client: Client) -> None:
        """It may have run already."""
        assert client.refused("POST", "/settle/99") == (404, "There is no pending event 99.")


class TestFaults:
    def test_a_fault_is_added_used_and_removed(self, client: Client, fake: DetectiveFake) -> None:
        """Its number identifies it."""
        fault = client.do("POST", "/faults", {"operation": "ListGraphs", "error": "ThrottlingException", "times": 2})
        assert fault == {
            "number": 1,
            "description": "faults.add('ListGraphs', error='ThrottlingException', times=2)",
            "used": 0,
            "active": True,
        }
        fake.client().list_graphs()
        assert client.get("/faults") == [{**fault, "used": 2, "active": False}]
        assert client.do("DELETE", "/faults/1") == []

    def test_all_terms_can_be_given(self, client: Client, fake: DetectiveFake) -> None:
        """Except callbacks."""
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
        assert str(fault) == (
            f"faults.add('CreateMembers', unprocessed={{'{ANA}': 'no'}}, "
            "latency=datetime.timedelta(seconds=1, microseconds=500000), times=None, nth=2, "
            "account_id='111111111111', region='us-east-1')"
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
            b'{"operation": "ListGraphs", "status": 503, "message": "\\ud800"}',
            {"operation": "CreateMembers", "unprocessed": {"me": "no"}},
            {"operation": "CreateMembers", "unprocessed": [ANA]},
            {"operation": "ListGraphs", "status": 503, "callback": "f"},
        ],
    )
    def test_an_invalid_fault_is_refused(self, client: Client, fake: DetectiveFake, terms: object) -> None:
        """By the schema, or by the fake itself."""
        assert (client.refused("POST", "/faults", terms)[0], len(fake.faults)) == (400, 0)

    def test_an_unknown_fault_is_not_found(self, client: Client) -> None:
        """It may have been removed already."""
        assert client.refused("DELETE", "/faults/1") == (404, "There is no fault 1.")

    def test_faults_of_the_test_have_numbers(self, client: Client, fake: DetectiveFake) -> None:
        """In their order."""
        fake.faults.add("*", error=ServiceError("no", {}, "Odd", 400))
        fake.faults.add("*", network="SSLError")
        assert [each["number"] for each in client.get("/faults")] == [1, 2]
        assert [each["number"] for each in client.do("DELETE", "/faults/2")] == [1]


class TestAccounts:
    def test_attributes_of_an_account_are_set(self, client: Client) -> None:
        """Those left out stay as they are."""
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

    def test_null_is_an_unknown_volume_and_any_address(self, client: Client) -> None:
        """As None is in Python."""
        (account,) = client.do("PUT", f"/accounts/{ANA}", {"email": None, "daily_volume_bytes": None})
        assert (account["email"], account["volumes"]) == (None, None)

    @pytest.mark.parametrize(("path", "body"), [("/accounts/me", {}), (f"/accounts/{ANA}", {"email": "no address"})])
    def test_invalid_attributes_are_refused(self, client: Client, path: str, body: object) -> None:
        """As in Python."""
        assert client.refused("PUT", path, body)[0] == 400


class TestOrganizations:
    def test_accounts_join_and_leave(self, client: Client, fake: DetectiveFake) -> None:
        """Each response lists all organizations."""
        (made,) = client.do("POST", "/organizations", {"accounts": [ANA]})
        path = f"/organizations/{made['organization_id']}/accounts"
        client.do("POST", path, {"account_id": BEN, "email": "ben@example.com"})
        (left,) = client.do("DELETE", f"{path}/{ANA}")
        assert left["accounts"] == {"111111111111": None, BEN: "ben@example.com"}
        assert dict(fake.organizations[0].accounts) == left["accounts"]

    def test_accounts_may_have_addresses(self, client: Client) -> None:
        """As an object."""
        (made,) = client.do(
            "POST", "/organizations", {"management_account_id": BEN, "accounts": {ANA: "a@example.com"}}
        )
        assert made["accounts"] == {BEN: None, ANA: "a@example.com"}

    def test_an_organization_of_the_test_can_be_changed(self, client: Client, fake: DetectiveFake) -> None:
        """Also one that the control API did not create."""
        control = fake.seed.organization(accounts=[ANA])
        client.do("DELETE", f"/organizations/{control.organization_id}/accounts/{ANA}")
        assert control.account_ids == ("111111111111",)

    def test_an_unknown_organization_is_not_found(self, client: Client) -> None:
        """The message names it, and the known ones."""
        refused = client.refused("POST", "/organizations/o-nothing/accounts", {"account_id": ANA})
        assert refused == (404, "There is no organization 'o-nothing'. Expected one of: none.")

    @pytest.mark.parametrize("body", [{"accounts": "all"}, {"accounts": ["me"]}, {"accounts": {ANA: 1}}])
    def test_invalid_accounts_are_refused(self, client: Client, body: object) -> None:
        """No organization is created."""
        assert client.refused("POST", "/organizations", body)[0] == 400


class TestScenarios:
    def test_a_saved_scenario_can_be_loaded(self, client: Client, fake: DetectiveFake) -> None:
        """The state is equal afterwards."""
        client.do("POST", "/clock/freeze", {"at": SECOND})
        fake.seed.graph(members=[ANA])
        before, saved = fake.snapshot(), client.get("/scenario")
        fake.client().delete_graph(GraphArn=fake.graphs[0].arn)
        assert client.do("PUT", "/scenario", saved)["graphs"]
        assert fake.snapshot() == before

    def test_an_invalid_scenario_changes_nothing(self, client: Client, fake: DetectiveFake) -> None:
        """The message has all problems, and no path of this machine."""
        before = fake.snapshot()
        status, message = client.refused("PUT", "/scenario", {"graph": 1, "members": []})
        assert (status, fake.snapshot()) == (400, before)
        assert message.startswith("The scenario in the body cannot be loaded:\n")
        assert "  graph: expected a list of tables" in message
        assert "members" in message

    @pytest.mark.parametrize("body", [b'{"a": "\\ud800"}', b'{"a": NaN}', b"[]", b"{"])
    def test_a_body_that_is_not_an_object_in_json_is_refused(self, client: Client, body: bytes) -> None:
        """Python's parser accepts some of these."""
        assert client.refused("PUT", "/scenario", body)[0] == 400

    def test_a_scenario_needs_a_body(self, client: Client) -> None:
        """An empty scenario is `{}`."""
        assert client.refused("PUT", "/scenario")[0] == 400


class TestReset:
    def test_the_state_is_that_at_the_start(self, client: Client, fake: DetectiveFake) -> None:
        """Calls and faults are removed."""
        fake.client().create_graph()
        fake.faults.add("*", status=503)
        state = client.do("POST", "/reset")
        assert (state["graphs"], state["calls"], state["faults"]) == ([], 0, [])

    def test_a_fake_that_was_never_started_cannot_be_reset(self) -> None:
        """The message says so."""
        with served() as endpoint, Client(endpoint) as client:
            assert client.refused("POST", "/reset")[0] == 400
