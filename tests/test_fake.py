"""`DetectiveFake` itself: starting, stopping, clients, looking; what it puts together has tests of its own."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from detective_fake import DetectiveFake, FakeUsageError
from tests.builders import ADMINISTRATOR, ANA, NOON


class TestStartAndStop:
    def test_starting_twice_is_refused(self) -> None:
        """It stays active, and stops once."""
        fake = DetectiveFake()
        fake.start()
        with pytest.raises(FakeUsageError, match="active already; stop"):
            fake.start()
        fake.stop()

    def test_stopping_what_is_not_active_is_refused(self) -> None:
        """With what to do."""
        with pytest.raises(FakeUsageError, match="is not active: start"):
            DetectiveFake().stop()

    def test_it_may_be_started_again(self) -> None:
        """With the state it had."""
        fake = DetectiveFake()
        with fake:
            arn = fake.seed.graph()
        with fake:
            assert fake.client().list_graphs()["GraphList"][0]["Arn"] == arn

    def test_reset_goes_back_to_the_start(self) -> None:
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

    def test_reset_goes_back_to_nothing_where_there_was_nothing(self) -> None:
        """With the limits and delays that the fake was made with; also if it was asked nothing yet."""
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


class TestClients:
    def test_a_session_is_of_its_account_and_region(self) -> None:
        """Each is a new one, and none lengthens the search path that all share."""
        with DetectiveFake() as fake:
            sessions = [fake.session(ANA, "eu-west-1") for _ in range(3)]
            sessions[0].client("detective").create_graph()
            assert [(graph.administrator_id, graph.region) for graph in fake.graphs] == [(ANA, "eu-west-1")]
        loader = sessions[0]._session.get_component("data_loader")  # noqa: SLF001 - boto3 shows it nowhere
        assert len(loader.search_paths) == len(set(loader.search_paths))

    def test_the_same_client_comes_again(self) -> None:
        """Unless it is made with options."""
        with DetectiveFake() as fake:
            assert fake.client(ANA) is fake.client(ANA)
            assert fake.client(ANA) is not fake.client(ANA, endpoint_url="http://localhost:1")

    def test_another_may_be_the_default_caller_for_a_while(self) -> None:
        """The journal says why it was."""
        with DetectiveFake() as fake:
            with fake.acting_as(ANA):
                fake.client(aws_access_key_id="AKIADETECTIVEFAKEKEY").list_graphs()
            assert fake.account_id == "123456789012"
            assert (fake.calls[0].account_id, "acting_as" in fake.calls[0].caller.rule) == (ANA, True)


class TestLooking:
    def test_what_is_seen_are_frozen_attrs_values(self) -> None:
        """To be compared, taken apart and varied with attrs' own functions; not to be written to."""
        fake = DetectiveFake()
        arn = fake.seed.graph(members=[ANA])
        fake.seed.organization(accounts=[ANA])
        (member,) = fake.members(arn)
        for value in (member, member.usage, fake.graphs[0], fake.organizations[0]):
            assert value is not None
            assert attrs.evolve(value) == value
            with pytest.raises(attrs.exceptions.FrozenInstanceError):
                value.note = "mine"  # type: ignore[union-attr]

    def test_members_of_no_graph_are_refused(self) -> None:
        """With the graphs there are."""
        fake = DetectiveFake()
        arn = fake.seed.graph(members=[ANA])
        assert [member.account_id for member in fake.members(arn)] == [ANA]
        with pytest.raises(FakeUsageError, match=f"no behavior graph 'arn:aws:nothing'; there is {arn}"):
            fake.members("arn:aws:nothing")

    def test_an_event_that_has_happened_cannot_happen_again(self) -> None:
        """What is pending is told by `pending`."""
        fake = DetectiveFake(timings={"verification": None})
        arn = fake.seed.graph()
        fake.seed.member(arn, ANA, status="VERIFICATION_IN_PROGRESS")
        (event,) = fake.pending
        fake.settle(event)
        assert fake.members(arn)[0].status.value == "INVITED"
        with pytest.raises(FakeUsageError, match="is not pending any more"):
            fake.settle(event)
