/** Shows what else can be done with a post in a popover beside the button, instead of on a page of its own. */
import { fetchPart } from "./dom.js";
import { openMenu } from "./floating.js";

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
    openMenu(link, form, "end");
  });
}
