"""Waits until a page's scripts listen, in a real browser."""

from playwright.sync_api import Page

_STARTED = r"""async () => {
  const main = document.querySelector('script[type="module"]').src;
  const [source] = await Promise.all([fetch(main).then((answer) => answer.text()), import(main)]);
  const behaviours = [...source.matchAll(/\["(.+?)", "(\.\/.+?)"\]/g)];
  const present = behaviours.filter(([, selector]) => document.querySelector(selector));
  await Promise.all(present.map(([, , module]) => import(new URL(module, main).href)));
  return present.length;
}"""
"""Loads the modules of all behaviours that the page has, as `main.js` does; what listens to them was there before."""


def scripts_ready(page: Page) -> None:
    """Wait until the open page does what its scripts are for."""
    page.wait_for_load_state()
    assert page.evaluate(_STARTED) > 0


def visit(page: Page, path: str, *, script: bool = True) -> None:
    """Open a page, and wait until its scripts listen where the browser has `script`."""
    page.goto(path)
    if script:
        scripts_ready(page)
