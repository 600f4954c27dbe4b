/** Keeps an inbox (`data-inbox`) and an open conversation (`data-conversation`) as they are now. */
import { fetchElement, fetchPart, inserted } from "./dom.js";
import { HAPPENED, RETURNED } from "./live.js";

/** @param {HTMLElement} element */
export function connect(element) {
  document.addEventListener(HAPPENED, (event) => {
    const { kind, of } = /** @type {CustomEvent<{ kind: string, of: string }>} */ (event).detail;
    if (element.isConnected && (kind === "conversation" || kind === RETURNED)) update(element, of);
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
  const line = await fetchElement("/messages", selector);
  if (!line) return;
  inbox.querySelector(selector)?.remove();
  inbox.querySelector(":scope > .empty")?.remove();
  inbox.prepend(line);
  inserted(inbox);
}

/** @param {HTMLElement} inbox */
async function renew(inbox) {
  const fresh = await fetchElement(location.href, "[data-inbox]");
  if (!fresh) return;
  inbox.replaceChildren(...fresh.children);
  inserted(inbox);
}

/** @param {HTMLElement} thread */
async function refresh(thread) {
  if ("earlier" in thread.dataset) return;
  const part = await fetchPart(`/messages/${thread.dataset.conversation}`).catch(() => null);
  if (part?.response.ok) add(thread, part);
}

/**
 * Add messages that aren't there yet, each day's below its name.
 * @param {HTMLElement} thread
 * @param {import("./dom.js").Part} part
 */
export function add(thread, part) {
  const fresh = [...part.content.querySelectorAll("[data-conversation] > .message")];
  for (const message of fresh.filter(({ id }) => !document.getElementById(id))) {
    const { previousElementSibling: day } = message;
    if (day?.matches(".day")) thread.append(document.adoptNode(day));
    thread.append(document.adoptNode(message));
  }
  inserted(thread);
}
