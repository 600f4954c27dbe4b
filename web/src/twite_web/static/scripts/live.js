/**
 * Listens to what happens and shows it: the number of unread notifications, and how many new posts a list has
 * (`data-live` says what it listens to beside the home timeline). They are put in when somebody wants them, so that
 * nothing moves while it is read.
 *
 * A page that isn't seen doesn't listen: browsers have six connections to a site for all tabs together. Whoever comes
 * back to it finds what happened meanwhile.
 */
import { fetchPart, inserted, text } from "./dom.js";
import { entriesOf, fresh, keepingPlace, newsButton } from "./feed.js";

const WAIT_MS = 1500;
/** Pages of new posts that are put in at once; after more than that, one asks again. */
const PAGES = 5;
/** The event of the document that says what happened, for other modules: its `kind`, and the id `of` what. */
export const HAPPENED = "twite:happened";
/** The kind of what happened where that isn't known, because the page didn't listen for a while. */
export const RETURNED = "returned";
const PASSED_ON = ["update", "notification", "notifications_merged", "conversation"];

/** @param {HTMLElement} body */
export function connect(body) {
  const feed = /** @type {HTMLElement | null} */ (document.querySelector("[data-live]"));
  /** @type {EventSource | null} */
  let source = null;
  let missed = document.hidden;
  const stop = () => {
    missed ||= Boolean(source);
    source?.close();
    source = null;
  };
  const start = () => {
    if (source || document.hidden) return;
    source = listen(body, feed);
    source.addEventListener("error", () => {
      missed = true;
    });
    source.addEventListener("open", () => {
      if (missed) catchUp(feed);
      missed = false;
    });
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : start()));
  addEventListener("pagehide", stop);
  addEventListener("pageshow", start);
  document.addEventListener("published", () => {
    if (!feed) return;
    document.querySelector(".feed-news")?.remove();
    insert(feed);
  });
  start();
}

/**
 * @param {HTMLElement} body
 * @param {HTMLElement | null} feed
 */
function listen(body, feed) {
  const shown = feed?.dataset.live ?? "";
  const source = new EventSource(`/live${shown && `?${shown}`}`);
  source.addEventListener("unread", ({ data }) => show(body, Number(data)));
  source.addEventListener("notification", ({ data, lastEventId }) => {
    // The newest of those that were counted names itself in `unread`.
    if (BigInt(data) > BigInt(lastEventId || 0)) count(body);
  });
  source.addEventListener(shown ? "shown.update" : "update", (event) => feed && announce(feed, event.data));
  for (const prefix of ["", "shown."]) {
    source.addEventListener(`${prefix}delete`, (event) => remove(event.data));
    source.addEventListener(`${prefix}status.update`, (event) => refresh(event.data));
  }
  for (const kind of PASSED_ON) {
    source.addEventListener(kind, ({ data }) => tell(kind, data));
  }
  return source;
}

/**
 * Tell other modules what happened.
 * @param {string} kind
 * @param {string} of
 */
function tell(kind, of) {
  document.dispatchEvent(new CustomEvent(HAPPENED, { detail: { kind, of } }));
}

/**
 * Find out what happened while the page didn't listen; further down a list nothing is said of what is new at its top.
 * @param {HTMLElement | null} feed
 */
async function catchUp(feed) {
  tell(RETURNED, "");
  if (!feed || document.querySelector("a[data-newer]")) return;
  const part = await fetchPart(newerThan(first(feed), feed)).catch(() => null);
  for (const post of part?.response.ok ? fresh(part) : []) {
    const id = post.getAttribute("data-entry") ?? entriesOf(post)[0]?.dataset.entry;
    if (id) announce(feed, id);
  }
}

/** @param {HTMLElement} body */
function count(body) {
  for (const badge of body.querySelectorAll("[data-unread]")) {
    const number = Number.parseInt(badge.textContent ?? "0", 10) || 0;
    badge.textContent = String(number + 1);
  }
}

/**
 * Show how many notifications are unread.
 * @param {HTMLElement} body
 * @param {number} unread
 */
function show(body, unread) {
  for (const badge of body.querySelectorAll("[data-unread]")) {
    const number = Number.parseInt(badge.textContent ?? "0", 10) || 0;
    if (number !== unread) badge.textContent = unread ? String(unread) : "";
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
  const newest = first(feed);
  const part = await fetchPart(newerThan(newest, feed)).catch(() => null);
  const posts = part?.response.ok ? fresh(part) : [];
  if (!part || posts.length === 0) return false;
  for (const post of posts) post.classList.add("arrived");
  feed.querySelector(":scope > .empty")?.remove();
  keepingPlace(feed, () => feed.prepend(...posts.map((post) => document.adoptNode(post))));
  return Boolean(newest && part.content.querySelector("a[data-newer]"));
}

/**
 * Return the address of the posts of a list above one of them, or of the newest.
 * @param {HTMLElement | null} entry
 * @param {HTMLElement} feed
 */
function newerThan(entry, feed) {
  const address = new URL(feed.dataset.feed ?? "/", location.href);
  if (entry?.dataset.entry) address.searchParams.set("min_id", entry.dataset.entry);
  return address.href;
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
