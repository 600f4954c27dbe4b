/**
 * Listens to what happens and shows it: the number of unread notifications, and how many new posts a list has
 * (`data-live`). They are put in when somebody wants them, so that nothing moves while it is read.
 */
import { fetchPart, inserted, text } from "./dom.js";

const WAIT_MS = 1500;

/** @param {HTMLElement} body */
export function connect(body) {
  const source = new EventSource("/live");
  const feed = /** @type {HTMLElement | null} */ (document.querySelector("[data-live]"));
  source.addEventListener("notification", () => count(body));
  source.addEventListener("update", (event) => {
    if (feed && !feed.querySelector(`[data-entry="${CSS.escape(event.data)}"]`)) announce(feed, 1);
  });
  document.addEventListener("published", () => {
    if (!feed) return;
    const news = feed.previousElementSibling;
    if (news?.matches(".feed-news")) news.remove();
    insert(feed);
  });
  source.addEventListener("delete", (event) => remove(event.data));
  source.addEventListener("status.update", (event) => refresh(event.data));
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => {
    if (event.persisted) connect(body);
  });
}

/** @param {HTMLElement} body */
function count(body) {
  for (const badge of body.querySelectorAll("[data-unread]")) {
    const number = Number.parseInt(badge.textContent ?? "0", 10) || 0;
    badge.textContent = String(number + 1);
  }
}

/**
 * @param {HTMLElement} feed
 * @param {number} more
 */
function announce(feed, more) {
  const number = Number(feed.dataset.waiting ?? 0) + more;
  feed.dataset.waiting = String(number);
  const place = feed.previousElementSibling;
  const button = place?.matches(".feed-news") ? place.querySelector("button") : null;
  const present = button ?? create(feed);
  present.textContent = text("newPosts").replace("{count}", String(number));
}

/** @param {HTMLElement} feed */
function create(feed) {
  const place = document.createElement("div");
  place.className = "feed-news";
  place.setAttribute("role", "status");
  const button = document.createElement("button");
  button.type = "button";
  button.addEventListener("click", () => {
    place.remove();
    insert(feed);
  });
  place.append(button);
  feed.before(place);
  return button;
}

/** @param {HTMLElement} feed */
async function insert(feed) {
  feed.dataset.waiting = "0";
  const first = /** @type {HTMLElement | null} */ (feed.querySelector("[data-entry]"));
  const address = new URL(feed.dataset.feed ?? "/", location.href);
  if (first?.dataset.entry) address.searchParams.set("min_id", first.dataset.entry);
  const part = await fetchPart(address.href).catch(() => null);
  const posts = [...(part?.content.querySelector("[data-feed]")?.querySelectorAll(":scope > .post") ?? [])];
  for (const post of posts) {
    post.classList.add("arrived");
    if (post.id) document.getElementById(post.id)?.remove();
  }
  feed.querySelector(":scope > .empty")?.remove();
  feed.prepend(...posts.map((post) => document.adoptNode(post)));
  inserted(feed);
  scrollTo({ top: 0, behavior: "smooth" });
}

/** @param {string} id */
function remove(id) {
  for (const post of document.querySelectorAll(`[data-post="${CSS.escape(id)}"]`)) post.remove();
}

/** @param {string} id */
function refresh(id) {
  for (const post of document.querySelectorAll(`[data-post="${CSS.escape(id)}"]`)) {
    setTimeout(async () => {
      const part = await fetchPart(`/posts/${id}?back=${encodeURIComponent(location.pathname)}`).catch(() => null);
      const fresh = part?.response.ok ? part.take(".post") : null;
      if (!fresh || !post.parentElement) return;
      post.replaceWith(fresh);
      inserted(/** @type {ParentNode} */ (fresh.parentNode));
    }, Math.random() * WAIT_MS);
  }
}
