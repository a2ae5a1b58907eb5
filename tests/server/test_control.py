"""The control API, as a program in another language uses it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from detective_fake.errors import ServiceError
from detective_fake.fake import DetectiveFake
from tests.server.http import Client, served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ANA, BEN = "222222222222", "333333333333"
SECOND = "2024-03-05T12:00:00+00:00"


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
    def test_it_is_the_saved_state(self, client: Client, fake: DetectiveFake, tmp_path: Path) -> None:
        """That `fake.save` writes."""
        fake.clock.freeze()
        fake.seed.account(BEN, daily_volume_bytes=None)
        graph_arn = fake.seed.graph(members={ANA: "ENABLED", BEN: "ACCEPTED_BUT_DISABLED"}, tags={"team": "a"})
        fake.seed.investigation(graph_arn, entity_arn=f"arn:aws:iam::{ANA}:role/deploy", severity="HIGH")
        fake.seed.organization("999999999999", {ANA: "ana@example.com"})
        fake.save(tmp_path / "state.json")
        assert client.get("/state") == json.loads((tmp_path / "state.json").read_text())

    def test_it_can_be_loaded(self, client: Client, fake: DetectiveFake) -> None:
        """The state is equal afterwards."""
        fake.clock.freeze()
        fake.seed.graph(members=[ANA])
        before, saved = fake.snapshot(), client.get("/state")
        fake.client().delete_graph(GraphArn=fake.graphs[0].arn)
        assert client.do("PUT", "/state", saved) == saved
        assert fake.snapshot() == before


class TestCaller:
    def test_the_default_caller_is_read_and_set(self, client: Client, fake: DetectiveFake) -> None:
        """As `fake.account_id`."""
        assert client.get("/caller") == {"account_id": "111111111111", "region": "us-east-1"}
        assert client.do("PUT", "/caller", {"account_id": ANA})["account_id"] == fake.account_id == ANA

    def test_it_has_twelve_digits(self, client: Client) -> None:
        """The message says so."""
        assert client.refused("PUT", "/caller", {"account_id": "me"}) == (
            400,
            "An AWS account ID is a string of twelve digits, not 'me'.",
        )


class TestSettings:
    @pytest.mark.parametrize(
        ("path", "body", "value"),
        [
            ("/timings", {"verification": "5 minutes"}, 300),
            ("/timings", {"verification": 1.5}, 1.5),
            ("/timings", {"verification": "settle"}, None),
            ("/timings", {"verification": None}, None),
            ("/quotas", {"members_per_graph": 3}, 3),
        ],
    )
    def test_some_are_changed(self, client: Client, path: str, body: dict[str, Any], value: object) -> None:
        """The others stay; the response has all."""
        before = client.get(path)
        after = client.do("PUT", path, body)
        (name,) = body
        assert after == {**before, name: value} == client.get(path)

    @pytest.mark.parametrize(
        ("path", "body", "message"),
        [
            (
                "/timings",
                {"enabling": 1, "recheck": 0},
                'timings.recheck must be a millisecond at least, because it repeats, or "settle", not 0.',
            ),
            ("/timings", {"verification": -1}, 'a duration from zero to 365,000 days, or "settle"'),
            ("/timings", {"verify": 1}, "verify: unknown key; did you mean verification?"),
            ("/quotas", {"tags_per_graph": 7, "members_per_graph": 0}, "a whole number of at least 1, not 0."),
        ],
    )
    def test_an_invalid_one_changes_nothing(self, client: Client, path: str, body: object, message: str) -> None:
        """The message is about HTTP."""
        before = client.get(path)
        status, found = client.refused("PUT", path, body)
        assert status == 400
        assert message in found
        assert client.get(path) == before


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
            ("?outcome=failed", [3]),
            ("?outcome=ok&region=us-east-1", [1, 2]),
            ("?outcome=AccessDeniedException", [3]),
            ("?text=graph+team", [1]),
            ("?before=2", [1]),
            ("?region=eu-west-1", []),
        ],
    )
    def test_calls_can_be_filtered(self, client: Client, query: str, numbers: list[int]) -> None:
        """They keep their numbers in the whole journal."""
        assert [call["number"] for call in client.get(f"/calls{query}")] == numbers

    @pytest.mark.parametrize("query", ["?limit=x", "?limit=-1", "?account_id=me", "?limit=" + "9" * 30, "?what=1"])
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
            f"There is no call {number}. Expected one of: 1, 2, 3.",
        )

    def test_a_message_lists_only_some_of_many_calls(self, client: Client, fake: DetectiveFake) -> None:
        """It stays readable."""
        for _ in range(200):
            fake.client().list_graphs()
        _, message = client.refused("GET", "/calls/999")
        assert message.startswith("There is no call 999. Expected one of: 1, 2, 3, ")
        assert message.endswith(" ….")
        assert len(message) < 500

    def test_calls_keep_their_numbers(self, client: Client, fake: DetectiveFake) -> None:
        """When older ones are forgotten."""
        fake.forget_calls(keep=1)
        assert [call["number"] for call in client.get("/calls")] == [3]
        assert client.get("/calls/3")["operation"] == "ListInvitations"
        assert client.refused("GET", "/calls/2")[0] == 404

    def test_calls_are_forgotten(self, client: Client, fake: DetectiveFake) -> None:
        """All, or all but the last."""
        assert client.do("DELETE", "/calls?keep=1") == {"forgotten": 2}
        client.do("DELETE", "/calls")
        assert len(fake.calls) == 0

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
        assert advanced == {"now": "2024-03-05T13:00:30+00:00", "frozen": True}
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
            ("/clock/advance", {"hours": 1e300}),
            ("/clock/advance", {"to_next_event": True}),
            ("/clock/advance", b"[" * 100_000),
            ("/clock/freeze", {"at": "0999-12-31T23:59:59Z"}),
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
        assert refused[0] == 400
        assert "it ends with the year 8999" in refused[1]


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
        first, second = client.get("/state")["world"]["event_queue"]
        assert (first["kind"], first["subject"], first["due"]) == ("verification", ANA, None)
        assert client.do("POST", f"/settle/{first['number']}") == [second]
        statuses = [row.status.value for row in fake.members(fake.graphs[0].arn)]
        assert statuses == ["INVITED", "VERIFICATION_IN_PROGRESS"]

    def test_the_clock_moves_to_the_next_one(self, client: Client, fake: DetectiveFake) -> None:
        """It is due then."""
        fake.clock.freeze()
        fake.seed.graph(BEN, members={ANA: "ACCEPTED_BUT_DISABLED"})
        before = fake.clock.now()
        client.do("POST", "/clock/advance", {"to_next_event": True})
        assert (fake.clock.now() - before).total_seconds() == 3600
        assert client.refused("POST", "/clock/advance", {"to_next_event": True, "hours": 1})[0] == 400

    def test_an_unknown_event_is_not_found(self, client: Client) -> None:
        """It may have run already. The message has the numbers of the others."""
        message = "There is no pending event 99. Expected one of: 2, 4."
        assert client.refused("POST", "/settle/99") == (404, message)


class TestFaults:
    def test_a_fault_is_added_used_and_removed(self, client: Client, fake: DetectiveFake) -> None:
        """Its number identifies it. What it waits for is said in words."""
        fault = client.do("POST", "/faults", {"operation": "ListGraphs", "error": "ThrottlingException", "times": 2})
        given = {name: fault[name] for name in ("number", "operation", "error", "times", "used", "active", "waits_for")}
        assert list(given.values()) == [
            *(1, "ListGraphs", "ThrottlingException", 2, 0, True),
            "2 calls of ListGraphs",
        ]
        fake.client().list_graphs()
        assert client.get("/faults") == [{**fault, "used": 2, "active": False, "waits_for": ""}]
        assert client.do("DELETE", "/faults/1") == []

    def test_all_terms_can_be_given(self, client: Client, fake: DetectiveFake) -> None:
        """Except callbacks."""
        terms = {
            "operation": "CreateMembers",
            "unprocessed": {ANA: "no"},
            "latency": 1.5,
            "times": None,
            "nth": 2,
            "account_id": "111111111111",
            "region": "us-east-1",
        }
        added = client.do("POST", "/faults", terms)
        assert {name: added[name] for name in terms} == terms
        (fault,) = fake.faults
        assert str(fault) == (
            f"faults.add('CreateMembers', unprocessed={{'{ANA}': 'no'}}, "
            "latency=datetime.timedelta(seconds=1, microseconds=500000), times=None, nth=2, "
            "account_id='111111111111', region='us-east-1')"
        ), "one fault, with all that was said"

    @pytest.mark.parametrize(
        ("terms", "waits_for"),
        [
            ({}, "1 call of List*"),
            ({"times": None}, "every call of List*"),
            ({"nth": 3}, "call 3 of List*, 0 so far"),
            ({"account_id": ANA, "region": "eu-west-1"}, f"1 call of List* by {ANA} in eu-west-1"),
        ],
    )
    def test_it_says_what_it_waits_for(self, client: Client, terms: dict[str, Any], waits_for: str) -> None:
        """In words."""
        fault = client.do("POST", "/faults", {"operation": "List*", "error": "ThrottlingException", **terms})
        assert fault["waits_for"] == waits_for

    @pytest.mark.parametrize(
        ("terms", "message"),
        [
            ({"error": "ThrottlingException"}, "operation: is missing."),
            (
                {"operation": "ListGraphs"},
                'A fault needs an effect. Give "error", "status", "network", "unprocessed" or "latency".',
            ),
            ({"operation": "ListGraph", "error": "ThrottlingException"}, "Did you mean 'ListGraphs'?"),
            ({"operation": "ListGraphs", "error": "Odd"}, 'give "status" too.'),
            ({"operation": "ListGraphs", "error": 1}, "error: expected a string, got 1."),
            ({"operation": "ListGraphs", "status": 418}, 'Give its code too: "error", "status": 418.'),
            ({"operation": "ListGraphs", "network": "Outage"}, "network: expected one of ConnectTimeoutError, "),
            ({"operation": "ListGraphs", "status": 200}, "status: expected an HTTP status from 400 to 599, got 200."),
            ({"operation": "ListGraphs", "status": 503, "times": 0}, "times"),
            (
                {"operation": "ListGraphs", "status": 503, "latency": 0},
                "latency: expected a duration greater than zero",
            ),
            ({"operation": "ListGraphs", "status": 503, "when": "later"}, "when: expected one of before, after"),
            (b'{"operation": "ListGraphs", "status": 503, "message": "\\ud800"}', "message: expected a string"),
            ({"operation": "CreateMembers", "unprocessed": {"me": "no"}}, "An AWS account ID is"),
            ({"operation": "CreateMembers", "unprocessed": [ANA]}, "unprocessed: expected a table, got a list."),
            (
                {"operation": "*", "error": "ThrottlingException", "network": "SSLError"},
                '"error" and "network" cannot be combined.',
            ),
            ({"operation": "ListGraphs", "status": 503, "callback": "f"}, "callback: unknown key"),
        ],
    )
    def test_an_invalid_fault_is_refused(
        self, client: Client, fake: DetectiveFake, terms: object, message: str
    ) -> None:
        """The message names parameters of HTTP."""
        status, found = client.refused("POST", "/faults", terms)
        assert (status, len(fake.faults)) == (400, 0)
        assert message in found

    def test_an_unknown_fault_is_not_found(self, client: Client) -> None:
        """It may have been removed already."""
        assert client.refused("DELETE", "/faults/1") == (404, "There is no fault 1. Expected one of: none.")

    def test_faults_of_the_test_have_numbers(self, client: Client, fake: DetectiveFake) -> None:
        """In their order."""
        fake.faults.add("*", error=ServiceError("no", {}, "Odd", 400))
        fake.faults.add("*", network="SSLError")
        assert [(each["number"], each["error"]) for each in client.get("/faults")] == [(1, "Odd"), (2, None)]
        assert [each["number"] for each in client.do("DELETE", "/faults/2")] == [1]


class TestDenials:
    def test_an_action_is_denied_and_allowed_again(self, client: Client, fake: DetectiveFake) -> None:
        """By its number."""
        denial = client.do("POST", "/denials", {"action": "detective:List*", "account_id": ANA})
        assert (denial["action"], denial["account_id"], denial["active"]) == ("detective:List*", ANA, True)
        with pytest.raises(ClientError, match="not authorized to perform: detective:ListGraphs"):
            fake.client(ANA).list_graphs()
        assert [each["used"] for each in client.get("/denials")] == [1]
        assert client.do("DELETE", f"/denials/{denial['number']}") == []
        fake.client(ANA).list_graphs()

    def test_an_unknown_denial_is_not_found(self, client: Client) -> None:
        """It may have been removed already."""
        assert client.refused("DELETE", "/denials/1") == (404, "There is no denial 1. Expected one of: none.")


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
            "guardduty_since": None,
            "suspended": False,
            "closed": False,
        }
        assert client.get("/state")["world"]["accounts"] == {ANA: account}

    def test_null_is_an_unknown_volume_and_any_address(self, client: Client) -> None:
        """As None is in Python."""
        (account,) = client.do("PUT", f"/accounts/{ANA}", {"email": None, "daily_volume_bytes": None})
        assert (account["email"], account["volumes"]) == (None, None)

    @pytest.mark.parametrize(("path", "body"), [("/accounts/me", {}), (f"/accounts/{ANA}", {"email": "no address"})])
    def test_invalid_attributes_are_refused(self, client: Client, path: str, body: object) -> None:
        """As in Python."""
        assert client.refused("PUT", path, body)[0] == 400


class TestGraphs:
    def test_a_graph_with_members_and_investigations_is_added(self, client: Client, fake: DetectiveFake) -> None:
        """By the functions of `fake.seed`."""
        graph_arn = client.do("POST", "/graphs", {"members": {ANA: "INVITED"}})["graph_arn"]
        path = f"/graphs/{graph_arn}"
        rows = client.do("POST", f"{path}/members", {"account_id": BEN, "updated_at": "2024-03-05T12:00:00Z"})
        assert [(row["account_id"], row["status"]) for row in rows] == [(ANA, "INVITED"), (BEN, "ENABLED")]
        assert rows[1]["updated_at"] == SECOND
        indicators = [{"indicator_type": "NEW_ASO", "aso": "Mars"}]
        body = {"entity_arn": f"arn:aws:iam::{ANA}:role/deploy", "indicators": indicators}
        found = client.do("POST", f"{path}/investigations", body)["investigation_id"]
        answered = fake.client().list_indicators(GraphArn=graph_arn, InvestigationId=found)["Indicators"]
        assert [each["IndicatorType"] for each in answered] == ["NEW_ASO"]
        client.do("PUT", f"{path}/investigation-outcome", {**body, "severity": "HIGH"})
        scope = {"ScopeStartTime": SECOND, "ScopeEndTime": "2024-03-06T12:00:00Z"}
        fake.client().start_investigation(GraphArn=graph_arn, EntityArn=body["entity_arn"], **scope)  # type: ignore[arg-type]
        fake.settle()
        severities = [
            each["Severity"] for each in fake.client().list_investigations(GraphArn=graph_arn)["InvestigationDetails"]
        ]
        assert sorted(severities) == ["HIGH", "INFORMATIONAL"]

    def test_an_unknown_graph_is_not_found(self, client: Client, fake: DetectiveFake) -> None:
        """The message has the known ones."""
        graph_arn = fake.seed.graph()
        assert client.refused("POST", "/graphs/none/members", {"account_id": ANA}) == (
            404,
            f"There is no behavior graph 'none'. Expected one of: {graph_arn}.",
        )

    @pytest.mark.parametrize(
        ("body", "message"),
        [
            ({"members": ["me"]}, "members: account_id: An AWS account ID is a string of twelve digits"),
            ({"members": {ANA: "enabled"}}, "did you mean ENABLED?"),
            ({"organization_graph": True}, "is in no organization; add it with POST /_fake/organizations."),
            ({"created_at": "noon"}, "created_at: expected a time with its offset"),
        ],
    )
    def test_an_invalid_graph_is_refused(self, client: Client, fake: DetectiveFake, body: object, message: str) -> None:
        """In terms of HTTP."""
        status, found = client.refused("POST", "/graphs", body)
        assert (status, fake.graphs) == (400, ())
        assert message in found


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

    def test_an_account_is_closed_and_the_administrator_deregistered(self, client: Client, fake: DetectiveFake) -> None:
        """As AWS Organizations does."""
        control = fake.seed.organization(accounts=[ANA, BEN], delegated_administrator_id=BEN)
        path = f"/organizations/{control.organization_id}"
        client.do("POST", f"{path}/accounts/{ANA}/close")
        assert fake.snapshot().state.accounts[ANA].closed
        (left,) = client.do("DELETE", f"{path}/delegated-administrator")
        assert left["delegated_administrator_id"] is control.delegated_administrator_id is None

    @pytest.mark.parametrize("body", [{"accounts": "all"}, {"accounts": ["me"]}, {"accounts": {ANA: 1}}])
    def test_invalid_accounts_are_refused(self, client: Client, body: object) -> None:
        """No organization is created."""
        assert client.refused("POST", "/organizations", body)[0] == 400


class TestSnapshots:
    def test_a_snapshot_is_taken_and_restored(self, client: Client, fake: DetectiveFake) -> None:
        """It has a name, or that of the last call."""
        assert client.do("POST", "/snapshots")["name"] == "start"
        graph_arn = fake.client().create_graph()["GraphArn"]
        assert client.do("POST", "/snapshots")["name"] == "#1 CreateGraph"
        fake.seed.member(graph_arn, ANA)
        client.do("POST", "/snapshots", {"name": "with Ana"})
        taken = client.get("/snapshots")
        assert [(each["number"], each["name"], each["calls"]) for each in taken] == [
            (1, "start", 0),
            (2, "#1 CreateGraph", 1),
            (3, "with Ana", 1),
        ]
        client.do("POST", "/snapshots/2/restore")
        assert fake.members(graph_arn) == ()

    def test_nothing_new_is_no_new_snapshot(self, client: Client) -> None:
        """The last one is returned."""
        assert client.do("POST", "/snapshots") == client.do("POST", "/snapshots", {"name": "again"})

    def test_an_unknown_snapshot_is_not_found(self, client: Client) -> None:
        """It may have been dropped."""
        assert client.refused("POST", "/snapshots/7/restore") == (404, "There is no snapshot 7. Expected one of: none.")


class TestScenarios:
    @pytest.fixture
    def filled(self, fake: DetectiveFake) -> DetectiveFake:
        """Something of every kind."""
        fake.clock.freeze()
        fake.seed.account(ANA, email="ana@example.com", verifies=False, daily_volume_bytes=None)
        fake.seed.organization("999999999999", {ANA: "ana@example.com", BEN: None}, delegated_administrator_id=BEN)
        graph_arn = fake.seed.graph(
            tags={"a.key": 'a "value"'},
            members={ANA: "INVITED", BEN: "ACCEPTED_BUT_DISABLED"},
            packages=["DETECTIVE_CORE", "EKS_AUDIT"],
        )
        indicators = [{"indicator_type": "NEW_ASO", "aso": "Mars"}]
        role = f"arn:aws:iam::{ANA}:role/deploy"
        fake.seed.investigation(graph_arn, entity_arn=role, severity="HIGH", indicators=indicators)
        fake.seed.graph(BEN, organization_graph=True, auto_enable=True, members=[ANA])
        return fake

    def test_the_state_is_written_as_a_scenario(self, client: Client, filled: DetectiveFake) -> None:
        """In JSON, in TOML, and as calls of `fake.seed`. Each makes an equal scenario."""
        scenario, lines = client.get("/scenario"), client.ask("GET", "/_fake/scenario.seed").body.decode()
        assert [len(tables) for tables in scenario.values()] == [1, 1, 2]
        for kind, body in (("json", client.get("/scenario")), ("toml", client.ask("GET", "/_fake/scenario.toml").body)):
            answered = client.ask(
                "PUT", "/_fake/state", body, {"X-Detective-Fake": "test", "Content-Type": f"application/{kind}"}
            )
            assert answered.status == 200, answered.body
            again = client.get("/scenario")
            again["organization"][0]["accounts"] = scenario["organization"][0]["accounts"]  # TOML has no null
            assert again == scenario
        filled.reset()
        exec(lines, {"fake": filled})  # noqa: S102 - the lines are those of the server
        assert without_times(client.get("/scenario")) == without_times(scenario)

    def test_no_other_form_is_written(self, client: Client) -> None:
        """The suffix is one of two."""
        assert client.refused("GET", "/scenario.yaml")[0] == 400

    def test_an_invalid_scenario_changes_nothing(self, client: Client, fake: DetectiveFake) -> None:
        """The message has all problems, and no path of this machine."""
        before = fake.snapshot()
        status, message = client.refused("PUT", "/state", {"graph": 1, "members": []})
        assert (status, fake.snapshot()) == (400, before)
        assert message.startswith("The scenario given cannot be loaded:\n")
        assert "  graph: expected a list of tables" in message
        assert "members" in message

    @pytest.mark.parametrize("body", [b'{"a": NaN}', b"[]", b"{", b"", b"\xff", b'{"a": 1, "a": 2}'])
    def test_a_body_that_is_not_an_object_in_json_is_refused(self, client: Client, body: bytes) -> None:
        """Python's parser accepts some of these. An empty scenario is `{}`."""
        assert client.refused("PUT", "/state", body)[0] == 400

    def test_invalid_toml_is_refused(self, client: Client) -> None:
        """The message says where."""
        headers = {"X-Detective-Fake": "test", "Content-Type": "application/toml"}
        answered = client.ask("PUT", "/_fake/state", b"[[graph", headers)
        assert answered.status == 400
        assert answered.json["message"].startswith("The body is not valid TOML: Expected")


def without_times(value: Any) -> Any:
    """Return a scenario without the keys whose values are times."""
    if isinstance(value, list):
        return [without_times(each) for each in value]
    if isinstance(value, dict):
        return {
            name: without_times(each) for name, each in value.items() if not name.endswith(("_at", "_start", "_end"))
        }
    return value


class TestReset:
    def test_the_state_is_that_at_the_start(self, client: Client, fake: DetectiveFake) -> None:
        """Calls and faults are removed."""
        fake.client().create_graph()
        fake.faults.add("*", status=503)
        assert client.do("POST", "/reset")["world"]["graphs"] == {}
        assert (client.get("/calls"), client.get("/faults")) == ([], [])

    def test_a_fake_that_was_never_started_cannot_be_reset(self) -> None:
        """The message says so."""
        with served() as endpoint, Client(endpoint) as client:
            assert client.refused("POST", "/reset")[0] == 400
