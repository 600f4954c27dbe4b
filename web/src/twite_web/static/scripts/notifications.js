/** Says on the page of notifications (`data-notifications`) that there are new ones, and shows them when asked. */
import { fetchElement, swap } from "./dom.js";
import { newsButton } from "./feed.js";
import { HAPPENED, RETURNED } from "./live.js";

/** @param {HTMLElement} feed */
export function connect(feed) {
  document.addEventListener(HAPPENED, (event) => {
    const { kind } = /** @type {CustomEvent<{ kind: string }>} */ (event).detail;
    if (!feed.isConnected || feed.previousElementSibling?.matches(".feed-news")) return;
    if (kind === RETURNED) look(feed);
    else if (kind === "notification" || kind === "notifications_merged") announce(feed);
  });
}

/** @param {HTMLElement} feed */
function announce(feed) {
  newsButton(feed, () => show(feed)).textContent = feed.dataset.notifications ?? "";
}

/**
 * Say that there are new ones if there are.
 * @param {HTMLElement} feed
 */
async function look(feed) {
  const fresh = await fetchElement(feed.dataset.feed ?? "/notifications", "[data-notifications]");
  if (fresh && newest(fresh) !== newest(feed)) announce(feed);
}

/**
 * Return when the newest notification came.
 * @param {Element} feed
 */
function newest(feed) {
  return feed.querySelector(".notification time")?.getAttribute("datetime");
}

/**
 * Show those that came, and have the site know that they are seen. What was unread when the page came stays marked.
 * @param {HTMLElement} feed
 */
async function show(feed) {
  const address = new URL(feed.dataset.feed ?? "/notifications", location.href);
  address.searchParams.set("seen", "1");
  const fresh = await fetchElement(address.href, "[data-notifications]");
  if (!fresh) return;
  for (const { id } of feed.querySelectorAll(".notification.unread")) {
    fresh.querySelector(`#${CSS.escape(id)}`)?.classList.add("unread");
  }
  swap(feed, fresh);
  for (const badge of document.querySelectorAll("[data-unread]")) badge.textContent = "";
  scrollTo({ top: 0, behavior: "smooth" });
}
