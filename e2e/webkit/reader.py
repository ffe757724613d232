"""Somebody who reads with WebKit."""

from collections.abc import Callable
from typing import Any

from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.shadowroot import ShadowRoot
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait
from selenium.webdriver.webkitgtk.webdriver import WebDriver

from e2e.steps import WORDS_AT

PATIENCE = 30


class Reader:
    def __init__(self, driver: WebDriver) -> None:
        self.driver = driver

    @property
    def url(self) -> str:
        return self.driver.current_url

    def goto(self, address: str) -> None:
        self.driver.get(address)

    def waits(self, until: Callable[[], Any]) -> Any:
        """What it gives once it is something."""
        ignored = (NoSuchElementException, StaleElementReferenceException)
        waiting = WebDriverWait(self.driver, PATIENCE, poll_frequency=0.05, ignored_exceptions=ignored)
        return waiting.until(lambda _: until())

    def find(self, selector: str, inside: WebElement | ShadowRoot | None = None) -> WebElement:
        return self.waits(lambda: (inside or self.driver).find_element(By.CSS_SELECTOR, selector))

    def in_label(self, marked: WebElement, selector: str) -> WebElement:
        return self.waits(lambda: marked.shadow_root.find_element(By.CSS_SELECTOR, selector))

    def reads(self, words: str, selector: str, marked: WebElement | None = None) -> WebElement:
        """The element whose visible text is, or has, these words."""

        def found() -> WebElement | None:
            place = marked.shadow_root if marked else self.driver
            all_found = place.find_elements(By.CSS_SELECTOR, selector)
            return next((one for one in all_found if one.is_displayed() and words in one.text), None)

        return self.waits(found)

    def evaluate(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(f"return {script}", *arguments)

    def drags_over(self, marked: WebElement, words: str) -> None:
        left, top, right, bottom = self.evaluate(f"({WORDS_AT})(...arguments)", marked, words)
        actions = ActionBuilder(self.driver)
        mouse = actions.pointer_action
        mouse.move_to_location(int(left) + 1, int(top)).pointer_down()
        mouse.move_to_location(int(right) - 1, int(bottom)).pointer_up()
        actions.perform()
