/** Shows what is typed into a field for passwords while its button (`data-reveal`) is pressed in. */

/** @param {HTMLButtonElement} button */
export function connect(button) {
  const input = document.getElementById(button.getAttribute("aria-controls") ?? "");
  if (!(input instanceof HTMLInputElement)) return;
  const show = (/** @type {boolean} */ shown) => {
    input.type = shown ? "text" : "password";
    button.ariaPressed = String(shown);
  };
  button.hidden = false;
  button.addEventListener("click", () => show(input.type === "password"));
  // Browsers offer to keep what was typed into a field for passwords only.
  input.form?.addEventListener("submit", () => show(false));
}
