/** Hides at once what doesn't have the words that are typed, in the groups that `data-filters` selects. */

/** @param {HTMLInputElement} input */
export function connect(input) {
  const filter = () => apply(input.value, input.dataset.filters ?? "");
  input.addEventListener("input", filter);
  // Words may have been typed before this was loaded.
  if (input.value !== input.defaultValue) filter();
}

/**
 * @param {string} query
 * @param {string} selector
 */
function apply(query, selector) {
  const words = query.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const group of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(selector))) {
    const items = /** @type {HTMLElement[]} */ ([...group.querySelectorAll("li")]);
    for (const item of items) {
      const text = `${group.dataset.words} ${item.textContent} ${item.dataset.words}`.toLocaleLowerCase();
      item.hidden = !words.every((word) => text.includes(word));
      shown += item.hidden ? 0 : 1;
    }
    group.hidden = items.every((item) => item.hidden);
  }
  const nothing = /** @type {HTMLElement | null} */ (document.querySelector("[data-nothing]"));
  if (nothing) nothing.hidden = shown > 0;
}
