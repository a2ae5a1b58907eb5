"""The page in a real browser: it follows changes, and its buttons, forms and links work."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from detective_fake.fake import DetectiveFake
from tests.server import tools
from tests.server.http import PATIENCE, port_of, served
from tests.server.test_endpoint import a_client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from detective_fake.server.endpoint import Endpoint

ADMINISTRATOR, ANA, BEN = "111111111111", "222222222222", "333333333333"
OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1440,1000",
)


class Browser:
    """A page in Chromium, and the actions of its user."""

    def __init__(self, driver: Any, endpoint: Endpoint) -> None:
        self.driver = driver
        self.url = endpoint.page_url

    def open(self, search: str = "") -> None:
        """Open the page, and wait until it is connected."""
        self.driver.get(self.url + search)
        self.sees("live", "#live")

    def text(self, selector: str = "body") -> str:
        """Return the visible text of a part of the page, empty if there is no such part."""
        found = self.driver.execute_script("return document.querySelector(arguments[0])?.innerText ?? ''", selector)
        return " ".join(found.split())

    def sees(self, text: str, selector: str = "body") -> None:
        """Wait until a text is visible in a part of the page."""
        self.waits(lambda: text in self.text(selector), f"{text!r} in {selector}")

    def misses(self, text: str, selector: str = "body") -> None:
        """Wait until a text is no longer visible."""
        self.waits(lambda: text not in self.text(selector), f"no {text!r} in {selector}")

    def waits(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until a condition holds.

        Args:
            what: What the failure says if it never holds.
        """
        from selenium.webdriver.support.wait import WebDriverWait  # noqa: PLC0415 - not installed everywhere

        WebDriverWait(self.driver, PATIENCE, 0.05).until(lambda _: condition(), what)

    def element(self, selector: str) -> Any:
        """Return an element."""
        return self.driver.find_element("css selector", selector)

    def click(self, selector: str) -> None:
        """Click an element, after scrolling to it."""
        element = self.element(selector)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def types(self, selector: str, text: str) -> None:
        """Replace the text of a field."""
        field = self.element(selector)
        field.clear()
        field.send_keys(text)

    def errors(self) -> list[str]:
        """Return the errors in the console since the last call."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Start Chromium once for all tests."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="Selenium is not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = tools.chromium()
    for option in (*OPTIONS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(tools.chromedriver()))
    yield driver
    driver.quit()


@pytest.fixture
def fake() -> DetectiveFake:
    """Return a fake that is not active, so that boto3 uses HTTP here."""
    return DetectiveFake(ADMINISTRATOR, unused_faults="ignore")


@pytest.fixture
def endpoint(fake: DetectiveFake) -> Iterator[Endpoint]:
    with served(fake) as endpoint:
        yield endpoint


@pytest.fixture
def browser(driver: Any, endpoint: Endpoint) -> Iterator[Browser]:
    """Open the page. A test fails if it causes an error in the console."""
    browser = Browser(driver, endpoint)
    browser.open()
    browser.driver.execute_script("window.since = 'the beginning'")
    yield browser
    assert browser.driver.execute_script("return window.since") == "the beginning"
    driver.get("about:blank")
    assert not browser.errors()


@contextmanager
def sized(browser: Browser, width: int) -> Iterator[None]:
    """Give the page another width for a while."""
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    yield
    browser.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def client_of(endpoint: Endpoint, account_id: str) -> Any:
    """Return a boto3 client."""
    return a_client(endpoint, account_id, "us-east-1")


class TestFollowing:
    def test_it_follows_an_invitation(self, browser: Browser, endpoint: Endpoint) -> None:
        """From the first call until the member accepts, without reloading."""
        browser.sees("No calls yet")
        administrator, member = client_of(endpoint, ADMINISTRATOR), client_of(endpoint, ANA)
        graph_arn = administrator.create_graph()["GraphArn"]
        browser.sees(graph_arn, "[id^=graph-]")
        accounts = [{"AccountId": ANA, "EmailAddress": "ana@example.com"}]
        administrator.create_members(GraphArn=graph_arn, Accounts=accounts)
        browser.sees(f"{ANA} VERIFICATION_IN_PROGRESS", "[id^=graph-] table")
        member.list_invitations()
        browser.sees(f"{ANA} INVITED", "[id^=graph-] table")
        browser.sees("invited", "#picture")
        member.accept_invitation(GraphArn=graph_arn)
        browser.sees(f"{ANA} ENABLED", "[id^=graph-] table")
        browser.sees("enabled", "#picture")
        browser.sees("AcceptInvitation", "#latest")

    def test_changes_by_the_test_appear(self, browser: Browser, fake: DetectiveFake) -> None:
        """They come without a request to the server."""
        fake.seed.graph(members=[ANA, BEN])
        browser.sees(f"{BEN} ENABLED", "[id^=graph-] table")

    def test_deleted_rows_and_cards_disappear(self, browser: Browser, fake: DetectiveFake, endpoint: Endpoint) -> None:
        """Without reloading."""
        graph_arn = fake.seed.graph(members=[ANA, BEN])
        browser.sees(ANA, "[id^=graph-] table")
        client_of(endpoint, ADMINISTRATOR).delete_members(GraphArn=graph_arn, AccountIds=[ANA])
        browser.misses(ANA, "[id^=graph-] table")
        client_of(endpoint, ADMINISTRATOR).delete_graph(GraphArn=graph_arn)
        browser.sees("None yet. create-graph creates one.")

    def test_open_details_stay_open(self, browser: Browser, endpoint: Endpoint) -> None:
        """While further calls come in above them."""
        client = client_of(endpoint, ADMINISTRATOR)
        client.create_graph(Tags={"team": "a"})
        browser.sees("CreateGraph", "#latest")
        browser.click("[data-key=call-1] summary")
        browser.sees('"team": "a"', "[data-key=call-1]")
        client.list_graphs()
        browser.sees("#2", "#latest")
        assert '"team": "a"' in browser.text("[data-key=call-1]")
        assert browser.driver.execute_script("return document.querySelector('.call').dataset.key") == "call-2"

    def test_typed_text_stays(self, browser: Browser, fake: DetectiveFake) -> None:
        """The focus stays as well."""
        browser.click("[data-key=add-fault] summary")
        browser.types("#add-fault [name=account_id]", "2222")
        fake.seed.graph(members=[ANA])
        browser.sees(ANA, "[id^=graph-] table")
        field = browser.element("#add-fault [name=account_id]")
        assert field.get_attribute("value") == "2222"
        assert browser.driver.switch_to.active_element == field


class TestSteering:
    def test_a_fault_is_added_used_and_removed(self, browser: Browser, endpoint: Endpoint, fake: DetectiveFake) -> None:
        """With its form and button. A form that is refused shows the message of the server, until one succeeds."""
        browser.click("[data-key=add-fault] summary")
        browser.types("#add-fault [name=operation]", "ListGraph")
        browser.click("#add-fault button")
        browser.sees("Did you mean 'ListGraphs'?", "#message")
        assert [error for error in browser.errors() if "400" in error]
        browser.types("#add-fault [name=operation]", "ListGraphs")
        browser.types("#add-fault [name=times]", "2")
        browser.click("#add-fault button")
        browser.sees("ListGraphs TooManyRequestsException used 0 times; waits for 2 calls of ListGraphs", "#faults")
        assert not browser.element("#message").is_displayed()
        assert client_of(endpoint, ANA).list_graphs()["ResponseMetadata"]["RetryAttempts"] == 2
        browser.sees("used 2 times; finished", "#faults")
        browser.click("#faults .list button")
        browser.waits(lambda: len(fake.faults) == 0, "no faults")

    def test_presets_add_faults_and_denials(self, browser: Browser, fake: DetectiveFake) -> None:
        """For the operation in the field beside them."""
        browser.types("#preset", "ListGraphs")
        for number in (1, 2, 3):
            browser.click(f".presets button:nth-of-type({number})")
            browser.waits(lambda number=number: len(fake.faults) + len(fake.denials) == number, "the presets")  # type: ignore[misc]
        assert [str(rule) for rule in (*fake.faults, *fake.denials)] == [
            "faults.add('ListGraphs', error='TooManyRequestsException', times=3)",
            "faults.add('ListGraphs', network='ReadTimeoutError', when='after')",
            "deny('detective:ListGraphs')",
        ]

    def test_the_clock_is_advanced_and_frozen(self, browser: Browser, fake: DetectiveFake) -> None:
        """With its buttons. The page's clock follows."""
        before = fake.clock.now()
        browser.click("[data-body*=days]")
        browser.waits(lambda: (fake.clock.now() - before).days == 1, "the clock")
        browser.click("[data-path='clock/freeze']")
        browser.sees("frozen", ".clock")
        browser.sees(f"{fake.clock.now():%Y-%m-%d %H:%M:%S}", "#now")
        browser.click("[data-path='clock/unfreeze']")
        browser.misses("frozen", ".clock")

    def test_pending_events_are_run(self, browser: Browser, fake: DetectiveFake) -> None:
        """One, and then all."""
        fake.timings.verification = None
        fake.seed.graph(members=dict.fromkeys([ANA, BEN, "444444444444"], "VERIFICATION_IN_PROGRESS"))
        browser.sees(f"verification of {BEN}", "#pending")
        browser.click("#pending li:nth-child(2) button")
        browser.sees(f"{BEN} INVITED", "[id^=graph-] table")
        assert browser.text("[id^=graph-] table").count("VERIFICATION_IN_PROGRESS") == 2
        browser.click("#pending .strong")
        browser.sees("Nothing is pending.", "#pending")

    def test_an_organization_is_created_and_an_account_added(self, browser: Browser, fake: DetectiveFake) -> None:
        """With their forms."""
        browser.click("[data-key=add-organization] summary")
        browser.types("[data-key=add-organization] [name=accounts]", f"{ANA}, {BEN}")
        browser.click("[data-key=add-organization] button")
        browser.sees(f"{BEN}", "#organizations")
        browser.types("#organizations .inline [name=account_id]", "444444444444")
        browser.click("#organizations .inline button")
        browser.sees("444444444444", "#organizations .list")
        assert set(fake.organizations[0].accounts) == {ADMINISTRATOR, ANA, BEN, "444444444444"}

    def test_attributes_of_an_account_are_set(self, browser: Browser) -> None:
        """Only those filled in."""
        browser.click("[data-key=set-account] summary")
        browser.types("[data-key=set-account] [name=account_id]", ANA)
        browser.types("[data-key=set-account] [name=daily_volume_bytes]", "2000000000")
        browser.element("[data-key=set-account] [name=verifies]").send_keys("fails")
        browser.click("[data-key=set-account] button")
        browser.sees(f"{ANA} verification fails 2 GB a day", "#accounts")

    def test_a_scenario_is_loaded(self, browser: Browser, tmp_path: Path) -> None:
        """From a file."""
        file = tmp_path / "scenario.json"
        file.write_text(json.dumps({"graph": [{"administrator_id": BEN, "members": [ANA]}]}))
        browser.element("#start [data-scenario]").send_keys(str(file))
        browser.sees(f"{ANA} ENABLED", "[id^=graph-] table")

    def test_a_scenario_in_toml_is_loaded(self, browser: Browser, tmp_path: Path) -> None:
        """A file with mistakes is refused with all of them."""
        file = tmp_path / "scenario.toml"
        file.write_text("[graph]")
        browser.element("#start [data-scenario]").send_keys(str(file))
        browser.sees("graph: expected a list of tables", "#message")
        assert [error for error in browser.errors() if "400" in error]
        file.write_text(f'[[graph]]\nadministrator_id = "{BEN}"\nmembers = ["{ANA}"]\n')
        browser.element("#start [data-scenario]").send_keys(str(file))
        browser.sees(f"{ANA} ENABLED", "[id^=graph-] table")


class TestStory:
    def test_invite_accept_step_back_and_copy_a_test(
        self, browser: Browser, fake: DetectiveFake, endpoint: Endpoint, pytester: pytest.Pytester
    ) -> None:
        """The page accepts as the member does. A snapshot undoes it. The copied test of that call passes."""
        client = client_of(endpoint, ADMINISTRATOR)
        graph_arn = client.create_graph()["GraphArn"]
        accounts: Any = [{"AccountId": each, "EmailAddress": f"{each}@example.com"} for each in (ANA, BEN)]
        client.create_members(GraphArn=graph_arn, Accounts=accounts)
        fake.settle()
        browser.sees(f"{ANA} INVITED", "[id^=graph-] table")
        browser.click(f"tr[data-key$='{ANA}'] [data-path='/invitation']")
        browser.sees(f"{ANA} ENABLED", "[id^=graph-] table")
        browser.click("#emails [data-key=email-2] [data-path='/invitation/removal']")
        browser.sees("Invite again", "#emails")
        assert [(each.operation, each.account_id) for each in fake.calls[-2:]] == [
            ("AcceptInvitation", ANA),
            ("RejectInvitation", BEN),
        ]
        browser.sees("#4 RejectInvitation", "#history")
        assert browser.driver.execute_script("return document.title") == f"detective_fake :{port_of(endpoint)}"
        browser.click("[aria-label^='Go back to snapshot'][aria-label*='#2 ']")
        browser.sees(f"{ANA} INVITED", "[id^=graph-] table")
        assert [row.status.value for row in fake.members(graph_arn)] == ["INVITED", "INVITED"]

        browser.click("[data-key=call-3] summary")
        browser.sees("def test_accept_invitation", "[data-key=call-3]")
        browser.sees(f"{ANA}: INVITED → ENABLED", "[data-key=call-3]")
        copied = browser.driver.execute_script("return document.getElementById('copy-3-pytest').textContent")
        assert f"assert statuses.get(\"{ANA}\") == 'ENABLED'" in copied
        pytester.makepyfile(copied)
        pytester.runpytest("-q", "-p", "no:asyncio").assert_outcomes(passed=1)

    def test_5000_calls_are_filtered(self, browser: Browser, fake: DetectiveFake, endpoint: Endpoint) -> None:
        """On the server, over all of them. The filter is in the URL, so that the back button and a reload keep it."""
        client = client_of(endpoint, ADMINISTRATOR)
        client.list_graphs()
        client.create_graph(Tags={"team": "needle"})
        first = list(fake.calls)
        fake._recorder._records[1:1] = first[:1] * 4998  # noqa: SLF001 - quicker than 5,000 calls
        browser.open("?view=journal")
        browser.driver.execute_script("window.since = 'the beginning'")
        browser.sees("5,000 of 5,000 match", "#journal")
        browser.types("[name=text]", "NEEDLE")
        browser.sees("1 of 5,000 match", "#journal")
        assert shown(browser) == ["#5000"]
        assert browser.driver.current_url.endswith("?view=journal&text=NEEDLE")
        browser.types("[name=text]", "nothing")
        browser.sees("0 of 5,000 match", "#journal")
        browser.open("?view=journal&operation=ListGraphs")
        browser.driver.execute_script("window.since = 'the beginning'")
        browser.sees("4,999 of 5,000 match", "#journal")
        browser.click("#journal .more a")
        browser.sees("those before #4950", "#journal")
        assert shown(browser)[0] == "#4949"


class TestAccessibility:
    @pytest.mark.parametrize("search", ["", "?view=journal"])
    def test_axe_finds_nothing(self, browser: Browser, fake: DetectiveFake, endpoint: Endpoint, search: str) -> None:
        """Neither on the graphs nor in the journal."""
        graph_arn = fake.seed.graph(members={ANA: "INVITED", BEN: "ACCEPTED_BUT_DISABLED"})
        fake.seed.organization(accounts=["444444444444"])
        fake.faults.add("ListGraphs", status=503)
        client_of(endpoint, ADMINISTRATOR).list_members(GraphArn=graph_arn)
        browser.open(search)
        browser.driver.execute_script("window.since = 'the beginning'")
        browser.click("[data-key=call-1] summary")
        browser.sees("Request ID")
        browser.driver.execute_script(tools.axe())
        found = browser.driver.execute_async_script(
            "const done = arguments[0]; axe.run().then(({violations}) => done(violations.map("
            "(each) => `${each.id}: ${each.nodes.map((node) => node.target)}`)))"
        )
        assert found == []


class TestChoosing:
    def test_an_account_is_chosen_by_its_link(self, browser: Browser, fake: DetectiveFake) -> None:
        """Without reloading. The browser's back button works."""
        fake.seed.graph(members=[ANA, BEN])
        fake.seed.graph(BEN)
        browser.sees(ANA, "[id^=graph-] table")
        browser.click(f"tr[data-key$='{ANA}'] a")
        browser.misses(BEN, "[id^=graph-] table")
        assert browser.element("[name=account_id]").get_attribute("value") == ANA
        assert browser.driver.current_url.endswith(f"?account_id={ANA}")
        browser.driver.back()
        browser.sees(f"{BEN} us-east-1", ".wide")

    def test_a_region_is_chosen_from_the_list(self, browser: Browser, fake: DetectiveFake) -> None:
        """The list has the Regions in use."""
        fake.seed.graph(region="eu-west-1")
        fake.seed.graph(region="eu-west-2")
        browser.sees("eu-west-2", ".wide")
        browser.element("[name=region]").send_keys("eu-west-1")
        browser.misses("eu-west-2", ".wide")


def shown(browser: Browser) -> list[str]:
    """Return the numbers of the visible calls."""
    return re.findall(r"#\d+", browser.text("#calls"))


class TestKeyboard:
    def test_the_first_key_leads_to_the_content(self, browser: Browser) -> None:
        """It skips the header."""
        keys = pytest.importorskip("selenium.webdriver").Keys
        browser.element("body").send_keys(keys.TAB)
        focused = browser.driver.switch_to.active_element
        assert focused.text == "Skip to content"

    def test_buttons_work_with_the_keyboard(self, browser: Browser, fake: DetectiveFake) -> None:
        """A pressed button keeps the focus."""
        keys = pytest.importorskip("selenium.webdriver").Keys
        before = fake.clock.now()

        def pressed_tab() -> str:
            browser.driver.switch_to.active_element.send_keys(keys.TAB)
            return str(browser.driver.switch_to.active_element.text)

        assert any(pressed_tab() == "+1 hour" for _ in range(20))
        browser.driver.switch_to.active_element.send_keys(keys.ENTER)
        browser.waits(lambda: (fake.clock.now() - before).seconds >= 3600, "the clock")
        assert browser.driver.switch_to.active_element.text == "+1 hour"


class TestLooks:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_it_follows_the_color_scheme_of_the_system(self, browser: Browser, scheme: str) -> None:
        """Light or dark."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        ground, ink = (
            sum(map(int, re.findall(r"\d+", browser.element("body").value_of_css_property(name))[:3]))
            for name in ("background-color", "color")
        )
        assert (ground > ink) is (scheme == "light")

    @pytest.mark.parametrize("width", [380, 800, 1440])
    def test_the_page_does_not_scroll_sideways(self, browser: Browser, fake: DetectiveFake, width: int) -> None:
        """Not on a phone either; tables and the drawing scroll themselves."""
        fake.seed.graph(members=[ANA, BEN])
        fake.seed.organization(accounts=[ANA])
        browser.sees(ANA, "[id^=graph-] table")
        with sized(browser, width):
            overflow = browser.driver.execute_script("return document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0

    def test_a_phone_has_a_list_in_place_of_the_drawing(self, browser: Browser, fake: DetectiveFake) -> None:
        """With the number of members in each status."""
        fake.seed.graph(members={ANA: "ENABLED", BEN: "INVITED"})
        browser.sees(ANA, "#picture")
        with sized(browser, 375):
            assert not browser.element("#picture .drawing").is_displayed()
            assert "administers a graph in us-east-1 1 member ENABLED 1 member INVITED" in browser.text("#picture")

    @pytest.mark.parametrize("width", [760, 1280])
    def test_the_drawing_keeps_its_size(self, browser: Browser, fake: DetectiveFake, width: int) -> None:
        """It scrolls, so that five columns are as readable as three."""
        fake.seed.organization("999999999999", [ADMINISTRATOR], delegated_administrator_id=ADMINISTRATOR)
        fake.seed.graph(organization_graph=True, members=[ANA])
        fake.seed.graph(ANA, members=[BEN])
        browser.sees(BEN, "#picture")
        with sized(browser, width):
            drawn, meant = browser.driver.execute_script(
                "const svg = document.querySelector('#picture svg');"
                "return [svg.getBoundingClientRect().width, svg.viewBox.baseVal.width]"
            )
        assert drawn == meant > width * 0.6

    def test_no_column_is_cut_at_1280_pixels(self, browser: Browser, fake: DetectiveFake) -> None:
        """Not even with the longest status and an e-mail address."""
        fake.timings.verification = None
        fake.seed.graph(members={ANA: "VERIFICATION_IN_PROGRESS", BEN: "ACCEPTED_BUT_DISABLED"})
        browser.sees(ANA, "[id^=graph-] table")
        with sized(browser, 1280):
            cut = browser.driver.execute_script(
                "return [...document.querySelectorAll('.scroll')].map((each) => each.scrollWidth - each.clientWidth)"
            )
        assert cut == [0]

    def test_the_focus_is_not_below_the_bar(self, browser: Browser, fake: DetectiveFake) -> None:
        """Even if the element was there before it got the focus. Source: WCAG 2.2, success criterion 2.4.11."""
        fake.seed.graph(members=[f"{number:012}" for number in range(30)])
        browser.sees("Leave", "[id^=graph-] table")
        hidden, checked = browser.driver.execute_script(
            "const bar = document.getElementById('bar'), hidden = [];"
            "const all = [...document.querySelectorAll('.card > .filter a, .narrow button, .narrow summary')]"
            ".filter((each) => each.getBoundingClientRect().top + scrollY > 300);"
            "for (const each of all) {"
            "  document.activeElement.blur();"
            "  scrollBy(0, each.getBoundingClientRect().top - 10);"
            "  each.focus();"
            "  if (each.getBoundingClientRect().top < bar.getBoundingClientRect().bottom) hidden.push(each.outerHTML);"
            "}"
            "return [hidden, all.length];"
        )
        assert not hidden
        assert checked > 10


class TestTitle:
    def test_it_counts_failures(self, browser: Browser, endpoint: Endpoint) -> None:
        """Beside the port, to find the tab."""
        client = client_of(endpoint, ADMINISTRATOR)
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            client.delete_graph(GraphArn=f"arn:aws:detective:us-east-1:{ADMINISTRATOR}:graph:{'0' * 32}")
        title = f"(1 failed) detective_fake :{port_of(endpoint)}"
        browser.waits(lambda: browser.driver.title == title, title)


class TestConnection:
    def test_a_server_that_has_stopped_is_noticed(self, driver: Any, fake: DetectiveFake) -> None:
        """The page says so, and looks so."""
        with served(fake) as endpoint:
            browser = Browser(driver, endpoint)
            browser.open()
        browser.sees("not connected, retrying", "#live")
        assert browser.element("#view").get_attribute("class") == "stale"
        driver.get("about:blank")
        assert all("net::ERR_CONNECTION_REFUSED" in error for error in browser.errors())
