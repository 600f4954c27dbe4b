/**
 * Shows the menu that a link leads to (`data-menu`) below the link, instead of on a page of its own. "start" has it begin
 * where the link does; else it ends where that ends.
 */
import { fetchElement } from "./dom.js";
import { openMenu } from "./floating.js";

/** @param {HTMLAnchorElement} link */
export function connect(link) {
  link.ariaExpanded = "false";
  link.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const items = await fetchElement(link.href, "[data-menu-items]");
    if (!items) {
      location.assign(link.href);
      return;
    }
    const align = link.dataset.menu === "start" ? "start" : "end";
    const menu = openMenu(link, items, align, link.closest("form, nav") ?? link);
    menu.addEventListener("click", ({ target }) => {
      if (/** @type {Element} */ (target).closest("a, button")) menu.hidePopover();
    });
  });
}
