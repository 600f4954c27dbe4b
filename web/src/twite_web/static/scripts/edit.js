/** The form that changes a post (`data-edit`): adds, orders and removes what is attached, as the form for posts does. */
import { connect as connectMedia, settled } from "./composer_media.js";

/** @param {HTMLFormElement} form */
export function connect(form) {
  for (const element of form.querySelectorAll("[data-files], [data-step]")) element.remove();
  /** @type {HTMLElement} */ (form.querySelector("[data-tools]")).hidden = false;
  connectMedia(form);
  let ready = false;
  form.addEventListener("submit", async (event) => {
    if (ready) return;
    event.preventDefault();
    ready = await settled(form);
    // Not before this event is over: until then the form is being submitted, and can't be again.
    if (ready) setTimeout(() => form.requestSubmit());
  });
}
