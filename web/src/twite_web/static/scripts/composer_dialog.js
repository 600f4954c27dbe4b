/** Opens the form for a post in a dialog where one is, instead of on a page of its own. */
import { openDialog } from "./dialog.js";
import { fetchPart } from "./dom.js";

/** @param {HTMLAnchorElement} link */
export function connect(link) {
  link.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const [part] = await Promise.all([fetchPart(link.href).catch(() => null), import("./composer.js")]);
    // A message to somebody leads to the conversation with them, if there is one.
    if (!part?.response.ok || part.response.redirected || !part.content.querySelector("form")) {
      location.assign(part?.response.url ?? link.href);
      return;
    }
    const dialog = openDialog(part.takeAll(), "sheet");
    /** @type {HTMLElement | null} */ (dialog.querySelector("textarea"))?.focus();
  });
}
