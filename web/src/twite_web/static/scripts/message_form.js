/** The line below a conversation: grows with what is typed, sends it without leaving, and shows the chosen picture. */
import { send, toastError } from "./dom.js";
import { add } from "./messages.js";

/** @param {HTMLFormElement} form */
export function connect(form) {
  const area = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("text"));
  if (!CSS.supports("field-sizing", "content")) area.addEventListener("input", () => grow(area));
  if (matchMedia("(hover: hover)").matches) {
    area.enterKeyHint = "send";
    area.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(form, area);
  });
  const file = /** @type {HTMLInputElement | null} */ (form.querySelector("input[type=file]"));
  if (file) connectFile(file);
}

/** @param {HTMLTextAreaElement} area */
function grow(area) {
  area.style.blockSize = "auto";
  area.style.blockSize = `${area.scrollHeight}px`;
}

/**
 * Have the button choose a file at once, and show which one was chosen.
 * @param {HTMLInputElement} file
 */
function connectFile(file) {
  const details = /** @type {HTMLDetailsElement} */ (file.closest("details"));
  details.querySelector("summary")?.addEventListener("click", (event) => {
    if (details.open || file.value) return;
    event.preventDefault();
    file.click();
  });
  file.addEventListener("change", () => {
    details.open = Boolean(file.value);
    details.querySelector("img")?.remove();
    const [chosen] = file.files ?? [];
    if (!chosen?.type.startsWith("image/")) return;
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      const image = new Image();
      image.src = String(reader.result);
      image.alt = chosen.name;
      file.after(image);
    });
    reader.readAsDataURL(chosen);
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLTextAreaElement} area
 */
async function submit(form, area) {
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  const thread = /** @type {HTMLElement} */ (form.closest("[data-chat]")?.querySelector("[data-conversation]"));
  const key = /** @type {HTMLInputElement} */ (form.elements.namedItem("key"));
  try {
    const part = await send(form.action, new FormData(form));
    form.reset();
    area.value = "";
    area.style.blockSize = "";
    key.value = part.content.querySelector("form.message-form [name=key]")?.getAttribute("value") ?? "";
    for (const element of form.querySelectorAll(".problem, .attachments, details img")) element.remove();
    for (const details of form.querySelectorAll("details")) details.open = false;
    add(thread, part);
    thread.lastElementChild?.scrollIntoView({ block: "nearest" });
  } catch (error) {
    toastError(error);
  } finally {
    form.ariaBusy = null;
    area.focus();
  }
}
