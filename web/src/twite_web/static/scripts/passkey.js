/** Sends a form with a passkey from the browser (`data-passkey`, its options), which may offer some from the start. */
import { toast } from "./dom.js";

let waiting = new AbortController();

/** @param {HTMLButtonElement} button */
export function connect(button) {
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) return;
  document.querySelector("[data-passkey-missing]")?.remove();
  button.hidden = false;
  button.addEventListener("click", () => ask(button));
  if ("offers" in button.dataset) ask(button, "conditional");
}

/**
 * @param {HTMLButtonElement} button
 * @param {CredentialMediationRequirement} [mediation]
 */
async function ask(button, mediation) {
  waiting.abort();
  waiting = new AbortController();
  const { signal } = waiting;
  const { credentials } = navigator;
  const options = JSON.parse(button.dataset.passkey ?? "");
  try {
    const passkey = await (options.user
      ? credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options), mediation, signal }));
    const form = /** @type {HTMLFormElement} */ (button.form);
    /** @type {HTMLInputElement} */ (button.nextElementSibling).value = JSON.stringify(passkey);
    form.noValidate = true;
    form.requestSubmit(form.querySelector("[type=submit]"));
  } catch {
    if (!mediation) toast(button.dataset.failed ?? "", { failed: true });
  }
}
