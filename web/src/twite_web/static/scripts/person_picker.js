/**
 * Finds people while somebody types their names (`data-picker`). Buttons with `data-picks` choose them or take them off;
 * the server renders who is found and chosen, as without script.
 */
import { fetchPart, inserted, send, swap, toastError, valuesOf } from "./dom.js";

const WAIT_MS = 200;

/** @param {HTMLElement} picker */
export function connect(picker) {
  const input = /** @type {HTMLInputElement} */ (picker.querySelector("input[type=search]"));
  const button = /** @type {HTMLButtonElement} */ (picker.querySelector("[data-search]"));
  let timer = 0;
  let asked = 0;
  const look = async () => {
    const number = ++asked;
    const part = await ask(button).catch(() => null);
    const found = number === asked && part?.response.ok ? part.take("[data-found]") : null;
    if (!found) return;
    picker.querySelector("[data-found]")?.replaceWith(found);
    inserted(picker);
  };
  button.hidden = true;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, WAIT_MS);
  });
  picker.addEventListener("keydown", (event) => move(event, picker, input));
  picker.addEventListener("click", (event) => {
    const pick = /** @type {HTMLButtonElement | null} */ (
      /** @type {Element} */ (event.target).closest("button[data-picks]")
    );
    if (!pick) return;
    event.preventDefault();
    asked++;
    clearTimeout(timer);
    choose(picker, pick);
  });
}

/** @param {HTMLButtonElement} button */
function ask(button) {
  const form = /** @type {HTMLFormElement} */ (button.form);
  const values = valuesOf(form, button);
  if (form.method === "get") return fetchPart(`${form.action}?${values}`);
  return fetchPart(button.formAction, { method: "POST", body: values });
}

/**
 * @param {HTMLElement} picker
 * @param {HTMLButtonElement} button
 */
async function choose(picker, button) {
  try {
    const part = await send(button.formAction, valuesOf(/** @type {HTMLFormElement} */ (button.form), button));
    const fresh = part.take("[data-picker]");
    if (!fresh) return;
    swap(picker, fresh);
    /** @type {HTMLElement | null} */ (fresh.querySelector("input[type=search]"))?.focus();
  } catch (error) {
    toastError(error);
  }
}

/**
 * Go from the box to those who are found, and among them, by arrows; Enter in the box takes the first.
 * @param {KeyboardEvent} event
 * @param {HTMLElement} picker
 * @param {HTMLInputElement} input
 */
function move(event, picker, input) {
  const buttons = [...picker.querySelectorAll("[data-found] button")];
  const places = /** @type {HTMLElement[]} */ ([input, ...buttons]);
  const at = places.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.isComposing || at < 0) return;
  if (step) places[(at + step + places.length) % places.length]?.focus();
  else if (event.key === "Enter" && at === 0 && input.value.trim())
    /** @type {HTMLElement | undefined} */ (buttons[0])?.click();
  else if (event.key !== "Enter" || at > 0) return;
  event.preventDefault();
}
