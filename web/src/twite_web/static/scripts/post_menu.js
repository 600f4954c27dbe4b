/** Shows what else can be done with a post in a popover beside the button, instead of on a page of its own. */
import { fetchPart, inserted } from "./dom.js";

/** @param {HTMLAnchorElement} link */
export function connect(link) {
  link.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const part = await fetchPart(link.href).catch(() => null);
    const form = part?.response.ok ? part.take("form") : null;
    if (!form) {
      location.assign(link.href);
      return;
    }
    show(link, form);
  });
}

/**
 * @param {HTMLElement} link
 * @param {Element} content
 */
function show(link, content) {
  const menu = document.createElement("div");
  menu.popover = "auto";
  menu.className = "dropdown-items floating";
  menu.append(content);
  menu.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState === "closed") menu.remove();
  });
  link.after(menu);
  inserted(menu);
  menu.showPopover();
  place(menu, link.getBoundingClientRect());
  /** @type {HTMLElement | null} */ (menu.querySelector("a, button"))?.focus();
}

/**
 * Put a menu below a button, or above it where there is no room.
 * @param {HTMLElement} menu
 * @param {DOMRect} anchor
 */
function place(menu, anchor) {
  const { width, height } = menu.getBoundingClientRect();
  const below = anchor.bottom + height < innerHeight;
  menu.style.insetBlockStart = `${below ? anchor.bottom : Math.max(8, anchor.top - height)}px`;
  menu.style.insetInlineStart = "auto";
  menu.style.left = `${Math.min(Math.max(8, anchor.right - width), innerWidth - width - 8)}px`;
}
