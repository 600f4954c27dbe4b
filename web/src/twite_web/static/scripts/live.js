/**
 * Listens to what happens and shows it: the number of unread notifications, and how many new posts a list has
 * (`data-live` says what it listens to beside the home timeline). They are put in when somebody wants them, so that
 * nothing moves while it is read.
 */
import { fetchPart, inserted, text } from "./dom.js";
import { entriesOf, fresh, keepingPlace, newsButton } from "./feed.js";

const WAIT_MS = 1500;
/** After how long a page listens again where the site is away: twice as long each time, up to the second. */
const AGAIN_MS = 2000;
const AGAIN_AT_MOST_MS = 300_000;
/** Pages of new posts that are put in at once; after more than that, one asks again. */
const PAGES = 5;
/** The event of the document that says what happened, for other modules: its `kind`, and the id `of` what. */
export const HAPPENED = "twite:happened";
const PASSED_ON = ["update", "notification", "notifications_merged", "conversation"];

/** @type {EventSource | undefined} */
let source;

/** @param {HTMLElement} body */
export function connect(body) {
  const feed = /** @type {HTMLElement | null} */ (document.querySelector("[data-live]"));
  document.addEventListener("published", () => {
    if (!feed) return;
    document.querySelector(".feed-news")?.remove();
    insert(feed);
  });
  listen(body, feed, false);
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => event.persisted && listen(body, feed, true));
}

/**
 * @param {HTMLElement} body
 * @param {HTMLElement | null} feed
 * @param {boolean} missed whether something may have happened that the page wasn't told of
 * @param {number} [wait] until it listens again, should the site be away
 */
function listen(body, feed, missed, wait = AGAIN_MS) {
  const shown = feed?.dataset.live ?? "";
  source?.close();
  const now = new EventSource(`/live${shown && `?${shown}`}`);
  source = now;
  now.addEventListener("open", () => {
    if (missed && feed) announceMissed(feed);
    missed = false;
    wait = AGAIN_MS;
  });
  now.addEventListener("error", () => {
    missed = true;
    // The browser goes on by itself where nobody answers, but not after an answer such as "502 Bad Gateway".
    if (now.readyState !== EventSource.CLOSED || now !== source) return;
    setTimeout(() => now === source && listen(body, feed, true, Math.min(2 * wait, AGAIN_AT_MOST_MS)), wait);
  });
  now.addEventListener("notification", ({ data }) => {
    count(body);
    recount(data);
  });
  now.addEventListener(shown ? "shown.update" : "update", (event) => feed && announce(feed, event.data));
  for (const prefix of ["", "shown."]) {
    now.addEventListener(`${prefix}delete`, (event) => remove(event.data));
    now.addEventListener(`${prefix}status.update`, (event) => refresh(event.data));
  }
  for (const kind of PASSED_ON) {
    now.addEventListener(kind, ({ data }) => {
      document.dispatchEvent(new CustomEvent(HAPPENED, { detail: { kind, of: data } }));
    });
  }
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
async function announceMissed(feed) {
  const part = await fetchNewer(feed);
  const posts = part?.content.querySelector("[data-feed]");
  for (const entry of posts ? entriesOf(posts) : []) announce(feed, entry.dataset.entry ?? "");
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
 * Return the page of posts above the newest one, where it came.
 * @param {HTMLElement} feed
 */
async function fetchNewer(feed) {
  const newest = first(feed)?.dataset.entry;
  const address = new URL(feed.dataset.feed ?? "/", location.href);
  if (newest) address.searchParams.set("min_id", newest);
  const part = await fetchPart(address.href).catch(() => null);
  return part?.response.ok ? part : null;
}

/**
 * Put in the page of posts above the newest one, and say whether there are more above that.
 * @param {HTMLElement} feed
 */
async function insertPage(feed) {
  const newest = first(feed);
  const part = await fetchNewer(feed);
  const posts = part ? fresh(part) : [];
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
  renew(id, (post, part) => {
    const changed = part.take(".post");
    if (!changed || !post.parentElement) return;
    changed.setAttribute("data-entry", post.getAttribute("data-entry") ?? id);
    changed.prepend(...post.querySelectorAll(":scope > .context"));
    post.replaceWith(changed);
    inserted(/** @type {ParentNode} */ (changed.parentNode));
  });
}

/** Posts whose figures are on their way. @type {Set<string>} */
const counting = new Set();

/**
 * Show the figures of a post as they are now, and leave what may be read or played.
 * @param {string} id
 */
function recount(id) {
  if (counting.has(id)) return;
  counting.add(id);
  renew(id, (post, part) => {
    const present = post.querySelector(":scope > form.actions");
    const changed = part.take("form.actions");
    if (!present || !changed || present.ariaBusy === "true") return;
    const key = present.contains(document.activeElement) ? document.activeElement?.getAttribute("data-key") : null;
    present.replaceWith(changed);
    inserted(post);
    if (key) /** @type {HTMLElement | null} */ (changed.querySelector(`[data-key="${key}"]`))?.focus();
  });
}

/**
 * Fetch a post that the page shows, a moment later: not everybody who sees it asks at once.
 * @param {string} id
 * @param {(post: Element, part: import("./dom.js").Part) => void} put what puts it in
 */
function renew(id, put) {
  setTimeout(async () => {
    counting.delete(id);
    for (const post of document.querySelectorAll(`[data-post="${CSS.escape(id)}"]`)) {
      const part = await fetchPart(`/posts/${id}?back=${encodeURIComponent(location.pathname)}`).catch(() => null);
      if (part?.response.ok) put(post, part);
    }
  }, Math.random() * WAIT_MS);
}
