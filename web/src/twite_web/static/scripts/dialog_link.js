/** Shows the page that a link leads to in a dialog (`data-dialog`), or the form for a post (`data-compose`). */
import { openDialog } from "./dialog.js";
import { fetchPart } from "./dom.js";

/** @param {HTMLAnchorElement} link */
export function connect(link) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(link.href, "compose" in link.dataset);
  });
}

/**
 * @param {string} address
 * @param {boolean} composes
 */
async function show(address, composes) {
  const [part] = await Promise.all([fetchPart(address).catch(() => null), composes && import("./composer.js")]);
  // A message to somebody leads to the conversation with them, if there is one.
  if (!part?.response.ok || (composes && (part.response.redirected || !part.content.querySelector("form")))) {
    location.assign(part?.response.url ?? address);
    return;
  }
  const dialog = openDialog(part.takeAll(), composes ? "sheet" : "");
  const field = composes ? "textarea" : ".dialog-body :is(input:not([type=hidden]), textarea)";
  /** @type {HTMLElement | null} */ (dialog.querySelector(field))?.focus();
}
