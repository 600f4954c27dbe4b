/** Keeps an inbox (`data-inbox`) and an open conversation (`data-conversation`) as they are now, and sends replies. */
import { fetchPart, inserted, send, toastError, valuesOf } from "./dom.js";
import { HAPPENED, RETURNED } from "./live.js";

/** @param {HTMLElement} element */
export function connect(element) {
  const id = element.dataset.conversation;
  document.addEventListener(HAPPENED, (event) => {
    const { kind, of } = /** @type {CustomEvent<{ kind: string, of: string }>} */ (event).detail;
    if (element.isConnected && (kind === "conversation" || kind === RETURNED)) update(element, of);
  });
  const form = id ? /** @type {HTMLFormElement | null} */ (document.querySelector("form.message-form")) : null;
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    reply(element, form);
  });
}

/**
 * Show what there is of a conversation; of any where `of` is empty.
 * @param {HTMLElement} element
 * @param {string} of
 */
function update(element, of) {
  const id = element.dataset.conversation;
  if (!id) of ? bringUp(element, of) : renew(element);
  else if (!of || of === id) refresh(element);
}

/**
 * Put a conversation to the top of the list.
 * @param {HTMLElement} inbox
 * @param {string} id
 */
async function bringUp(inbox, id) {
  const selector = `#conversation-${CSS.escape(id)}`;
  const part = await fetchPart("/messages").catch(() => null);
  const line = part?.response.ok ? part.take(selector) : null;
  if (!line) return;
  inbox.querySelector(selector)?.remove();
  inbox.querySelector(":scope > .empty")?.remove();
  inbox.prepend(line);
  inserted(inbox);
}

/** @param {HTMLElement} inbox */
async function renew(inbox) {
  const part = await fetchPart(location.href).catch(() => null);
  const fresh = part?.response.ok ? part.take("[data-inbox]") : null;
  if (!fresh) return;
  inbox.replaceChildren(...fresh.children);
  inserted(inbox);
}

/** @param {HTMLElement} thread */
async function refresh(thread) {
  const part = await fetchPart(`/messages/${thread.dataset.conversation}`).catch(() => null);
  if (part?.response.ok) add(thread, part);
}

/**
 * @param {HTMLElement} thread
 * @param {import("./dom.js").Part} part
 */
function add(thread, part) {
  const present = part.content.querySelectorAll("[data-conversation] > .message");
  const fresh = [...present].filter((message) => !document.getElementById(message.id));
  thread.append(...fresh.map((message) => document.adoptNode(message)));
  inserted(thread);
  thread.lastElementChild?.scrollIntoView({ block: "nearest" });
}

/**
 * @param {HTMLElement} thread
 * @param {HTMLFormElement} form
 */
async function reply(thread, form) {
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  const area = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("text"));
  const key = /** @type {HTMLInputElement} */ (form.elements.namedItem("key"));
  try {
    const part = await send(form.action, valuesOf(form));
    area.value = "";
    key.value = part.content.querySelector("form.message-form [name=key]")?.getAttribute("value") ?? "";
    add(thread, part);
  } catch (error) {
    toastError(error);
  } finally {
    form.ariaBusy = null;
    area.focus();
  }
}
