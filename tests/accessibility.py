"""What shuts people out of a page, as axe-core finds it. https://github.com/dequelabs/axe-core"""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def check(page: Page) -> None:
    """Fail if axe-core finds a violation in the page as it is shown now. Its browser must run scripts."""
    found = Axe().run(page).response["violations"]
    assert [f"{rule['id']}: {node['html']}" for rule in found for node in rule["nodes"]] == []
