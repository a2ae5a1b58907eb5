"""What is compared, noted, and blotted out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from detective_fake import DetectiveFake
from tests.conformance.accounts import FakeAccounts, blotted
from tests.conformance.comparing import Comparison, Finding, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

UNKNOWN = f"arn:aws:detective:us-east-1:111111111111:graph:{'0' * 32}"


@pytest.fixture
def accounts() -> Iterator[FakeAccounts]:
    with DetectiveFake() as fake:
        yield FakeAccounts(fake)


@pytest.fixture
def findings() -> list[Finding]:
    return []


@pytest.fixture
def compare(findings: list[Finding]) -> Comparison:
    return Comparison(findings.append, lambda text: text.replace("1" * 12, "<id>"))


class TestValues:
    def test_equal_ones_agree(self, compare: Comparison, findings: list[Finding]) -> None:
        """Both values are recorded."""
        compare([1], [1])
        assert findings == [{"expected": "[1]", "answered": "[1]", "agrees": True, "text": ""}]

    def test_others_fail_the_check(self, compare: Comparison, findings: list[Finding]) -> None:
        """Noted without ids, and compared with them."""
        with pytest.raises(pytest.fail.Exception, match=r"expected: 'a'\nanswered: '<id>'"):
            compare("1" * 12, "a")
        assert findings == [{"expected": "'a'", "answered": "'<id>'", "agrees": False, "text": ""}]


class TestRefusals:
    def test_code_and_status_are_compared(
        self, accounts: FakeAccounts, compare: Comparison, findings: list[Finding]
    ) -> None:
        """A text that the fake made up is noted."""
        call = accounts.client("administrator").list_members
        compare.refusal(Refusal("ResourceNotFoundException", 404), call, GraphArn=UNKNOWN)
        assert [finding["text"] for finding in findings] == ["The request refers to a nonexistent resource."]

    def test_so_is_a_text_that_is_known(
        self, accounts: FakeAccounts, compare: Comparison, findings: list[Finding]
    ) -> None:
        """By a pattern; another text is what differs."""
        call = accounts.client("administrator").list_members
        compare.refusal(Refusal("ResourceNotFoundException", 404, text=".*nonexistent.*"), call, GraphArn=UNKNOWN)
        with pytest.raises(pytest.fail.Exception, match=r"text='existent'.*\n.*text='The request refers"):
            compare.refusal(Refusal("ResourceNotFoundException", 404, text="existent"), call, GraphArn=UNKNOWN)
        assert [finding["text"] for finding in findings] == ["", ""]

    def test_a_call_that_is_not_refused_differs(self, accounts: FakeAccounts, compare: Comparison) -> None:
        """It is told what was answered."""
        call = accounts.client("administrator").list_graphs
        with pytest.raises(pytest.fail.Exception, match=r"""answered: "accepted, with \['GraphList'\]"$"""):
            compare.refusal(Refusal("ValidationException", 400), call)


class TestBlotted:
    def test_ids_and_addresses_are_gone(self, accounts: FakeAccounts) -> None:
        """Everything else stays."""
        text = f"{UNKNOWN} 222222222222 member@example.com 333333333333"
        expected = "arn:aws:detective:us-east-1:<administrator>:graph:<id> <member> <e-mail of the member> 333333333333"
        assert blotted(text, accounts) == expected

    def test_there_may_be_no_address(self, accounts: FakeAccounts) -> None:
        """If no account may be invited."""
        accounts.member_email = ""
        assert blotted("222222222222 a", accounts) == "<member> a"


class TestFakeAccounts:
    def test_nobody_is_in_an_organization(self, accounts: FakeAccounts) -> None:
        """None of both roles."""
        roles: Any = ("administrator", "member")
        assert [accounts.in_organization(role) for role in roles] == [False, False]

    def test_what_does_not_happen_is_told(self, accounts: FakeAccounts) -> None:
        """After everything that was pending."""
        with pytest.raises(AssertionError, match="the moon is full"):
            accounts.wait_until(lambda: False, "the moon is full")
