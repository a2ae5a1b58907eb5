"""A behavior graph as a value."""

from __future__ import annotations

import attrs
import pytest

from tests.builders import ADMINISTRATOR, NOON, REGION, a_graph


class TestBehaviorGraph:
    def test_a_new_one_is_nobodys_organization_graph(self) -> None:
        """It has no tags, and enables nobody by itself."""
        graph = a_graph()
        assert (graph.administrator_id, graph.region, graph.created_at) == (ADMINISTRATOR, REGION, NOON)
        assert (graph.tags, graph.organization_id, graph.auto_enable) == ({}, None, False)

    def test_it_cannot_be_changed(self) -> None:
        """What reads one may keep it."""
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            a_graph().auto_enable = True  # type: ignore[misc]
