/** Fills an element (`data-load`, an address) with a part of another page when it comes into view. */
import { fetchPart, inserted } from "./dom.js";

/** @param {HTMLElement} element */
export function connect(element) {
  const observer = new IntersectionObserver(([entry]) => {
    if (!entry?.isIntersecting) return;
    observer.disconnect();
    fill(element);
  });
  observer.observe(element);
}

/** @param {HTMLElement} element */
async function fill(element) {
  const part = await fetchPart(element.dataset.load ?? "").catch(() => null);
  const parent = element.parentElement;
  if (!part?.response.ok || !parent) return;
  for (const heading of part.content.querySelectorAll("h1, title")) heading.remove();
  element.replaceWith(part.takeAll());
  inserted(parent);
}
