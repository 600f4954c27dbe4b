/** Shows what a form would make of what is typed (`data-preview`, an address), a moment after the last key. */
import { fetchPart, swap, valuesOf } from "./dom.js";

const WAIT_MS = 400;
const PREVIEW = ".profile-preview";

/** @param {HTMLFormElement} form */
export function connect(form) {
  const button = /** @type {HTMLElement | null} */ (form.querySelector("button[formaction]"));
  if (button) button.hidden = true;
  let timer = 0;
  let number = 0;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const mine = ++number;
      const part = await fetchPart(form.dataset.preview ?? "", { method: "POST", body: valuesOf(form) }).catch(
        () => null,
      );
      const fresh = part?.response.ok ? part.take(PREVIEW) : null;
      const present = document.querySelector(PREVIEW);
      if (mine !== number || !fresh || !present) return;
      for (const hint of fresh.querySelectorAll(".hint")) hint.remove();
      swap(present, fresh);
    }, WAIT_MS);
  });
}
