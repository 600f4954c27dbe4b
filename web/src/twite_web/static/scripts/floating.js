/** Boxes that float beside what they belong to. */
import { inserted } from "./dom.js";

const GAP = 4;
const MARGIN = 8;
const PHONE = "(max-width: 40rem)";

/**
 * Show a menu beside a button, on a phone as a sheet at the bottom, until somebody chooses from it or goes elsewhere.
 * @param {Element} button
 * @param {Element} content
 * @param {"start" | "end"} align
 * @param {Element} [before] what it stands behind in the page: not within a form or a list of links
 */
export function openMenu(button, content, align, before = button) {
  const menu = document.createElement("div");
  menu.popover = "auto";
  menu.className = "dropdown-items floating";
  menu.append(content);
  menu.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "closed") return;
    menu.remove();
    button.ariaExpanded = "false";
  });
  before.after(menu);
  inserted(menu);
  menu.showPopover();
  button.ariaExpanded = "true";
  if (!matchMedia(PHONE).matches) place(menu, button, align);
  moveByKeys(menu);
  itemsOf(menu)[0]?.focus();
  return menu;
}

/**
 * Have the arrow keys, Home and End go from one item of a menu to another.
 * @param {HTMLElement} menu
 */
export function moveByKeys(menu) {
  menu.addEventListener("keydown", (event) => {
    const items = itemsOf(menu);
    const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const next = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 }[event.key];
    if (next === undefined || /** @type {Element} */ (event.target).matches("input, textarea, select")) return;
    event.preventDefault();
    items.at(next % items.length)?.focus();
  });
}

/**
 * @param {HTMLElement} menu
 * @returns {HTMLElement[]}
 */
function itemsOf(menu) {
  return /** @type {HTMLElement[]} */ ([...menu.querySelectorAll("a, button, summary")]).filter((item) =>
    item.checkVisibility(),
  );
}

/**
 * Put a box below what it belongs to, or above where there is no room, with one edge in line with it: that at which
 * one begins to read, or the other.
 * @param {HTMLElement} box
 * @param {Element} anchor
 * @param {"start" | "end"} align
 */
export function place(box, anchor, align) {
  const { width, height } = box.getBoundingClientRect();
  const { top, bottom, left, right } = anchor.getBoundingClientRect();
  const isRoomBelow = bottom + GAP + height < innerHeight;
  const alignsRight = (align === "end") !== (document.documentElement.dir === "rtl");
  const wanted = alignsRight ? right - width : left;
  box.style.top = `${isRoomBelow ? bottom + GAP : Math.max(MARGIN, top - GAP - height)}px`;
  box.style.left = `${Math.max(MARGIN, Math.min(wanted, innerWidth - width - MARGIN))}px`;
}
