"""Identifiers: their formats, and that they are reproducible."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detective_fake.domain.ids import graph_arn, investigation_id, organization_id, partition_of
from detective_fake.protocol.model import loader, operations
from tests.builders import ANA, NOON, REGION

INPUT: Any = operations()["DeleteGraph"].input_shape
ARN_PATTERN = INPUT.members["GraphArn"].metadata["pattern"]
GIVEN: dict[str, Any] = {"seed": 0, "account_id": ANA, "region": REGION, "count": 0}


class TestPartition:
    @pytest.mark.parametrize(
        ("region", "partition"),
        [
            ("us-east-1", "aws"),
            ("us-gov-west-1", "aws-us-gov"),
            ("cn-north-1", "aws-cn"),
            ("us-iso-east-1", "aws-iso"),
            ("us-isob-east-1", "aws-iso-b"),
            ("us-made-up-1", "aws"),
        ],
    )
    def test_it_depends_on_the_region_prefix(self, region: str, partition: str) -> None:
        """An unknown Region prefix means the partition `aws`."""
        assert partition_of(region) == partition

    def test_it_is_that_of_botocore(self) -> None:
        """For every Region of botocore's endpoint data, and for Regions to come whose names begin alike."""
        for partition in loader().load_data("endpoints")["partitions"]:
            for region in partition["regions"]:
                assert partition_of(region) == partition_of(f"{region[:-1]}9") == partition["partition"]

    @pytest.mark.parametrize(("region", "partition"), [("eusc-de-east-1", "aws-eusc"), ("eu-isoe-west-1", "aws-iso-e")])
    def test_graphs_in_it_have_its_name(self, region: str, partition: str) -> None:
        """Fakes create them with `missing_regions="allow"`."""
        assert graph_arn(**GIVEN | {"region": region}).startswith(f"arn:{partition}:detective:{region}:")


class TestGraphArn:
    @given(st.integers(), st.integers(0, 99))
    def test_it_matches_the_service_model(self, seed: int, count: int) -> None:
        """The graph ID is a version 4 UUID without hyphens."""
        arn = graph_arn(seed=seed, account_id=ANA, region="us-gov-east-1", count=count)
        assert re.fullmatch(ARN_PATTERN, arn, re.ASCII)
        assert re.fullmatch(rf"arn:aws-us-gov:detective:us-gov-east-1:{ANA}:graph:.{{12}}4.{{3}}[89ab].{{15}}", arn)

    def test_it_is_reproducible(self) -> None:
        """The same arguments give the same ARN in every process."""
        assert graph_arn(seed=0, account_id=ANA, region=REGION, count=0).endswith(
            ":graph:fff47bd6eac94863881815e30dfe5b99"
        )

    @pytest.mark.parametrize("other", [{"seed": 1}, {"account_id": "9" * 12}, {"region": "eu-west-1"}, {"count": 1}])
    def test_it_depends_on_every_argument(self, other: dict[str, int | str]) -> None:
        """A different argument gives a different ID."""
        ids = {graph_arn(**given).rsplit(":", 1)[1] for given in (GIVEN, GIVEN | other)}
        assert len(ids) == 2


class TestInvestigationId:
    def test_it_is_21_digits_that_begin_with_the_time(self) -> None:
        """The first 13 digits are the time in milliseconds since 1970."""
        found = investigation_id(seed=0, arn="arn", count=0, at=NOON)
        assert re.fullmatch(r"1715947200000[0-9]{8}", found)

    @given(st.integers(0, 4_102_444_800_000))
    def test_the_time_is_exact(self, milliseconds: int) -> None:
        """Float rounding never makes the time one millisecond too low."""
        at = datetime.fromtimestamp(milliseconds // 1000, timezone.utc).replace(microsecond=milliseconds % 1000 * 1000)
        assert investigation_id(seed=0, arn="arn", count=0, at=at)[:13] == f"{milliseconds:013d}"

    def test_the_next_id_is_different(self) -> None:
        """Two IDs of the same millisecond are different."""
        assert investigation_id(seed=0, arn="arn", count=0, at=NOON) != investigation_id(
            seed=0, arn="arn", count=1, at=NOON
        )


class TestOrganizationId:
    def test_it_has_the_format_of_aws_organizations(self) -> None:
        """An ID is `o-` and 10 to 32 lower-case letters or digits. Each ID is unique."""
        first, second = organization_id(seed=0, count=0), organization_id(seed=0, count=1)
        assert re.fullmatch(r"o-[a-z0-9]{10,32}", first)
        assert len(first) == len("o-") + 10
        assert first != second
