/** Closes a menu that opened when somebody presses Escape or goes elsewhere, and moves in it with the arrow keys. */

import { moveByKeys } from "./floating.js";

/** @param {HTMLDetailsElement} details */
export function connect(details) {
  document.addEventListener("click", (event) => {
    if (details.open && !details.contains(/** @type {Node} */ (event.target))) details.open = false;
  });
  details.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") details.open = true;
  });
  moveByKeys(details);
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    details.open = false;
    details.querySelector("summary")?.focus();
  });
}
