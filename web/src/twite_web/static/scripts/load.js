/** Fills an element (`data-load`, an address) with a part of another page when it comes into view. */
import { fetchPart, inserted, whenInView } from "./dom.js";

/** @param {HTMLElement} element */
export function connect(element) {
  whenInView(element, () => fill(element));
}

/** @param {HTMLElement} element */
async function fill(element) {
  const part = await fetchPart(element.dataset.load ?? "").catch(() => null);
  const parent = element.parentElement;
  if (!part?.response.ok || !parent) return;
  part.content.querySelector("h1")?.remove();
  element.replaceWith(part.takeAll());
  inserted(parent);
}
