/**
 * Sends a form without loading the page anew, and replaces the element around it (`data-replaces`, a selector) by what
 * the server says it is now. Buttons with `data-toggle` change at once, and back when the server says no.
 */
import { send, swap, toastError, valuesOf } from "./dom.js";

/** @param {HTMLFormElement} form */
export function connect(form) {
  form.addEventListener("submit", (event) => {
    const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
    if (event.defaultPrevented || !form.dataset.replaces) return;
    event.preventDefault();
    submit(form, button, form.dataset.replaces);
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement | null} button
 * @param {string} selector
 */
async function submit(form, button, selector) {
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  const undo = button?.matches("[data-toggle]") ? toggle(button) : () => {};
  const address = button?.hasAttribute("formaction") ? button.formAction : form.action;
  try {
    const part = await send(address, valuesOf(form, button));
    replace(form, part.take(selector), selector, address);
  } catch (error) {
    undo();
    toastError(error);
  } finally {
    form.ariaBusy = null;
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {Element | null} element
 * @param {string} selector
 * @param {string} address
 */
function replace(form, element, selector, address) {
  const present = form.closest(selector) ?? document.querySelector(selector);
  if (!present || !element) {
    location.reload();
    return;
  }
  const focused = present.contains(document.activeElement);
  const place = [...form.elements].indexOf(/** @type {Element} */ (document.activeElement));
  if (element.id !== present.id) element.id = present.id;
  const open = [...present.querySelectorAll("details")].map((one) => one.open && !one.matches(".dropdown"));
  for (const [index, one] of element.querySelectorAll("details").entries()) one.open ||= open[index] ?? false;
  swap(present, element);
  if (!focused) return;
  const path = new URL(address).pathname.split("/").slice(0, -1).join("/");
  const forms = element instanceof HTMLFormElement ? [element] : [...element.querySelectorAll("form")];
  const next = forms.find((one) => new URL(one.action).pathname.startsWith(path));
  const target = /** @type {HTMLElement | undefined} */ (next?.elements[place]);
  (target ?? /** @type {HTMLElement} */ (element)).focus({ preventScroll: true });
}

/**
 * Show a button as it will be, and return what takes that back. `data-other` is what it will say.
 * @param {HTMLButtonElement} button
 */
function toggle(button) {
  const { other } = button.dataset;
  if (other) {
    // Whom it is about stands behind the words, for those who hear it.
    const words = /** @type {Text} */ (button.firstChild);
    const before = words.data;
    words.data = other;
    button.classList.toggle("secondary");
    return () => {
      words.data = before;
      button.classList.toggle("secondary");
    };
  }
  const count = /** @type {HTMLElement | null} */ (button.querySelector("span:not(.visually-hidden)"));
  const before = count?.textContent ?? "";
  const on = button.classList.toggle("on");
  // Nothing stands for none.
  if (count && /^\d*$/.test(before)) count.textContent = String(Math.max(0, Number(before) + (on ? 1 : -1)) || "");
  return () => {
    button.classList.toggle("on", !on);
    if (count) count.textContent = before;
  };
}
