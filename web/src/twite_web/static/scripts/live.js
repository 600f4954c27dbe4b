/**
 * Listens to what happens and shows it: the number of unread notifications, and how many new posts a list has
 * (`data-live` says what it listens to beside the home timeline). They are put in when somebody wants them, so that
 * nothing moves while it is read.
 *
 * A page that isn't seen doesn't listen: browsers have six connections to a site for all tabs together. Whoever comes
 * back to it finds what happened meanwhile.
 */
import { fetchPart, inserted, swap, text } from "./dom.js";
import { entriesOf, fresh, keepingPlace, newsButton } from "./feed.js";

const WAIT_MS = 1500;
/** After how long a page listens again where the site is away: twice as long each time, up to the second. */
const AGAIN_MS = 2000;
const AGAIN_AT_MOST_MS = 300_000;
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
  let wait = AGAIN_MS;
  const stop = () => {
    missed ||= Boolean(source);
    source?.close();
    source = null;
  };
  const start = () => {
    if (source || document.hidden) return;
    const now = listen(body, feed);
    source = now;
    now.addEventListener("error", () => {
      missed = true;
      // The browser goes on by itself where nobody answers, but not after an answer such as "502 Bad Gateway".
      if (now.readyState !== EventSource.CLOSED || now !== source) return;
      setTimeout(() => {
        if (now !== source) return;
        source = null;
        start();
      }, wait);
      wait = Math.min(2 * wait, AGAIN_AT_MOST_MS);
    });
    now.addEventListener("open", () => {
      if (missed) tell(RETURNED, "");
      missed = false;
      wait = AGAIN_MS;
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
  const source = new EventSource(`/live?newest=${feed?.dataset.newest ?? ""}&${shown}`);
  source.addEventListener("unread", ({ data }) => show(body, Number(data)));
  source.addEventListener("newer", () => feed && catchUp(feed));
  source.addEventListener("notification", ({ data, lastEventId }) => {
    const [id, post] = data.split(" ");
    // The newest of those that were counted names itself in `unread`.
    if (BigInt(id) > BigInt(lastEventId || 0)) count(body);
    if (post) recount(post);
  });
  source.addEventListener(shown ? "shown.update" : "update", (event) => feed && announce(feed, event.data));
  for (const prefix of ["", "shown."]) {
    source.addEventListener(`${prefix}delete`, (event) => remove(event.data));
    source.addEventListener(`${prefix}status.update`, (event) => refresh(event.data));
  }
  for (const kind of PASSED_ON) {
    source.addEventListener(kind, ({ data }) => tell(kind, data.split(" ")[0]));
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
 * Find out what was posted before the page listened.
 * @param {HTMLElement} feed
 */
async function catchUp(feed) {
  const part = await fetchNewer(feed);
  for (const post of part ? fresh(part) : []) {
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
    changed.querySelector(":scope > .actions")?.before(...post.querySelectorAll(":scope > :is(.post-facts, .figures)"));
    swap(post, changed);
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
