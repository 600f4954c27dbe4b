/**
 * Listens to what happens and shows it: the number of unread notifications, and how many new posts a list has
 * (`data-live` says what it listens to beside the home timeline). They are put in when somebody wants them, so that
 * nothing moves while it is read.
 */
import { fetchPart, inserted, text } from "./dom.js";
import { fresh, keepingPlace, newsButton } from "./feed.js";

const WAIT_MS = 1500;
/** Pages of new posts that are put in at once; after more than that, one asks again. */
const PAGES = 5;
/** The event of the document that says what happened, for other modules: its `kind`, and the id `of` what. */
export const HAPPENED = "twite:happened";
const PASSED_ON = ["update", "notification", "notifications_merged", "conversation"];

/** @param {HTMLElement} body */
export function connect(body) {
  const feed = /** @type {HTMLElement | null} */ (document.querySelector("[data-live]"));
  const shown = feed?.dataset.live ?? "";
  const source = new EventSource(`/live${shown && `?${shown}`}`);
  source.addEventListener("notification", () => count(body));
  source.addEventListener(shown ? "shown.update" : "update", (event) => feed && announce(feed, event.data));
  for (const prefix of ["", "shown."]) {
    source.addEventListener(`${prefix}delete`, (event) => remove(event.data));
    source.addEventListener(`${prefix}status.update`, (event) => refresh(event.data));
  }
  for (const kind of PASSED_ON) {
    source.addEventListener(kind, ({ data }) => {
      document.dispatchEvent(new CustomEvent(HAPPENED, { detail: { kind, of: data } }));
    });
  }
  document.addEventListener("published", () => {
    if (!feed) return;
    document.querySelector(".feed-news")?.remove();
    insert(feed);
  });
  addEventListener("pagehide", () => source.close(), { once: true });
  addEventListener("pageshow", (event) => event.persisted && connect(body), { once: true });
}

/** @param {HTMLElement} body */
function count(body) {
  for (const badge of body.querySelectorAll("[data-unread]")) {
    const number = Number.parseInt(badge.textContent ?? "0", 10) || 0;
    badge.textContent = String(number + 1);
  }
}

/** @type {Set<string>} */
const waiting = new Set();

/**
 * @param {HTMLElement} feed
 * @param {string} id
 */
function announce(feed, id) {
  if (feed.querySelector(`[data-entry="${CSS.escape(id)}"]`)) return;
  waiting.add(id);
  const button = document.querySelector(".feed-news button") ?? newsButton(feed, () => insert(feed));
  button.setAttribute("data-key", ".");
  button.textContent = text("newPosts").replace("{count}", String(waiting.size));
}

/** @param {HTMLElement} feed */
async function insert(feed) {
  waiting.clear();
  const read = first(feed);
  let pages = 0;
  while (pages < PAGES && (await insertPage(feed))) pages++;
  inserted(feed);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (read?.isConnected) scrollTo({ top: 0, behavior: calm ? "instant" : "smooth" });
  first(feed)?.focus({ preventScroll: true });
}

/** @param {HTMLElement} feed */
function first(feed) {
  return /** @type {HTMLElement | null} */ (feed.querySelector("[data-entry]"));
}

/**
 * Put in the page of posts above the newest one, and say whether there are more above that.
 * @param {HTMLElement} feed
 */
async function insertPage(feed) {
  const newest = first(feed)?.dataset.entry;
  const address = new URL(feed.dataset.feed ?? "/", location.href);
  if (newest) address.searchParams.set("min_id", newest);
  const part = await fetchPart(address.href).catch(() => null);
  const posts = part?.response.ok ? fresh(part) : [];
  if (!part || posts.length === 0) return false;
  for (const post of posts) post.classList.add("arrived");
  feed.querySelector(":scope > .empty")?.remove();
  keepingPlace(feed, () => feed.prepend(...posts.map((post) => document.adoptNode(post))));
  return Boolean(newest && part.content.querySelector("a[data-newer]"));
}

/** @param {string} id */
function remove(id) {
  waiting.delete(id);
  for (const post of document.querySelectorAll(`[data-post="${CSS.escape(id)}"], [data-entry="${CSS.escape(id)}"]`))
    post.remove();
}

/** @param {string} id */
function refresh(id) {
  for (const post of document.querySelectorAll(`[data-post="${CSS.escape(id)}"]`)) {
    setTimeout(async () => {
      const part = await fetchPart(`/posts/${id}?back=${encodeURIComponent(location.pathname)}`).catch(() => null);
      const changed = part?.response.ok ? part.take(".post") : null;
      if (!changed || !post.parentElement) return;
      changed.setAttribute("data-entry", post.getAttribute("data-entry") ?? id);
      changed.prepend(...post.querySelectorAll(":scope > .context"));
      post.replaceWith(changed);
      inserted(/** @type {ParentNode} */ (changed.parentNode));
    }, Math.random() * WAIT_MS);
  }
}
