"""`DetectiveFake`: starting, stopping, resetting, clients, and looking at the state."""

from __future__ import annotations

import gc
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import attrs
import boto3
import pytest

from detective_fake import DetectiveFake, FakeUsageError
from detective_fake.controls.deny import Denials
from detective_fake.controls.faults import Faults
from detective_fake.fake import STARTED
from tests.builders import ADMINISTRATOR, ANA, NOON


class TestStartAndStop:
    def test_starting_twice_is_rejected(self) -> None:
        """The fake stays active, and stops once."""
        fake = DetectiveFake()
        fake.start()
        with pytest.raises(FakeUsageError, match=r"active already\. Call stop\(\) first"):
            fake.start()
        fake.stop()

    def test_stopping_an_inactive_fake_is_rejected(self) -> None:
        """The message says what to do."""
        with pytest.raises(FakeUsageError, match=r"is not active\. Call start\(\)"):
            DetectiveFake().stop()

    def test_it_may_be_started_again(self) -> None:
        """Its state is kept."""
        fake = DetectiveFake()
        with fake:
            arn = fake.seed.graph()
        with fake:
            assert fake.client().list_graphs()["GraphList"][0]["Arn"] == arn

    def test_an_ended_fake_is_freed_at_once(self) -> None:
        """It is in no cycle of references, which only the garbage collector would find."""
        fake = DetectiveFake()
        with fake:
            boto3.client("detective").create_graph()
        ended = weakref.ref(fake)
        STARTED.clear()
        gc.disable()
        try:
            del fake
            assert ended() is None
        finally:
            gc.enable()

    @pytest.mark.parametrize(("kind", "name"), [(Faults, "faults"), (Denials, "denials")])
    def test_threads_share_what_is_made_when_first_used(
        self, kind: type[Any], name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Otherwise a fault that one of them adds could be lost."""
        make = kind.__init__

        def make_slowly(*arguments: Any) -> None:
            time.sleep(0.01)
            make(*arguments)

        monkeypatch.setattr(kind, "__init__", make_slowly)
        fake = DetectiveFake()
        with ThreadPoolExecutor(2) as threads:
            one, other = threads.map(lambda _: getattr(fake, name), range(2))
        assert one is other


class TestReset:
    def test_goes_back_to_the_start(self) -> None:
        """State, calls, default caller and clock."""
        fake = DetectiveFake()
        before = fake.seed.graph(ADMINISTRATOR)
        with fake:
            fake.seed.graph(ANA)
            fake.client().list_graphs()
            fake.clock.freeze(NOON)
            fake.account_id = ANA
            fake.reset()
            assert [graph.arn for graph in fake.graphs] == [before]
            assert (len(fake.calls), fake.account_id) == (0, "123456789012")
            assert fake.clock.now() != NOON

    def test_restores_quotas_and_timings(self) -> None:
        """To those of the options."""
        with DetectiveFake(quotas={"tags_per_graph": 7}, timings={"enabling": None}) as fake:
            fake.reset()
            before = fake.snapshot()
            fake.client(ANA).create_graph()
            fake.clock.freeze(NOON)
            fake.quotas.tags_per_graph = 8
            fake.timings.enabling = timedelta(1)
            assert fake.snapshot() != before
            fake.reset()
            assert (len(fake.graphs), fake.quotas.tags_per_graph) == (0, 7)
            assert fake.snapshot() == before

    def test_of_a_fake_that_was_never_started_is_rejected(self) -> None:
        """There is no state to go back to."""
        with pytest.raises(FakeUsageError, match=r"was never started.*Call start\(\) first"):
            DetectiveFake().reset()


class TestRepr:
    def test_says_account_region_graphs_and_calls(self) -> None:
        """And whether the fake is active."""
        with DetectiveFake(ANA, "eu-west-1") as fake:
            fake.client().create_graph()
            fake.client().list_graphs()
            assert repr(fake) == f"<DetectiveFake of {ANA} in eu-west-1: active, graphs: 1, calls: 2>"
        assert "not active" in repr(fake)


class TestClients:
    def test_a_session_has_its_account_and_region(self) -> None:
        """Each is new. None makes the shared search path longer."""
        with DetectiveFake() as fake:
            sessions = [fake.session(ANA, "eu-west-1") for _ in range(3)]
            sessions[0].client("detective").create_graph()
            assert [(graph.administrator_id, graph.region) for graph in fake.graphs] == [(ANA, "eu-west-1")]
        loader = sessions[0]._session.get_component("data_loader")  # noqa: SLF001 - boto3 shows it nowhere
        assert len(loader.search_paths) == len(set(loader.search_paths))

    def test_the_same_client_is_returned_again(self) -> None:
        """Unless it has options."""
        with DetectiveFake() as fake:
            assert fake.client(ANA) is fake.client(ANA)
            assert fake.client(ANA) is not fake.client(ANA, endpoint_url="http://localhost:1")

    def test_another_account_may_be_the_default_caller(self) -> None:
        """During a `with` block; the journal says why."""
        with DetectiveFake() as fake:
            with fake.acting_as(ANA):
                fake.client(aws_access_key_id="AKIADETECTIVEFAKEKEY").list_graphs()
            assert fake.account_id == "123456789012"
            assert (fake.calls[0].account_id, "acting_as" in fake.calls[0].caller.rule) == (ANA, True)


class TestState:
    def test_values_are_frozen_attrs_objects(self) -> None:
        """Functions of attrs work with them."""
        fake = DetectiveFake()
        arn = fake.seed.graph(members=[ANA])
        fake.seed.organization(accounts=[ANA])
        (member,) = fake.members(arn)
        for value in (member, member.usage, fake.graphs[0], fake.organizations[0]):
            assert value is not None
            assert attrs.evolve(value) == value
            with pytest.raises(attrs.exceptions.FrozenInstanceError):
                value.note = "mine"  # type: ignore[union-attr]

    def test_members_of_an_unknown_graph_are_rejected(self) -> None:
        """The message lists the graphs. A graph is given by its ARN or as an object."""
        fake = DetectiveFake()
        arn = fake.seed.graph(members=[ANA])
        assert [member.account_id for member in fake.members(arn)] == [ANA]
        assert fake.members(fake.graphs[0]) == fake.members(arn)
        with pytest.raises(FakeUsageError, match=f"no behavior graph 'arn:aws:nothing'. Known graphs: {arn}"):
            fake.members("arn:aws:nothing")

    def test_an_event_runs_once(self) -> None:
        """After that it is not pending any more."""
        fake = DetectiveFake(timings={"verification": None})
        arn = fake.seed.graph()
        fake.seed.member(arn, ANA, status="VERIFICATION_IN_PROGRESS")
        (event,) = fake.pending
        fake.settle(event)
        assert fake.members(arn)[0].status.value == "INVITED"
        with pytest.raises(FakeUsageError, match="is not pending any more"):
            fake.settle(event)
