/** Registers the service worker, and says when there is a newer one: it waits until somebody wants it. */
import { version } from "./version.js";

/** @param {HTMLElement} element with the sentences that are said */
export async function connect(element) {
  if (document.body.hasAttribute("data-kept")) say(element.dataset.kept ?? "");
  if (!("serviceWorker" in navigator)) return;
  const registration = await navigator.serviceWorker.register(`/sw.js?v=${version}`).catch(() => null);
  if (!registration) return;
  if (registration.waiting) offer(element, registration.waiting);
  registration.addEventListener("updatefound", () => {
    const worker = registration.installing;
    worker?.addEventListener("statechange", () => {
      if (worker.state === "installed" && navigator.serviceWorker.controller) offer(element, worker);
    });
  });
}

/**
 * @param {HTMLElement} element
 * @param {ServiceWorker} worker
 */
function offer(element, worker) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "small";
  button.textContent = element.dataset.reload ?? "";
  button.addEventListener("click", () => {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    worker.postMessage("take over");
  });
  say(element.dataset.update ?? "", button);
}

/**
 * Say something that stays until the page goes.
 * @param {string} sentence
 * @param {HTMLElement} [button]
 */
function say(sentence, button) {
  const place = document.querySelector("[data-toasts]");
  const note = document.createElement("p");
  note.className = "toast";
  note.append(sentence, ...(button ? [" ", button] : []));
  place?.append(note);
}
