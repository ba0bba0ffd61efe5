from tests.browser.fixtures import axe, browser, sign_in

__all__ = ["axe", "browser", "sign_in"]
