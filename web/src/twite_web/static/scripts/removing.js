/** Sends a form without loading the page anew, and takes the element around it away (`data-removes`, a selector). */
import { fetchPart, text, toast } from "./dom.js";

/** @param {HTMLFormElement} form */
export function connect(form) {
  form.addEventListener("submit", (event) => {
    const element = form.closest(form.dataset.removes ?? "");
    if (!element || event.defaultPrevented) return;
    event.preventDefault();
    send(form, element);
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {Element} element
 */
async function send(form, element) {
  const values = [...new FormData(form)].map(([name, value]) => [name, String(value)]);
  try {
    const part = await fetchPart(form.action, { method: "POST", body: new URLSearchParams(values) });
    if (part.problem) throw new Error(part.problem);
    element.remove();
  } catch (error) {
    toast(error instanceof TypeError ? text("offline") : /** @type {Error} */ (error).message, { failed: true });
  }
}
