/** Shows the page that a link leads to in a dialog (`data-dialog`). */
import { openDialog } from "./dialog.js";
import { fetchPart } from "./dom.js";

/** @param {HTMLAnchorElement} link */
export function connect(link) {
  link.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const part = await fetchPart(link.href).catch(() => null);
    if (!part?.response.ok) {
      location.assign(link.href);
      return;
    }
    const dialog = openDialog(part.takeAll());
    /** @type {HTMLElement | null} */ (
      dialog.querySelector(".dialog-body :is(input:not([type=hidden]), textarea)")
    )?.focus();
  });
}
