/** Keeps an inbox (`data-inbox`) and an open conversation (`data-conversation`) as they are now. */
import { fetchPart, inserted } from "./dom.js";
import { HAPPENED, RETURNED } from "./live.js";

/** @param {HTMLElement} element */
export function connect(element) {
  const id = element.dataset.conversation;
  document.addEventListener(HAPPENED, (event) => {
    const { kind, of } = /** @type {CustomEvent<{ kind: string, of: string }>} */ (event).detail;
    if (element.isConnected && (kind === "conversation" || kind === RETURNED)) update(element, of);
  });
  if (id) localize(element);
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
  localize(thread);
  inserted(thread);
}

/**
 * Write times and days as the clock here has them, which the server only knows from the settings.
 * @param {HTMLElement} thread
 */
function localize(thread) {
  const language = document.documentElement.lang;
  const full = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  const long = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
  let before = "";
  for (const message of thread.querySelectorAll(":scope > .message")) {
    const time = /** @type {HTMLTimeElement} */ (message.querySelector("time[data-clock]"));
    const at = new Date(time.dateTime);
    const clock = two(at.getHours(), at.getMinutes(), ":");
    if (time.textContent !== clock) {
      time.textContent = clock;
      for (const element of message.querySelectorAll(".bubble, .message-time > a")) {
        /** @type {HTMLElement} */ (element).title = full.format(at);
      }
    }
    const day = `${at.getFullYear()}-${two(at.getMonth() + 1, at.getDate(), "-")}`;
    const present = message.previousElementSibling?.matches(".day") ? message.previousElementSibling : null;
    if (day === before) present?.remove();
    else if (present?.querySelector("time")?.dateTime !== day) head(message, present, day, long.format(at));
    before = day;
  }
}

/**
 * Return two numbers of two digits each.
 * @param {number} first
 * @param {number} second
 * @param {string} between
 */
function two(first, second, between) {
  return [first, second].map((number) => String(number).padStart(2, "0")).join(between);
}

/**
 * Put the name of a day before its first message.
 * @param {Element} message
 * @param {Element | null} present
 * @param {string} day
 * @param {string} name
 */
function head(message, present, day, name) {
  const heading = document.createElement("h2");
  const time = document.createElement("time");
  heading.className = "day";
  time.dateTime = day;
  time.textContent = name;
  heading.append(time);
  if (present) present.replaceWith(heading);
  else message.before(heading);
}
