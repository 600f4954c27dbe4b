/** Shows the whole of a long post (`data-unfold`); without script it isn't folded. */

/** @param {HTMLElement} button */
export function connect(button) {
  button.addEventListener("click", () => {
    const content = /** @type {HTMLElement | null} */ (button.previousElementSibling);
    content?.classList.remove("long");
    button.remove();
    content?.closest("article")?.focus({ preventScroll: true });
  });
}
