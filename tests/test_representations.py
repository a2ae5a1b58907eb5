"""`repr`, copies and pickles of what a test or a request holds: they work at any moment and show no secrets."""

from __future__ import annotations

import copy
import logging
import pickle
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

from detective_fake import DetectiveFake
from detective_fake.interception import environment
from detective_fake.interception.environment import Machine
from tests.builders import ADMINISTRATOR, ANA, BEN, MANAGEMENT, NOON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ADDRESS, MESSAGE = "ana@secret.example", "a secret message"
FUNCTIONS: list[Callable[[Any], Any]] = [copy.copy, copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))]  # noqa: S301


def everything(fake: DetectiveFake) -> dict[str, Any]:
    """Return an object of each public kind, most of which hold an address or a message."""
    organization = fake.seed.organization(MANAGEMENT, {BEN: ADDRESS})
    fake.seed.account(ANA, email=ADDRESS)
    arn = fake.client().create_graph()["GraphArn"]
    accounts: Any = [{"AccountId": ANA, "EmailAddress": ADDRESS}]
    fake.client().create_members(GraphArn=arn, Accounts=accounts, Message=MESSAGE)
    pending, early = fake.pending[0], fake.snapshot()
    fake.client().get_members(GraphArn=arn, AccountIds=[ANA])
    accounts = [{"AccountId": BEN, "EmailAddress": ADDRESS}]
    fake.client().create_members(GraphArn=arn, Accounts=accounts, Message=MESSAGE)
    call = fake.calls[-1]
    return {
        "fake": fake,
        "pending event": pending,
        "snapshot": early,
        "later snapshot": fake.snapshot(),
        "member": fake.members(arn)[0],
        "graph": fake.graphs[0],
        "organization": fake.organizations[-1],
        "control of an organization": organization,
        "journal": fake.calls,
        "call": call,
        "attempt": call.attempts[0],
        "request": call.request,
        "caller": call.caller,
        "results": [result for each in fake.calls for result in each._results],  # noqa: SLF001 - in a request's context
        "e-mails": fake.emails,
        "e-mail": fake.emails[0],
        "fault": fake.faults.add("ListGraphs", error="ConflictException"),
        "faults": fake.faults,
        "denial": fake.deny("detective:ListGraphs"),
        "override": fake.on("ListGraphs"),
        "clock": fake.clock,
        "seed": fake.seed,
        "quotas": fake.quotas,
        "timings": fake.timings,
        "backoffs": fake.backoffs,
    }


@pytest.fixture
def fake() -> Iterator[DetectiveFake]:
    with DetectiveFake(ADMINISTRATOR, unused_faults="ignore") as fake:
        fake.clock.freeze(NOON)
        yield fake


class TestEveryObject:
    def test_can_be_copied_and_pickled(self, fake: DetectiveFake) -> None:
        """And the copies can be shown."""
        for each in everything(fake).values():
            for function in FUNCTIONS:
                made = function(each)
                assert type(made) is type(each)
                assert repr(made)

    def test_shows_no_address_and_no_message(self, fake: DetectiveFake) -> None:
        """Attributes have them."""
        for name, each in everything(fake).items():
            for text in (repr(each), str(each), f"{each}"):
                assert "secret" not in text, name
        assert (fake.emails[0].address, fake.emails[0].message) == (ADDRESS, MESSAGE)

    def test_overridden_call(self, fake: DetectiveFake) -> None:
        """What a function of the test receives."""
        seen: list[Any] = []
        fake.on("CreateMembers")(seen.append)
        everything(fake)
        assert (repr(seen[0]).count("***"), "secret" in str(seen)) == (2, False)
        assert copy.deepcopy(seen[0]).parameters["Message"] == MESSAGE


class TestCopyOfAFake:
    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_has_the_same_options_and_state(self, fake: DetectiveFake, function: Callable[[Any], Any]) -> None:
        """It is not active, and does not change with the original."""
        fake.client().create_graph()
        with function(fake) as made:
            assert (made.account_id, made.snapshot(), len(made.calls)) == (ADMINISTRATOR, fake.snapshot(), 0)
            made.client(ANA).create_graph()
        assert (len(made.graphs), len(fake.graphs)) == (2, 1)


class TestContextOfARequest:
    def test_can_be_logged(self, caplog: pytest.LogCaptureFixture) -> None:
        """Debug messages of botocore show it during a call."""
        caplog.set_level(logging.DEBUG, "botocore")
        with DetectiveFake(wire=True) as fake:
            fake.client().list_graphs()
        assert "<ListGraphs in progress>" in caplog.text

    def test_can_be_copied_and_pickled(self, fake: DetectiveFake) -> None:
        """At every event of a call on the wire path."""
        made: list[Any] = []

        def copy_context(**arguments: Any) -> None:
            context = getattr(arguments.get("request"), "context", None) or arguments.get("context", {})
            made.extend(function(context["detective_fake"]) for function in FUNCTIONS if "detective_fake" in context)
            assert "secret" not in repr(context)

        client = fake.client(config=Config(retries={"mode": "standard"}))
        client.meta.events.register("*.*", copy_context)
        fake.faults.add("CreateMembers", error="InternalServerException")
        arn = client.create_graph()["GraphArn"]
        accounts: Any = [{"AccountId": ANA, "EmailAddress": ADDRESS}]
        client.create_members(GraphArn=arn, Accounts=accounts, Message=MESSAGE)
        assert made[0] is made[1]
        assert any("CreateMembers" in str(each) for each in made)


class TestRealAccessKeys:
    KEY = "AKIAIOSFODNN7EXAMPLE"

    def test_of_the_environment_are_shortened(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """That holds in the journal, in CloudTrail records and in representations."""
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", self.KEY)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        monkeypatch.setattr(environment, "_machine", Machine(is_known=True))
        client = boto3.Session(region_name="us-east-1").client("detective")
        with DetectiveFake() as fake:
            client.list_graphs()
        assert fake.calls[0].caller.access_key == "AKIA…MPLE"
        shown = repr([fake.calls, *fake.calls, fake.calls[0].request, fake.cloudtrail, vars(fake)])
        assert ("AKIA…MPLE" in shown, self.KEY in shown) == (True, False)


class TestAssertions:
    """The plugin replaces pytest's explanation, which shows every attribute."""

    def test_show_no_address_and_no_message(self, pytester: pytest.Pytester) -> None:
        """Of members, organizations and snapshots, but the names of different attributes."""
        pytester.makepyfile(f"""
            import pytest

            @pytest.mark.parametrize("read", [
                lambda fake: fake.members(fake.graphs[0])[0],
                lambda fake: fake.members(fake.graphs[0]),
                lambda fake: fake.organizations[0],
                lambda fake: fake.snapshot(),
                lambda fake: fake.pending[0],
                lambda fake: fake.calls[0].request,
            ])
            def test_it(detective_fake, read):
                found = []
                for address in ("{ADDRESS}", "ben@secret.example"):
                    detective_fake.reset()
                    detective_fake.seed.organization("{MANAGEMENT}", {{"{BEN}": address}})
                    arn = detective_fake.client().create_graph()["GraphArn"]
                    accounts = [{{"AccountId": "{ANA}", "EmailAddress": address}}]
                    detective_fake.client().create_members(GraphArn=arn, Accounts=accounts, Message="secret")
                    found.append(read(detective_fake))
                assert found[0] == found[1]
        """)
        result = pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:xdist", "-vv")
        result.assert_outcomes(failed=6)
        shown = [line for line in result.outlines if line.startswith("E ")]
        assert not any("secret" in line for line in shown)
        result.stdout.fnmatch_lines(["E *Membership(*email=[*][*][*]*", "E *Different attributes: *email*"])
