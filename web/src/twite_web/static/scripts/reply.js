/**
 * The field for a reply below a post (`data-reply`): publishes without leaving the page, and shows the thread as it is
 * then. What is typed stays in the tab until it is published.
 */
import { fetchElement, fetchPart, send, swap, text, toast, toastError, valuesOf } from "./dom.js";

/** @param {HTMLFormElement} form */
export function connect(form) {
  const field = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("text"));
  const name = `reply:${location.pathname}`;
  field.value ||= sessionStorage.getItem(name) ?? "";
  field.addEventListener("input", () => sessionStorage.setItem(name, field.value));
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(publish(form));
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
    if (button?.name) openComposer(form, button, () => sessionStorage.removeItem(name));
    else submit(form, () => sessionStorage.removeItem(name));
  });
  document.addEventListener("published", () => form.isConnected && renew(form));
}

/** @param {HTMLFormElement} form */
function publish(form) {
  return /** @type {HTMLButtonElement} */ (form.querySelector("button:not([name])"));
}

/**
 * @param {HTMLFormElement} form
 * @param {() => void} forget
 */
async function submit(form, forget) {
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  try {
    const part = await send(form.action, valuesOf(form, publish(form)));
    const id = part.content.querySelector("[data-post]")?.getAttribute("data-post");
    forget();
    await renew(form);
    /** @type {HTMLElement | null} */ (document.querySelector(`[data-thread] [data-post="${id}"]`))?.focus();
    toast(part.content.querySelector(".notice")?.textContent ?? "");
  } catch (error) {
    toastError(error);
  }
  form.ariaBusy = null;
}

/**
 * Show everything that a reply can have, with what was typed.
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement} button
 * @param {() => void} forget
 */
async function openComposer(form, button, forget) {
  const body = valuesOf(form, button);
  const [part, { openDialog }] = await Promise.all([
    fetchPart(form.action, { method: "POST", body }).catch(() => null),
    import("./dialog.js"),
  ]);
  const composer = /** @type {HTMLFormElement | null} */ (part?.content.querySelector("form[data-composer]"));
  if (!part || !composer) return toast(text("offline"), { failed: true });
  // None of it is kept as a draft yet.
  if (body.get("text")) composer.dataset.dirty = "";
  const dialog = openDialog(part.takeAll(), "sheet");
  /** @type {HTMLElement | null} */ (dialog.querySelector("textarea"))?.focus();
  form.reset();
  forget();
}

/**
 * Show the thread as it is now.
 * @param {HTMLFormElement} form
 */
async function renew(form) {
  const thread = form.closest("[data-thread]");
  const fresh = await fetchElement(location.pathname, "[data-thread]");
  if (!thread || !fresh) return location.reload();
  swap(thread, fresh);
}
