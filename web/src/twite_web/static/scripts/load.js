/**
 * Fills an element (`data-load`, an address) with a part of another page when it comes into view: with all of its content,
 * or what a selector (`data-part`) names there. Where there is none of that, the box around the element goes away.
 */
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
  const { part: selector } = element.dataset;
  if (!selector) part.content.querySelector("h1")?.remove();
  const content = selector ? part.take(selector) : part.takeAll();
  if (!content) {
    parent.remove();
    return;
  }
  element.replaceWith(content);
  inserted(parent);
}
