"""The page in a real browser: it follows what happens, and its buttons, forms and links do what they say."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from detective_fake.fake import DetectiveFake
from tests.server import tools
from tests.server.http import PATIENCE, served
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
    """A page in Chromium, and what a person does there."""

    def __init__(self, driver: Any, endpoint: Endpoint) -> None:
        self.driver = driver
        self.url = endpoint.page_url

    def open(self, search: str = "") -> None:
        """Open the page, and wait until it is connected."""
        self.driver.get(self.url + search)
        self.sees("live", "#live")

    def text(self, selector: str = "body") -> str:
        """Return what can be read in a part of the page, empty if that is not there."""
        found = self.driver.execute_script("return document.querySelector(arguments[0])?.innerText ?? ''", selector)
        return " ".join(found.split())

    def sees(self, text: str, selector: str = "body") -> None:
        """Wait until a text can be read in a part of the page."""
        self.waits(lambda: text in self.text(selector), f"{text!r} in {selector}")

    def misses(self, text: str, selector: str = "body") -> None:
        """Wait until a text can be read no more."""
        self.waits(lambda: text not in self.text(selector), f"no {text!r} in {selector}")

    def waits(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until a condition holds; if it never does, the failure says what was waited for."""
        from selenium.webdriver.support.wait import WebDriverWait  # noqa: PLC0415 - not installed everywhere

        WebDriverWait(self.driver, PATIENCE, 0.05).until(lambda _: condition(), what)

    def element(self, selector: str) -> Any:
        """Return an element that is there."""
        return self.driver.find_element("css selector", selector)

    def click(self, selector: str) -> None:
        """Click where a person would."""
        element = self.element(selector)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def types(self, selector: str, text: str) -> None:
        """Type into a field, in place of what is there."""
        field = self.element(selector)
        field.clear()
        field.send_keys(text)

    def errors(self) -> list[str]:
        """Return what the console has complained of since it was last asked."""
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
    """Return a fake that only its server lets in, so that boto3 goes over HTTP here."""
    return DetectiveFake(ADMINISTRATOR, unmet_faults="ignore")


@pytest.fixture
def endpoint(fake: DetectiveFake) -> Iterator[Endpoint]:
    with served(fake) as endpoint:
        yield endpoint


@pytest.fixture
def browser(driver: Any, endpoint: Endpoint) -> Iterator[Browser]:
    """Open the page; nothing that a test does there may make the console complain."""
    browser = Browser(driver, endpoint)
    browser.open()
    browser.driver.execute_script("window.since = 'the beginning'")
    yield browser
    assert browser.driver.execute_script("return window.since") == "the beginning"
    driver.get("about:blank")
    assert not browser.errors()


def client_of(endpoint: Endpoint, account_id: str) -> Any:
    """Return a boto3 client."""
    return a_client(endpoint, account_id, "us-east-1")


class TestFollowing:
    def test_an_invitation_from_the_first_call_until_it_is_accepted(self, browser: Browser, endpoint: Endpoint) -> None:
        """Without anybody loading the page anew."""
        browser.sees("Nothing has happened yet")
        administrator, member = client_of(endpoint, ADMINISTRATOR), client_of(endpoint, ANA)
        graph_arn = administrator.create_graph()["GraphArn"]
        browser.sees(graph_arn, "section.graph")
        accounts = [{"AccountId": ANA, "EmailAddress": "ana@example.com"}]
        administrator.create_members(GraphArn=graph_arn, Accounts=accounts)
        browser.sees(f"{ANA} VERIFICATION_IN_PROGRESS", ".graph table")
        member.list_invitations()
        browser.sees(f"{ANA} INVITED", ".graph table")
        browser.sees("invited", "#picture")
        member.accept_invitation(GraphArn=graph_arn)
        browser.sees(f"{ANA} ENABLED", ".graph table")
        browser.sees("enabled", "#picture")
        browser.sees("AcceptInvitation", "#journal")

    def test_what_the_test_itself_does_is_seen_as_well(self, browser: Browser, fake: DetectiveFake) -> None:
        """Though nobody asks the server for it."""
        fake.seed.graph(members=[ANA, BEN])
        browser.sees(f"{BEN} ENABLED", ".graph table")

    def test_what_is_gone_goes(self, browser: Browser, fake: DetectiveFake, endpoint: Endpoint) -> None:
        """Rows and cards."""
        graph_arn = fake.seed.graph(members=[ANA, BEN])
        browser.sees(ANA, ".graph table")
        client_of(endpoint, ADMINISTRATOR).delete_members(GraphArn=graph_arn, AccountIds=[ANA])
        browser.misses(ANA, ".graph table")
        client_of(endpoint, ADMINISTRATOR).delete_graph(GraphArn=graph_arn)
        browser.sees("None yet: create-graph makes one.")

    def test_what_somebody_reads_stays_open(self, browser: Browser, endpoint: Endpoint) -> None:
        """And shows parameters and answer, while calls go on coming in above it."""
        client = client_of(endpoint, ADMINISTRATOR)
        client.create_graph(Tags={"team": "a"})
        browser.sees("CreateGraph", "#journal")
        browser.click("[data-key=call-1] summary")
        browser.sees('"team": "a"', "[data-key=call-1]")
        client.list_graphs()
        browser.sees("#2", "#journal")
        assert '"team": "a"' in browser.text("[data-key=call-1]")
        assert browser.driver.execute_script("return document.querySelector('.call').dataset.key") == "call-2"

    def test_what_somebody_types_is_not_disturbed(self, browser: Browser, fake: DetectiveFake) -> None:
        """Nor does the focus move."""
        browser.types("#add-fault [name=account_id]", "2222")
        fake.seed.graph(members=[ANA])
        browser.sees(ANA, ".graph table")
        field = browser.element("#add-fault [name=account_id]")
        assert field.get_attribute("value") == "2222"
        assert browser.driver.switch_to.active_element == field


class TestSteering:
    def test_a_fault_is_added_met_and_removed(self, browser: Browser, endpoint: Endpoint, fake: DetectiveFake) -> None:
        """By its form."""
        browser.types("#add-fault [name=operation]", "ListGraphs")
        browser.types("#add-fault [name=times]", "2")
        browser.click("#add-fault button")
        browser.sees("'ListGraphs', error='TooManyRequestsException', times=2", "#faults")
        assert client_of(endpoint, ANA).list_graphs()["ResponseMetadata"]["RetryAttempts"] == 2
        browser.sees("met 2 times, over", "#faults")
        browser.click("#faults .list button")
        browser.waits(lambda: len(fake.faults) == 0, "no faults")

    def test_a_network_fault_can_be_chosen(self, browser: Browser, fake: DetectiveFake) -> None:
        """In the same list; without a number it lasts."""
        browser.element("#fault-kind").send_keys("ReadTimeoutError")
        browser.types("#add-fault [name=times]", "")
        browser.click("#add-fault button")
        browser.sees("network='ReadTimeoutError', times=None", "#faults")
        assert [fault.terms.network for fault in fake.faults] == ["ReadTimeoutError"]

    def test_what_cannot_be_is_told(self, browser: Browser) -> None:
        """In the words of the fake."""
        browser.types("#add-fault [name=operation]", "ListGraph")
        browser.click("#add-fault button")
        browser.sees("did you mean 'ListGraphs'?", "#message")
        assert [error for error in browser.errors() if "400" in error]

    def test_the_clock_is_advanced_and_frozen(self, browser: Browser, fake: DetectiveFake) -> None:
        """By its buttons; the page's own goes along."""
        before = fake.clock.now()
        browser.click("[data-body*=days]")
        browser.waits(lambda: (fake.clock.now() - before).days == 1, "the clock")
        browser.click("[data-path='clock/freeze']")
        browser.sees("frozen", ".clock")
        browser.sees(f"{fake.clock.now():%Y-%m-%d %H:%M:%S}", "#now")
        browser.click("[data-path='clock/unfreeze']")
        browser.misses("frozen", ".clock")

    def test_what_is_pending_is_let_happen(self, browser: Browser, fake: DetectiveFake) -> None:
        """One event, and then all."""
        fake.timings.verification = None
        fake.seed.graph(members=dict.fromkeys([ANA, BEN, "444444444444"], "VERIFICATION_IN_PROGRESS"))
        browser.sees(f"verification of {BEN}", "#pending")
        browser.click("#pending li:nth-child(2) button")
        browser.sees(f"{BEN} INVITED", ".graph table")
        assert browser.text(".graph table").count("VERIFICATION_IN_PROGRESS") == 2
        browser.click("#pending .strong")
        browser.sees("Nothing is pending.", "#pending")

    def test_an_organization_is_made_and_joined(self, browser: Browser, fake: DetectiveFake) -> None:
        """By its forms."""
        browser.click("[data-key=add-organization] summary")
        browser.types("[data-key=add-organization] [name=accounts]", f"{ANA}, {BEN}")
        browser.click("[data-key=add-organization] button")
        browser.sees(f"{BEN}", "#organizations")
        browser.types("#organizations .inline [name=account_id]", "444444444444")
        browser.click("#organizations .inline button")
        browser.sees("444444444444", "#organizations .list")
        assert set(fake.organizations[0].accounts) == {ADMINISTRATOR, ANA, BEN, "444444444444"}

    def test_an_account_is_described(self, browser: Browser) -> None:
        """Only what was filled in."""
        browser.click("[data-key=set-account] summary")
        browser.types("[data-key=set-account] [name=account_id]", ANA)
        browser.types("[data-key=set-account] [name=daily_volume_bytes]", "2000000000")
        browser.element("[data-key=set-account] [name=verifies]").send_keys("fails")
        browser.click("[data-key=set-account] button")
        browser.sees(f"{ANA} verification fails 2 GB a day", "#accounts")

    def test_a_scenario_is_loaded(self, browser: Browser, tmp_path: Path) -> None:
        """From a file."""
        file = tmp_path / "scenario.json"
        file.write_text(json.dumps({"graphs": [{"administrator_id": BEN, "members": [ANA]}]}))
        browser.element("#start [data-scenario]").send_keys(str(file))
        browser.sees(f"{ANA} ENABLED", ".graph table")

    def test_what_is_no_json_is_no_scenario(self, browser: Browser, tmp_path: Path) -> None:
        """That is said, and where TOML goes."""
        (tmp_path / "scenario.json").write_text("[graphs]")
        browser.element("#start [data-scenario]").send_keys(str(tmp_path / "scenario.json"))
        browser.sees("scenario.json is no JSON; a scenario in TOML is loaded with detective-fake serve", "#message")


class TestChoosing:
    def test_an_account_is_chosen_by_its_link(self, browser: Browser, fake: DetectiveFake) -> None:
        """Without loading the page; the browser's own way back works."""
        fake.seed.graph(members=[ANA, BEN])
        fake.seed.graph(BEN)
        browser.sees(ANA, ".graph table")
        browser.click(f"tr[data-key$='{ANA}'] a")
        browser.misses(BEN, ".graph table")
        assert browser.element("[name=account]").get_attribute("value") == ANA
        assert browser.driver.current_url.endswith(f"?account={ANA}")
        browser.driver.back()
        browser.sees(f"{BEN} us-east-1", ".wide")

    def test_a_region_is_chosen_from_the_list(self, browser: Browser, fake: DetectiveFake) -> None:
        """Only what is there can be chosen."""
        fake.seed.graph(region="eu-west-1")
        fake.seed.graph(region="eu-west-2")
        browser.sees("eu-west-2", ".wide")
        browser.element("[name=region]").send_keys("eu-west-1")
        browser.misses("eu-west-2", ".wide")

    def test_calls_are_filtered(self, browser: Browser, endpoint: Endpoint) -> None:
        """By words, and by whether they have failed; new ones as well."""
        client = client_of(endpoint, ANA)
        client.list_graphs()
        client.create_graph()
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            client.delete_graph(GraphArn=f"arn:aws:detective:us-east-1:{ANA}:graph:{'0' * 32}")
        browser.sees("#3", "#journal")
        browser.types("#filter", "graph create")
        browser.waits(lambda: shown(browser) == ["#2"], "the calls")
        client.create_graph()
        browser.waits(lambda: shown(browser) == ["#4", "#2"], "the calls")
        browser.types("#filter", " ")
        browser.click("#only-failed")
        browser.waits(lambda: shown(browser) == ["#3"], "the calls")


def shown(browser: Browser) -> list[str]:
    """Return the numbers of the calls that can be seen."""
    return re.findall(r"#\d+", browser.text("#calls"))


class TestKeyboard:
    def test_the_first_key_leads_to_the_content(self, browser: Browser) -> None:
        """Past everything that is the same each time."""
        keys = pytest.importorskip("selenium.webdriver").Keys
        browser.element("body").send_keys(keys.TAB)
        focused = browser.driver.switch_to.active_element
        assert focused.text == "Skip to content"

    def test_buttons_are_reached_and_pressed(self, browser: Browser, fake: DetectiveFake) -> None:
        """Tab by tab, until the one for an hour; it keeps the focus."""
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
    def test_it_keeps_to_what_the_reader_prefers(self, browser: Browser, scheme: str) -> None:
        """Light on dark, or dark on light."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        ground, ink = (
            sum(map(int, re.findall(r"\d+", browser.element("body").value_of_css_property(name))[:3]))
            for name in ("background-color", "color")
        )
        assert (ground > ink) is (scheme == "light")

    @pytest.mark.parametrize("width", [380, 800, 1440])
    def test_nothing_sticks_out_sideways(self, browser: Browser, fake: DetectiveFake, width: int) -> None:
        """On a telephone neither; tables and the drawing scroll by themselves."""
        fake.seed.graph(members=[ANA, BEN])
        fake.seed.organization(accounts=[ANA])
        browser.sees(ANA, ".graph table")
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        overflow = browser.driver.execute_script("return document.documentElement.scrollWidth - innerWidth")
        browser.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        assert overflow <= 0
