/** What all behaviours share: asking for parts of pages, putting them in, and telling people. */

/** Asks handlers for the content of a page without its frame, and says whose page it is for. */
export const PART_HEADER = "Twite-Part";

/** @type {((root: ParentNode) => void)[]} */
const listeners = [];

/**
 * Have a function called with whatever is put into the page.
 * @param {(root: ParentNode) => void} listener
 */
export function onInsert(listener) {
  listeners.push(listener);
}

/**
 * Say that something was put into the page, so that its elements get their behaviours.
 * @param {ParentNode} root
 */
export function inserted(root) {
  for (const listener of listeners) listener(root);
}

/**
 * Replace something by what is new.
 * @param {Element} old
 * @param {Element} fresh
 */
export function swap(old, fresh) {
  old.replaceWith(fresh);
  inserted(/** @type {ParentNode} */ (fresh.parentNode));
}

/** A part of a page as it came from the server. */
export class Part {
  /**
   * @param {Response} response
   * @param {Document} content
   */
  constructor(response, content) {
    this.response = response;
    this.content = content;
  }

  get title() {
    return this.content.title;
  }

  /** What went wrong, in the server's words; empty where nothing did. */
  get problem() {
    const element = this.content.querySelector("[data-problem], .problem, .code-number ~ p");
    return this.response.ok && !element ? "" : (element?.textContent?.trim() ?? this.response.statusText);
  }

  /**
   * Return the element that answers to a selector, belonging to this document from now on.
   * @param {string} selector
   */
  take(selector) {
    const element = this.content.querySelector(selector);
    return element ? document.adoptNode(element) : null;
  }

  /** Return everything, belonging to this document from now on. */
  takeAll() {
    const fragment = document.createDocumentFragment();
    fragment.append(...[...this.content.body.childNodes].map((node) => document.adoptNode(node)));
    return fragment;
  }
}

/**
 * Fetch a part of a page. Somebody who is no longer logged in is sent to log in.
 * @param {string} address
 * @param {RequestInit} [options]
 */
export async function fetchPart(address, options = {}) {
  const headers = { ...options.headers, [PART_HEADER]: text("member") || "1" };
  const response = await fetch(address, { ...options, headers });
  const path = new URL(response.url).pathname;
  if (response.redirected && path === "/login") {
    location.assign(response.url);
    throw new Error("Not logged in");
  }
  return new Part(response, await contentOf(response));
}

/**
 * Fetch an element of a page; null where there is none, or nobody answers.
 * @param {string} address
 * @param {string} selector
 * @param {RequestInit} [options]
 */
export async function fetchElement(address, selector, options) {
  const part = await fetchPart(address, options).catch(() => null);
  return part?.response.ok ? part.take(selector) : null;
}

/**
 * Return the page, or the part of one, that the server answered with.
 * @param {Response} response
 */
export async function contentOf(response) {
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

/**
 * Return what is typed and chosen in a form, but for files.
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} [button] that was pressed
 */
export function valuesOf(form, button) {
  const values = new URLSearchParams();
  for (const [name, value] of new FormData(form, button)) {
    if (typeof value === "string") values.append(name, value);
  }
  return values;
}

/**
 * Send what is typed, and return what the server says to it; an error says what was wrong.
 * @param {string} address
 * @param {URLSearchParams | FormData} values
 */
export async function send(address, values) {
  const part = await fetchPart(address, { method: "POST", body: values });
  if (part.problem) throw new Error(part.problem);
  return part;
}

/**
 * Tell people why something couldn't be sent.
 * @param {unknown} error
 */
export function toastError(error) {
  // Where nobody answered it is a TypeError, in the browser's words.
  toast(error instanceof TypeError ? text("offline") : /** @type {Error} */ (error).message, { failed: true });
}

/**
 * Do something once, when an element comes into view.
 * @param {Element} element
 * @param {() => void} action
 * @param {IntersectionObserverInit} [options]
 */
export function whenInView(element, action, options) {
  const observer = new IntersectionObserver(([entry]) => {
    if (!entry?.isIntersecting) return;
    observer.disconnect();
    action();
  }, options);
  observer.observe(element);
}

/**
 * Tell people something, without taking them from what they do.
 * @param {string} sentence
 * @param {{ failed?: boolean, link?: string, label?: string }} [options]
 */
export function toast(sentence, { failed = false, link = "", label = "" } = {}) {
  const place = document.querySelector("[data-toasts]");
  if (!place) return;
  const element = document.createElement("p");
  element.className = failed ? "toast failed" : "toast";
  element.textContent = sentence;
  if (link) {
    const anchor = document.createElement("a");
    anchor.href = link;
    anchor.textContent = label;
    element.append(" ", anchor);
  }
  place.append(element);
  setTimeout(() => element.remove(), failed ? 9000 : 5000);
}

/**
 * Return a sentence that the page brings in the reader's language.
 * @param {string} name
 */
export function text(name) {
  return document.body.dataset[name] ?? "";
}
