/** Opens the form for a post in a dialog where one is, instead of on a page of its own. */
import { fetchPart, inserted } from "./dom.js";

/** @param {HTMLAnchorElement} link */
export function connect(link) {
  link.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const [part] = await Promise.all([fetchPart(link.href).catch(() => null), import("./composer.js")]);
    if (!part?.response.ok || !part.content.querySelector("form")) {
      location.assign(link.href);
      return;
    }
    open(part.takeAll());
  });
}

/** @param {DocumentFragment} content */
function open(content) {
  const dialog = document.createElement("dialog");
  dialog.className = "sheet";
  const title = content.querySelector("h1");
  const head = document.createElement("div");
  head.className = "dialog-head";
  const close = document.createElement("button");
  close.type = "button";
  close.className = "quiet";
  close.textContent = "✕";
  close.setAttribute("aria-label", document.body.dataset.close ?? "Close");
  close.addEventListener("click", () => dialog.close());
  if (title) head.append(title);
  head.append(close);
  const body = document.createElement("div");
  body.className = "dialog-body";
  body.append(content);
  dialog.append(head, body);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  inserted(dialog);
  dialog.showModal();
  /** @type {HTMLElement | null} */ (dialog.querySelector("textarea"))?.focus();
}
