/** Dialogs that show a part of another page. */
import { inserted, text } from "./dom.js";

/**
 * Show something in a dialog, its heading and a button that closes it above.
 * @param {DocumentFragment} content
 * @param {string} [className]
 */
export function openDialog(content, className = "") {
  const dialog = document.createElement("dialog");
  dialog.className = className;
  dialog.ariaLabel = content.querySelector("h1")?.textContent ?? "";
  const head = document.createElement("div");
  head.className = "dialog-head";
  head.append(...content.querySelectorAll("h1"), closeButton(dialog));
  const body = document.createElement("div");
  body.className = "dialog-body";
  body.append(content);
  dialog.append(head, body);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  inserted(dialog);
  dialog.showModal();
  return dialog;
}

/** @param {HTMLDialogElement} dialog */
function closeButton(dialog) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = "✕";
  button.setAttribute("aria-label", text("close"));
  button.addEventListener("click", () => dialog.close());
  return button;
}
