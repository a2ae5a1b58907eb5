"""The page as rendered: what it shows, what it leaves out, and that it needs no other server."""

# ruff: noqa: SLF001 - tests lower its limits, and fill the journal

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from detective_fake.fake import DetectiveFake
from detective_fake.protocol.model import operations
from detective_fake.server import page
from tests.server.http import Client, served

if TYPE_CHECKING:
    from collections.abc import Iterator

ADMINISTRATOR, ANA, BEN = "111111111111", "222222222222", "333333333333"
VOID = {"input", "link", "meta", "img", "br", "option", "wbr"}


class Reader(HTMLParser):
    """Reads a page: its text, the attributes of its elements, and whether they are properly closed."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag
        self.text += " "

    def handle_data(self, data: str) -> None:
        self.text += data

    def with_attribute(self, name: str) -> list[str]:
        """Return the values of an attribute."""
        return [attributes[name] or "" for _, attributes in self.elements if name in attributes]


@pytest.fixture
def fake() -> Iterator[DetectiveFake]:
    with DetectiveFake(ADMINISTRATOR, unused_faults="ignore") as fake:
        yield fake


@pytest.fixture
def client(fake: DetectiveFake) -> Iterator[Client]:
    with served(fake) as endpoint, Client(endpoint) as client:
        yield client


def read(client: Client, path: str = "/") -> Reader:
    """Return the parsed page."""
    answered = client.ask("GET", f"/_fake{path}")
    assert answered.status == 200
    reader = Reader()
    reader.feed(answered.body.decode())
    reader.close()
    assert reader.open == []
    reader.text = " ".join(reader.text.split())
    return reader


def fill(fake: DetectiveFake) -> str:
    """Put something of every kind into a fake; return the graph's ARN."""
    fake.timings.verification = timedelta(hours=1)
    fake.seed.account(ANA, email="ana@example.com", daily_volume_bytes={"DETECTIVE_CORE": 5, "EKS_AUDIT": 7})
    fake.seed.account(BEN, daily_volume_bytes=None, verifies=False, guardduty=False)
    client = fake.client()
    graph_arn: str = client.create_graph(Tags={"team": "a"})["GraphArn"]
    client.create_members(
        GraphArn=graph_arn, Message="Do <b>come</b>.", Accounts=[{"AccountId": ANA, "EmailAddress": "ana@example.com"}]
    )
    fake.clock.advance(hours=1)
    fake.client(ANA).accept_invitation(GraphArn=graph_arn)
    client.create_members(GraphArn=graph_arn, Accounts=[{"AccountId": BEN, "EmailAddress": "ben@example.com"}])
    client.update_datasource_packages(GraphArn=graph_arn, DatasourcePackages=["DETECTIVE_CORE", "EKS_AUDIT"])
    client.update_datasource_packages(GraphArn=graph_arn, DatasourcePackages=["DETECTIVE_CORE"])
    fake.seed.investigation(graph_arn, entity_arn=f"arn:aws:iam::{ANA}:role/deploy", severity="HIGH")
    fake.timings.investigation = None
    client.start_investigation(
        GraphArn=graph_arn,
        EntityArn=f"arn:aws:iam::{ANA}:role/deploy",
        ScopeStartTime=fake.clock.now() - timedelta(days=2),
        ScopeEndTime=fake.clock.now(),
    )
    fake.seed.organization("444444444444", {"555555555555": "five@example.com", "666666666666": None})
    fake.client("444444444444").enable_organization_admin_account(AccountId="555555555555")
    fake.client("555555555555").update_organization_configuration(GraphArn=fake.graphs[1].arn, AutoEnable=True)
    fake.faults.add("ListGraphs", error="ThrottlingException")
    fake.deny("detective:List*")
    return graph_arn


class TestEmpty:
    def test_it_says_how_to_start(self, client: Client) -> None:
        """With lines to copy: the endpoint and the credentials."""
        shown = read(client).text
        assert "No calls yet" in shown
        assert "export AWS_ENDPOINT_URL_DETECTIVE=http://127.0.0.1:" in shown
        assert f"export AWS_ACCESS_KEY_ID={ADMINISTRATOR}" in shown
        assert "aws detective create-graph" in shown

    def test_the_introduction_goes_with_the_first_call(self, client: Client, fake: DetectiveFake) -> None:
        """Also if that call changes nothing."""
        fake.client().list_graphs()
        shown = read(client).text
        assert "No calls yet" not in shown
        assert "None yet. create-graph creates one." in shown


@pytest.mark.slow
class TestFull:
    @pytest.mark.parametrize(
        "expected",
        [
            f"{ADMINISTRATOR} us-east-1",
            f"{ANA} ENABLED",
            f"{BEN} VERIFICATION_IN_PROGRESS",
            "team = a",
            "role/deploy RUNNING ACTIVE",
            "role/deploy SUCCESSFUL HIGH",
            f"verification of {BEN}",
            "waits until you run it",
            "ListGraphs ThrottlingException",
            "used 0 times; waits for 1 call of ListGraphs",
            "detective:List* denied",
            "444444444444 management",
            "555555555555 delegated administrator",
            "organization graph, enables new accounts",
            f"{BEN} verification fails no GuardDuty volume unknown",
            f"{ANA} 12 bytes a day, ana@example.com",
            f"to {ANA} by {ADMINISTRATOR}",
            "Do <b>come</b>.",
            "AcceptInvitation",
        ],
    )
    def test_everything_is_shown(self, client: Client, fake: DetectiveFake, expected: str) -> None:
        """With the words of the service where it has any."""
        fill(fake)
        assert expected in read(client).text

    def test_nothing_comes_from_another_server(self, client: Client, fake: DetectiveFake) -> None:
        """The browser would not fetch it either, by the page's content security policy."""
        fill(fake)
        reader = read(client)
        links = reader.with_attribute("href") + reader.with_attribute("src")
        assert not [link for link in links if re.match(r"\w+:|//", link)]
        assert not reader.with_attribute("style")
        policy = client.ask("GET", "/_fake/").headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")

    @pytest.mark.parametrize(
        ("name", "kind"), [("page.css", "text/css"), ("page.js", "text/javascript"), ("icon.svg", "image/svg")]
    )
    def test_its_files_exist(self, client: Client, name: str, kind: str) -> None:
        """They refer to no other server either."""
        answered = client.ask("GET", f"/_fake/static/{name}")
        assert (answered.status, answered.headers["content-type"].startswith(kind)) == (200, True)
        assert not re.findall(rb"(?:url\(|@import|https?://(?!www\.w3\.org/2000/svg))", answered.body)

    @pytest.mark.parametrize("name", ["nothing.js", "..%2fpage.py", "%2e%2e/page.py"])
    def test_no_other_file_can_be_read(self, client: Client, name: str) -> None:
        """A path in the URL does not reach the disk."""
        assert client.ask("GET", f"/_fake/static/{name}").status == 404

    def test_every_section_has_a_label(self, client: Client, fake: DetectiveFake) -> None:
        """Screen readers read it. IDs are unique."""
        fill(fake)
        reader = read(client)
        ids = reader.with_attribute("id")
        assert len(ids) == len(set(ids))
        sections = [each for tag, each in reader.elements if tag == "section"]
        labels = [each.get("aria-label") or each.get("aria-labelledby") for each in sections]
        assert all(labels[1:])

    def test_every_button_sends_a_control_call(self, client: Client, fake: DetectiveFake) -> None:
        """One that the OpenAPI document has."""
        fill(fake)
        paths = client.get("/openapi.json")["paths"]
        patterns = {
            (re.sub(r"\{\w+\}", "[^/]+", path), method) for path, methods in paths.items() for method in methods
        }
        routes = {(operation.method, operation.uri) for operation in operations().values()}
        for _, attributes in read(client).elements:
            path, method = attributes.get("data-path"), (attributes.get("data-method") or "").lower()
            if path is not None and "data-as" in attributes:
                assert (method.upper(), path) in routes
            elif path is not None:
                assert [
                    1 for pattern, known in patterns if known == method and re.fullmatch(pattern, f"/_fake/{path}")
                ], path

    def test_the_view_is_a_part_of_the_page(self, client: Client, fake: DetectiveFake) -> None:
        """The page fetches it after each change."""
        fake.clock.freeze()
        view = client.ask("GET", "/_fake/view").body.decode().strip()
        assert view in client.ask("GET", "/_fake/").body.decode()


class TestChoice:
    def test_an_account_has_its_graphs_and_those_it_is_a_member_of(self, client: Client, fake: DetectiveFake) -> None:
        """In those it sees only itself, and of the calls only its own."""
        fake.seed.graph(members=[ANA, BEN])
        fake.seed.graph(BEN, members=["444444444444"])
        fake.client(ANA).list_invitations()
        fake.client(BEN).list_graphs()
        shown = read(client, f"/view?account_id={ANA}").text
        assert f"{ADMINISTRATOR} us-east-1" in shown
        assert f"{BEN} us-east-1" not in shown
        assert "ListInvitations" in shown
        assert "#2" not in shown

    def test_a_region_has_graphs_of_its_own(self, client: Client, fake: DetectiveFake) -> None:
        """Of all accounts."""
        fake.seed.graph(region="eu-west-1", members=[ANA])
        fake.seed.graph(region="eu-west-2", members=[BEN])
        shown = read(client, "/view?region=eu-west-2").text
        assert f"{ADMINISTRATOR} eu-west-2" in shown
        assert f"{ADMINISTRATOR} eu-west-1" not in shown

    def test_an_empty_selection_says_so(self, client: Client, fake: DetectiveFake) -> None:
        """With a link to everything."""
        fake.seed.graph()
        fake.client().list_graphs()
        shown = read(client, f"/view?account_id={BEN}").text
        assert "None for this account and Region. Show everything" in shown
        assert f"{BEN}" in shown

    def test_any_text_in_the_url_is_harmless(self, client: Client) -> None:
        """It is escaped."""
        reader = read(client, "/view?view=journal&text=%22%3Cscript%3E")
        assert '"<script>' in reader.with_attribute("value")

    def test_any_list_of_sections_is_harmless(self, client: Client) -> None:
        """Those that the browser says it has."""
        assert client.ask("GET", "/_fake/view", headers={"x-have": "a b=c=d ="}).status == 200


class TestLimits:
    def test_long_tables_are_cut(self, client: Client, fake: DetectiveFake) -> None:
        """Until the user asks for all rows."""
        fake.seed.graph(members=[f"{number:012}" for number in range(120)])
        assert "50 of 120 shown. Show more" in read(client, "/view").text
        assert "?rows=250" in read(client, "/view").with_attribute("href")
        assert read(client, "/view?rows=250").text.count("root@0") == 120

    def test_many_graphs_are_cut(self, client: Client, fake: DetectiveFake, monkeypatch: pytest.MonkeyPatch) -> None:
        """The oldest are shown."""
        monkeypatch.setitem(page._templates().globals, "graphs_shown", 1)
        fake.seed.graph()
        fake.seed.graph(region="eu-west-1")
        assert "1 more behavior graphs: choose an account or a Region to see them." in read(client, "/view").text

    def test_many_events_are_cut(self, client: Client, fake: DetectiveFake, monkeypatch: pytest.MonkeyPatch) -> None:
        """The first ones are shown."""
        monkeypatch.setitem(page._templates().globals, "rows_shown", 1)
        fake.timings.verification = None
        fake.seed.graph(members={ANA: "VERIFICATION_IN_PROGRESS", BEN: "VERIFICATION_IN_PROGRESS"})
        assert "1 more. Run all" in read(client, "/view").text


class TestPending:
    def test_an_event_of_a_graph_names_the_graph_once(self, client: Client, fake: DetectiveFake) -> None:
        """The check of disabled members concerns no single account."""
        fake.seed.account("222222222222", daily_volume_bytes=11 * 10**12)
        fake.seed.graph(members={"222222222222": "ACCEPTED_BUT_DISABLED"})
        assert (
            '<b>hourly check of disabled members</b><br><span class="quiet">graph of'
            in client.ask("GET", "/_fake/").body.decode()
        )


class TestMembers:
    @pytest.fixture(autouse=True)
    def three(self, fake: DetectiveFake) -> None:
        fake.seed.graph(members={BEN: "INVITED", ANA: "ENABLED", "444444444444": "ACCEPTED_BUT_DISABLED"})

    @pytest.mark.parametrize(
        ("query", "shown"),
        [
            ("", [BEN, ANA, "444444444444"]),
            ("?status=INVITED", [BEN]),
            ("?find=4444", ["444444444444"]),
            ("?find=VOLUME_UNK", []),
            ("?sort=account_id", [ANA, BEN, "444444444444"]),
            ("?sort=status", ["444444444444", ANA, BEN]),
        ],
    )
    def test_they_are_filtered_found_and_sorted(self, client: Client, query: str, shown: list[str]) -> None:
        """By the URL."""
        keys = [
            key for key in read(client, f"/view{query}").with_attribute("data-key") if re.match("[0-9a-f]{32}-", key)
        ]
        assert [key[33:] for key in keys] == shown

    def test_every_status_has_its_count(self, client: Client) -> None:
        """Beside all."""
        assert "all 3 ACCEPTED_BUT_DISABLED 1 ENABLED 1 INVITED 1" in read(client, "/view").text

    def test_a_row_can_answer_as_its_account(self, client: Client) -> None:
        """What its status allows."""
        labels = read(client, "/view").with_attribute("aria-label")
        found = [label for label in labels if " as " in label]
        assert found == [
            f"Accept: AcceptInvitation as {BEN}",
            f"Reject: RejectInvitation as {BEN}",
            f"Leave: DisassociateMembership as {ANA}",
            f"Enable: StartMonitoringMember as {ADMINISTRATOR}",
        ]


class TestStacks:
    @pytest.fixture(autouse=True)
    def many(self, fake: DetectiveFake) -> None:
        fake.seed.graph(members=[f"{number:012}" for number in range(20)])

    def test_a_stack_opens_its_accounts(self, client: Client, fake: DetectiveFake) -> None:
        """Only those, in the table."""
        fake.seed.member(fake.graphs[0], ANA, status="INVITED")
        reader = read(client, "/view")
        assert "20 accounts" in reader.text
        assert "?stack=000000000000" in reader.with_attribute("href")
        opened = read(client, "/view?stack=000000000000").text
        assert "20 of 20 shown, of 21 members" in opened

    def test_the_chosen_account_is_drawn_by_itself(self, client: Client) -> None:
        """The others stay a stack."""
        reader = read(client, "/view?account_id=000000000007")
        assert "19 accounts, 000000000000 …" in reader.with_attribute("aria-label")
        assert "000000000007, member" in reader.with_attribute("aria-label")


class TestJournal:
    @pytest.fixture(autouse=True)
    def calls(self, fake: DetectiveFake) -> None:
        for _ in range(60):
            fake.client().list_graphs()
        fake.client(ANA).create_graph()

    def test_it_is_filtered_on_the_server(self, client: Client) -> None:
        """Over all calls. It says how many match."""
        assert "0 of 61 match" in read(client, "/view?view=journal&text=nothing").text
        assert "1 of 61 match" in read(client, f"/view?view=journal&account_id={ANA}").text
        assert "60 of 61 match" in read(client, "/view?view=journal&operation=ListGraphs").text
        assert "61 of 61 match" in read(client, "/view?view=journal&outcome=ok").text

    def test_older_calls_are_on_another_page(self, client: Client) -> None:
        """The latest come first."""
        reader = read(client, "/view?view=journal")
        assert reader.text.index("#61") < reader.text.index("#12")
        assert "#11 " not in reader.text
        (older,) = [each for each in reader.with_attribute("href") if "before" in each]
        shown = read(client, f"/view{older}").text
        assert "those before #12. Show the latest" in shown
        assert "#11 " in shown

    def test_forgotten_calls_are_mentioned(self, client: Client, fake: DetectiveFake) -> None:
        """They do not match."""
        fake.forget_calls(keep=2)
        assert "2 of 2 match; 59 older ones are forgotten" in read(client, "/view?view=journal").text


class TestSize:
    def test_a_large_state_loads_quickly(self, client: Client, fake: DetectiveFake) -> None:
        """Compressed, everything together has less than 100 kB at 1,200 members and 5,000 calls."""
        graph_arn = fake.seed.graph(members=[f"{number:012}" for number in range(1200)])
        fake.client().list_members(GraphArn=graph_arn, MaxResults=1)
        fake._recorder._records.extend(list(fake.calls) * 4999)  # quicker than 5,000 calls
        packed = {"Accept-Encoding": "gzip"}
        paths = ("/", "/static/page.css", "/static/page.js", "/static/icon.svg", "/view?view=journal")
        sizes = {path: len(client.ask("GET", f"/_fake{path}", None, packed).body) for path in paths}
        assert sum(sizes.values()) < 100_000, sizes

    def test_an_update_has_only_what_changed(self, client: Client, fake: DetectiveFake) -> None:
        """The browser says which sections it has."""
        fake.clock.freeze()
        fake.seed.graph(members=[f"{number:012}" for number in range(100)])
        whole = client.ask("GET", "/_fake/view").body.decode()
        have = " ".join(
            "=".join(found) for found in re.findall(r'id="([\w-]+)" aria-label="[^"]*" data-hash="(\w+)"', whole)
        )
        fake.faults.add("ListGraphs", error="ThrottlingException")
        update = client.ask("GET", "/_fake/view", None, {"X-Have": have}).body.decode()
        sections = re.findall(r'<section class="card" id="([\w-]+)"[^>]*>', update)
        sent = re.findall(r'<section class="card" id="([\w-]+)" aria-label="[^"]*" data-hash="\w+">', update)
        assert sent == ["faults"]
        assert len(sections) > 8


class TestCalls:
    def test_a_call_has_details(self, client: Client, fake: DetectiveFake) -> None:
        """Parameters and result as JSON."""
        fake.client().create_graph(Tags={"team": "ü"})
        shown = read(client, "/view/calls/1").text
        assert '"team": "ü"' in shown
        assert f'"GraphArn": "{fake.graphs[0].arn}"' in shown

    def test_details_have_every_attempt(self, client: Client, fake: DetectiveFake) -> None:
        """Also the refused ones."""
        fake.faults.add("ListGraphs", error="ThrottlingException")
        fake.client().list_graphs()
        assert "Attempts ThrottlingException, ok" in read(client, "/view/calls/1").text

    def test_a_network_error_has_no_request_id(self, client: Client, fake: DetectiveFake) -> None:
        """No response was received."""
        fake.faults.add("ListGraphs", network="SSLError", times=None)
        with pytest.raises(Exception, match="SSL"):
            fake.client().list_graphs()
        shown = read(client, "/view/calls/1").text
        assert "none received" in shown
        assert "from botocore.exceptions import SSLError" in shown

    def test_an_error_has_its_message(self, client: Client, fake: DetectiveFake) -> None:
        """As the client gets it."""
        fake.faults.add("ListGraphs", error="AccessDeniedException", message="Not you.")
        with pytest.raises(Exception, match="Not you"):
            fake.client().list_graphs()
        assert "Refused AccessDeniedException: Not you." in read(client, "/view/calls/1").text

    def test_an_unknown_call_is_not_found(self, client: Client) -> None:
        """The journal may have been reset."""
        assert client.ask("GET", "/_fake/view/calls/1").status == 404


class TestClock:
    def test_a_frozen_clock_can_be_unfrozen(self, client: Client, fake: DetectiveFake) -> None:
        """The page says that it is frozen."""
        assert "Freeze" in read(client, "/view").text
        fake.clock.freeze()
        assert "frozen +1 hour +1 day Unfreeze" in read(client, "/view").text

    def test_times_of_another_day_have_a_date(self, client: Client, fake: DetectiveFake) -> None:
        """Times of today have none."""
        fake.clock.freeze(datetime(2024, 3, 1, 12, 30, tzinfo=timezone.utc))
        fake.seed.graph(members=[ANA])
        row = f"{ANA} ENABLED 1 GB root@{ANA}.example.com"
        assert f"{row} 12:30:00" in read(client, "/view").text
        fake.clock.advance(days=1)
        assert f"{row} 2024-03-01 12:30" in read(client, "/view").text


def luminance(color: str) -> float:
    """Return how bright a color is. Source: WCAG 2.1, relative luminance."""
    digits = color if len(color) == 6 else "".join(digit * 2 for digit in color)
    parts = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


class TestColors:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_every_text_has_enough_contrast(self, client: Client, scheme: str) -> None:
        """At least 4.5 to 1 on every background. Source: WCAG 2.1, level AA."""
        style = client.ask("GET", "/_fake/static/page.css").body.decode()
        _, light, dark = style.split(":root {")[:3]
        found = dict(re.findall(r"--([\w-]+): #([0-9a-f]+);", light if scheme == "light" else dark))
        texts = ("ink", "quiet", "accent", "enabled", "invited", "verifying", "failed", "disabled")
        pairs = [(text, ground) for text in texts for ground in ("ground", "card", "faint")] + [("on-accent", "accent")]
        for text, ground in pairs:
            darker, brighter = sorted(luminance(found[name]) for name in (text, ground))
            assert (brighter + 0.05) / (darker + 0.05) >= 4.5, (text, ground)
