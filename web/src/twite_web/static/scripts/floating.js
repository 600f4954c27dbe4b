/** Boxes that float beside what they belong to. */
import { inserted } from "./dom.js";

const GAP = 4;
const MARGIN = 8;

/**
 * Show a menu beside a button until somebody chooses from it or goes elsewhere.
 * @param {Element} button
 * @param {Element} content
 * @param {"start" | "end"} align
 */
export function openMenu(button, content, align) {
  const menu = document.createElement("div");
  menu.popover = "auto";
  menu.className = "dropdown-items floating";
  menu.append(content);
  menu.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState === "closed") menu.remove();
  });
  button.after(menu);
  inserted(menu);
  menu.showPopover();
  place(menu, button, align);
  /** @type {HTMLElement | null} */ (menu.querySelector("a, button"))?.focus();
  return menu;
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
