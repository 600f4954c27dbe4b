/** What all behaviours share: asking for parts of pages, putting them in, and telling people. */

/** Asks handlers for the content of a page without its frame. */
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
  const response = await fetch(address, { ...options, headers: { ...options.headers, [PART_HEADER]: "1" } });
  const path = new URL(response.url).pathname;
  if (response.redirected && path === "/login") {
    location.assign(response.url);
    throw new Error("Not logged in");
  }
  return new Part(response, new DOMParser().parseFromString(await response.text(), "text/html"));
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
