/**
 * Adds older posts to a list as its end comes into view, and newer ones above it where a page further down was opened.
 * The links to them stay for those who stop. Nothing that is being read moves.
 */
import { fetchPart, inserted, text, toast } from "./dom.js";

const AHEAD = "800px";
const NOTED_AFTER_MS = 100;
/** Where the pages of a list came from, by their first entry: what brings the reader back to it. */
const PAGE = "page";

/** @param {HTMLElement} feed */
export async function connect(feed) {
  if (location.search) feed.firstElementChild?.setAttribute(`data-${PAGE}`, location.href);
  await restore(feed);
  for (const selector of ["a[data-more]", "a[data-newer]"]) {
    const link = /** @type {HTMLAnchorElement | null} */ (document.querySelector(selector));
    if (link) watch(feed, link);
  }
  let timer = 0;
  const note = () => remember(feed);
  addEventListener("scroll", () => {
    clearTimeout(timer);
    timer = setTimeout(note, NOTED_AFTER_MS);
  });
  addEventListener("pagehide", note);
}

/**
 * Return the entries of a list.
 * @param {ParentNode} feed
 */
export function entriesOf(feed) {
  return /** @type {HTMLElement[]} */ ([...feed.querySelectorAll("[data-entry]")]);
}

/**
 * Change what stands above without moving what is read.
 * @param {HTMLElement} feed
 * @param {() => void} change
 */
export function keepingPlace(feed, change) {
  const read = entriesOf(feed).find((entry) => entry.getBoundingClientRect().bottom > 0);
  const before = read?.getBoundingClientRect().top ?? 0;
  change();
  if (read) scrollBy({ top: read.getBoundingClientRect().top - before, behavior: "instant" });
}

/**
 * Return those of a page's entries that a list doesn't have.
 * @param {import("./dom.js").Part} part
 */
export function fresh(part) {
  const children = [...(part.content.querySelector("[data-feed]")?.children ?? [])];
  return children.filter((child) => {
    const id = (child.matches("[data-entry]") ? child : child.querySelector("[data-entry]"))?.getAttribute(
      "data-entry",
    );
    return id && !document.querySelector(`[data-feed] [data-entry="${id}"]`);
  });
}

/**
 * Return a button above a list, which says that there is something new and puts it in.
 * @param {HTMLElement} feed
 * @param {() => void} show
 */
export function newsButton(feed, show) {
  const place = document.createElement("div");
  place.className = "feed-news";
  place.setAttribute("role", "status");
  const button = document.createElement("button");
  button.type = "button";
  button.addEventListener("click", () => {
    place.remove();
    show();
  });
  place.append(button);
  feed.before(place);
  return button;
}

/**
 * @param {HTMLElement} feed
 * @param {HTMLAnchorElement} link
 */
function watch(feed, link) {
  if (link.dataset.watched) return;
  link.dataset.watched = "true";
  const observer = new IntersectionObserver(
    async ([entry]) => {
      if (!entry?.isIntersecting || link.ariaBusy === "true") return;
      if (await load(feed, link)) observer.disconnect();
      else addEventListener("online", lookAgain, { once: true });
    },
    { rootMargin: AHEAD },
  );
  const lookAgain = () => {
    observer.unobserve(link);
    observer.observe(link);
  };
  observer.observe(link);
}

/**
 * Add the page that a link leads to, and say whether it came.
 * @param {HTMLElement} feed
 * @param {HTMLAnchorElement} link
 */
async function load(feed, link) {
  link.ariaBusy = "true";
  const part = await fetchPart(link.href).catch(() => null);
  link.ariaBusy = null;
  if (!part) toast(text("offline"), { failed: true });
  if (!part?.response.ok) return false;
  const newer = link.matches("[data-newer]");
  const posts = fresh(part).map((post) => document.adoptNode(post));
  posts[0]?.setAttribute(`data-${PAGE}`, link.href);
  const next = /** @type {HTMLAnchorElement | null} */ (part.take(newer ? "a[data-newer]" : "a[data-more]"));
  const more = next && next.href !== link.href ? next : null;
  keepingPlace(feed, () => {
    if (newer) feed.prepend(...posts);
    else feed.append(...posts);
    if (more) return link.replaceWith(more);
    (link.closest(".newer") ?? link).remove();
    if (newer) feed.dataset.newest = entriesOf(feed)[0]?.dataset.entry;
  });
  inserted(feed);
  if (more) watch(feed, more);
  return true;
}

/**
 * Note with the page in the browser's history which entry is read, and where on the screen it stands.
 * @param {HTMLElement} feed
 */
function remember(feed) {
  if (!feed.isConnected) return;
  const entries = entriesOf(feed);
  const at = entries.findIndex((entry) => entry.getBoundingClientRect().bottom > 0);
  const entry = entries[at];
  if (!entry) return;
  const first = entries.slice(0, at + 1).findLast((one) => pageOf(one));
  const page = first ? pageOf(first) : pageFrom(feed, entry);
  const place = { entry: entry.dataset.entry, top: entry.getBoundingClientRect().top, page };
  history.replaceState({ ...history.state, place: at > 0 || scrollY > 0 ? place : null }, "");
}

/**
 * Return the address of the page that begins with an entry, of a list that is paged by its posts.
 * @param {HTMLElement} feed
 * @param {HTMLElement} entry
 */
function pageFrom(feed, entry) {
  return "live" in feed.dataset ? `${feed.dataset.feed}?max_id=${BigInt(entry.dataset.entry ?? 0) + 1n}` : "";
}

/** @param {HTMLElement} entry */
function pageOf(entry) {
  return entry.closest(`[data-${PAGE}]`)?.getAttribute(`data-${PAGE}`);
}

/**
 * Show what was read when the page was left, or loaded anew.
 * @param {HTMLElement} feed
 */
async function restore(feed) {
  const place = history.state?.place;
  const [navigation] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
  if (!place || !navigation || !["back_forward", "reload"].includes(navigation.type)) return;
  const find = () => entriesOf(feed).find((entry) => entry.dataset.entry === place.entry);
  if (!find() && place.page) await open(feed, place.page);
  history.scrollRestoration = "manual";
  const entry = find();
  if (!entry) return;
  const away = () => entry.getBoundingClientRect().top - place.top;
  scrollBy({ top: away(), behavior: "instant" });
  const older = /** @type {HTMLAnchorElement | null} */ (document.querySelector("a[data-more]"));
  if (away() <= 1 || !older) return;
  // The window is taller than what is left of the page.
  await load(feed, older);
  scrollBy({ top: away(), behavior: "instant" });
}

/**
 * Show another page of a list.
 * @param {HTMLElement} feed
 * @param {string} address
 */
async function open(feed, address) {
  const part = await fetchPart(address).catch(() => null);
  const other = part?.response.ok ? /** @type {HTMLElement | null} */ (part.take("[data-feed]")) : null;
  if (!part || !other) return;
  feed.replaceChildren(...other.children);
  feed.firstElementChild?.setAttribute(`data-${PAGE}`, address);
  inserted(feed);
  const newer = part.take(".newer");
  if (newer) feed.before(newer);
  const older = part.take(".pages");
  if (older) document.querySelector(".pages")?.replaceWith(older);
}
