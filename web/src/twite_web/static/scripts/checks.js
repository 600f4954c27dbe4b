/** Checks the fields of a form (`data-checks`, an address) once something was typed into them. */
import { fetchElement, valuesOf } from "./dom.js";

/** @param {HTMLFormElement} form */
export function connect(form) {
  form.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement && target.value && target.type !== "checkbox") check(form, target);
  });
}

/**
 * Say beside a field what the server thinks of it.
 * @param {HTMLFormElement} form
 * @param {HTMLInputElement} input
 */
async function check(form, input) {
  const body = valuesOf(form);
  body.append("field", input.name);
  const value = input.value;
  const said = await fetchElement(form.dataset.checks ?? "", `#${input.name}-check`, { method: "POST", body });
  if (!said || input.value !== value) return;
  document.getElementById(`${input.name}-problem`)?.remove();
  document.getElementById(said.id)?.remove();
  input.toggleAttribute("aria-invalid", said.classList.contains("failed"));
  input.setAttribute("aria-describedby", `${input.name}-hint ${said.id}`);
  (input.closest(".password") ?? input).after(said);
}
