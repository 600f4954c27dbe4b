/** Sends a form without loading the page anew, and takes the element around it away (`data-removes`, a selector). */
import { send, toastError, valuesOf } from "./dom.js";

/** @param {HTMLFormElement} form */
export function connect(form) {
  form.addEventListener("submit", (event) => {
    const element = form.closest(form.dataset.removes ?? "");
    if (!element || event.defaultPrevented) return;
    event.preventDefault();
    submit(form, element);
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {Element} element
 */
async function submit(form, element) {
  try {
    await send(form.action, valuesOf(form));
    element.remove();
  } catch (error) {
    toastError(error);
  }
}
