/** Closes a menu that opened when somebody presses Escape or goes elsewhere. */

import { moveByKeys } from "./floating.js";

/** @param {HTMLDetailsElement} details */
export function connect(details) {
  document.addEventListener("click", (event) => {
    if (details.open && !details.contains(/** @type {Node} */ (event.target))) details.open = false;
  });
  moveByKeys(details);
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    details.open = false;
    details.querySelector("summary")?.focus();
  });
}
