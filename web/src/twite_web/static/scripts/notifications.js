/** Says on the page of notifications (`data-notifications`) that there are new ones, and shows them when asked. */
import { fetchPart, inserted } from "./dom.js";
import { newsButton } from "./feed.js";
import { HAPPENED } from "./live.js";

/** @param {HTMLElement} feed */
export function connect(feed) {
  document.addEventListener(HAPPENED, (event) => {
    const { kind } = /** @type {CustomEvent<{ kind: string }>} */ (event).detail;
    if (!feed.isConnected || (kind !== "notification" && kind !== "notifications_merged")) return;
    if (feed.previousElementSibling?.matches(".feed-news")) return;
    newsButton(feed, () => show(feed)).textContent = feed.dataset.notifications ?? "";
  });
}

/** @param {HTMLElement} feed */
async function show(feed) {
  const part = await fetchPart(feed.dataset.feed ?? "/notifications").catch(() => null);
  const fresh = part?.response.ok ? part.take("[data-notifications]") : null;
  if (!fresh) return;
  feed.replaceWith(fresh);
  inserted(/** @type {ParentNode} */ (fresh.parentNode));
  for (const badge of document.querySelectorAll("[data-unread]")) badge.textContent = "";
  scrollTo({ top: 0, behavior: "smooth" });
}
