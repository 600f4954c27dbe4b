/**
 * Pictures, video and audio of a post: chosen, dropped, pasted or taken, uploaded at once, ordered by dragging or by
 * buttons, with the middle of a picture chosen by tapping.
 */
import { currentPart, rename } from "./composer.js";
import { PART_HEADER, toastError } from "./dom.js";

const LOOK_AGAIN_MS = 1500;
const STEP = 0.1;

/** Uploads on their way, by the form that they are for. @type {WeakMap<HTMLFormElement, Set<Promise<boolean>>>} */
const pending = new WeakMap();

/** Wait until everything is uploaded and prepared, and say whether it is. @param {HTMLFormElement} form */
export async function settled(form) {
  return (await Promise.all(pending.get(form) ?? [])).every(Boolean);
}

/** @param {HTMLFormElement} form */
export function connect(form) {
  pending.set(form, new Set());
  for (const item of form.querySelectorAll("[data-attachment]")) adopt(form, /** @type {HTMLElement} */ (item));
  form.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement} */ (event.target).closest("button");
    if (button?.hasAttribute("data-choose")) {
      /** @type {HTMLElement | null} */ (button.nextElementSibling)?.click();
    }
  });
  form.addEventListener("change", (event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    if (!input.hasAttribute("data-choice")) return;
    add(form, partOf(form, input), input.files);
    input.value = "";
  });
  form.addEventListener("paste", (event) => {
    if (!event.clipboardData?.files.length) return;
    event.preventDefault();
    add(form, partOf(form, event.target), event.clipboardData.files);
  });
  form.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    form.classList.add("dropping");
  });
  form.addEventListener("dragleave", () => form.classList.remove("dropping"));
  form.addEventListener("drop", (event) => {
    form.classList.remove("dropping");
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    add(form, partOf(form, event.target), event.dataTransfer.files);
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {EventTarget | null} target
 */
function partOf(form, target) {
  const part = /** @type {HTMLElement | null | undefined} */ (
    /** @type {Element | null} */ (target)?.closest("[data-part]")
  );
  return part ?? currentPart(form);
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement} part
 * @param {FileList | null} files
 */
function add(form, part, files) {
  const uploads = pending.get(form);
  for (const file of files ?? []) {
    const upload = send(form, part, file).finally(() => uploads?.delete(upload));
    uploads?.add(upload);
  }
}

/**
 * Upload a file, and say whether the post has it.
 * @param {HTMLFormElement} form
 * @param {HTMLElement} part
 * @param {File} file
 */
async function send(form, part, file) {
  const waiting = document.createElement("li");
  const label = document.createElement("label");
  const bar = document.createElement("progress");
  waiting.className = "attachment-upload";
  bar.max = 1;
  bar.value = 0;
  label.append((form.dataset.uploading ?? "").replace("{name}", file.name), bar);
  waiting.append(label);
  part.querySelector("[data-attachments]")?.append(waiting);
  try {
    const item = await upload(form, file, (share) => {
      bar.value = share;
    });
    waiting.replaceWith(item);
    adopt(form, item);
    change(form);
    await prepared(form, item);
    return true;
  } catch (error) {
    waiting.remove();
    toastError(error);
    return false;
  }
}

/**
 * Only this kind of request tells how much has been sent.
 * @param {HTMLFormElement} form
 * @param {File} file
 * @param {(share: number) => void} progress
 * @returns {Promise<HTMLElement>}
 */
function upload(form, file, progress) {
  const request = new XMLHttpRequest();
  const body = new FormData();
  body.append("form_token", /** @type {HTMLInputElement} */ (form.elements.namedItem("form_token")).value);
  body.append("file", file);
  return new Promise((resolve, reject) => {
    request.upload.addEventListener("progress", ({ loaded, total }) => progress(loaded / total));
    request.addEventListener("error", () => reject(new Error(document.body.dataset.offline)));
    request.addEventListener("load", () => {
      const item = attachmentIn(request.responseText);
      if (typeof item === "string") reject(new Error(item || request.statusText));
      else resolve(item);
    });
    request.open("POST", "/compose/media");
    request.setRequestHeader(PART_HEADER, "1");
    request.send(body);
  });
}

/**
 * Return the attachment in what the server sent, or what went wrong in its words.
 * @param {string} html
 */
function attachmentIn(html) {
  const content = new DOMParser().parseFromString(html, "text/html");
  const item = /** @type {HTMLElement | null} */ (content.querySelector("[data-attachment]"));
  return item ? document.adoptNode(item) : (content.querySelector("p")?.textContent?.trim() ?? "");
}

/**
 * Look again and again until the server has prepared a video or a sound.
 * @param {HTMLFormElement} form
 * @param {HTMLElement} item
 */
async function prepared(form, item) {
  while (item.dataset.state === "processing" && form.isConnected) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    const id = /** @type {HTMLInputElement} */ (item.querySelector("[data-field=id]")).value;
    const response = await fetch(`/compose/media/${id}`, { headers: { [PART_HEADER]: "1" } });
    const fresh = attachmentIn(await response.text());
    if (typeof fresh === "string") throw new Error(fresh);
    const picture = fresh.querySelector("[data-focal]");
    item.dataset.state = fresh.dataset.state;
    if (picture) item.querySelector("[data-focal]")?.replaceWith(picture);
  }
}

/** @param {HTMLFormElement} form */
function change(form) {
  rename(form);
  form.dispatchEvent(new Event("input"));
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement} item
 */
function adopt(form, item) {
  item.querySelector("[data-plain]")?.remove();
  for (const button of item.querySelectorAll("button")) {
    button.hidden = false;
    button.disabled = false;
  }
  item.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement} */ (event.target).closest("button");
    if (button?.hasAttribute("data-remove")) item.remove();
    else if (button?.dataset.move) move(item, Number(button.dataset.move), button);
    else return;
    change(form);
  });
  item.draggable = true;
  item.addEventListener("dragstart", (event) => {
    if (/** @type {Element} */ (event.target) !== item) return;
    item.classList.add("dragged");
  });
  item.addEventListener("dragend", () => {
    item.classList.remove("dragged");
    change(form);
  });
  item.addEventListener("dragover", (event) => {
    const dragged = form.querySelector(".dragged");
    if (!dragged || dragged === item || dragged.parentElement !== item.parentElement) return;
    event.preventDefault();
    const after = dragged.compareDocumentPosition(item) & Node.DOCUMENT_POSITION_FOLLOWING;
    item[after ? "after" : "before"](dragged);
  });
  connectFocus(form, item);
}

/**
 * @param {HTMLElement} item
 * @param {number} by
 * @param {HTMLElement} button
 */
function move(item, by, button) {
  if (by < 0) item.previousElementSibling?.before(item);
  else item.nextElementSibling?.after(item);
  button.focus();
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement} item
 */
function connectFocus(form, item) {
  const field = /** @type {HTMLInputElement} */ (item.querySelector("[data-field=focus]"));
  const choose = (/** @type {number} */ x, /** @type {number} */ y) => {
    const bounded = [x, y].map((value) => Math.round(Math.min(1, Math.max(-1, value)) * 100) / 100);
    field.value = bounded.join(",");
    show(item, field.value);
    change(form);
  };
  item.addEventListener("click", (event) => {
    const picture = /** @type {Element} */ (event.target).closest("[data-focal]")?.querySelector("img");
    if (!picture || !event.detail) return;
    const { left, top, width, height } = picture.getBoundingClientRect();
    choose(((event.clientX - left) / width) * 2 - 1, 1 - ((event.clientY - top) / height) * 2);
  });
  item.addEventListener("keydown", (event) => {
    if (!(/** @type {Element} */ (event.target).matches("[data-focal]"))) return;
    const by = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] }[event.key];
    if (!by) return;
    event.preventDefault();
    const [x = 0, y = 0] = field.value.split(",").map(Number);
    choose(x + (by[0] ?? 0), y + (by[1] ?? 0));
  });
  if (field.value) show(item, field.value);
}

/**
 * @param {HTMLElement} item
 * @param {string} focus
 */
function show(item, focus) {
  const picture = item.querySelector("[data-focal]");
  if (!picture?.querySelector("img")) return;
  const [x = 0, y = 0] = focus.split(",").map(Number);
  const mark = /** @type {HTMLElement} */ (picture.querySelector(".focal-mark") ?? document.createElement("span"));
  mark.className = "focal-mark";
  mark.style.left = `${(x + 1) * 50}%`;
  mark.style.top = `${(1 - y) * 50}%`;
  picture.append(mark);
}
