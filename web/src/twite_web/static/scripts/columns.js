/**
 * Fills a pinned column (`data-column`, the page that it shows) when it comes into view, and again when something
 * happens while its top is in view. Columns are in wide windows only; elsewhere nothing is fetched.
 */
import { fetchPart, inserted, whenInView } from "./dom.js";
import { HAPPENED, RETURNED } from "./live.js";

const WAIT_MS = 2000;
/** Hashtags aren't heard of by `live.js`. */
const EVERY_MS = 60_000;
let numbers = 0;

/** @param {HTMLElement} column */
export function connect(column) {
  const prefix = `column-${++numbers}-`;
  whenInView(column, () => {
    fill(column, prefix);
    keepFresh(column, prefix);
  });
}

/**
 * @param {HTMLElement} column
 * @param {string} prefix
 */
function keepFresh(column, prefix) {
  let timer = 0;
  const refresh = () => {
    clearTimeout(timer);
    timer = setTimeout(() => isRead(column) || fill(column, prefix), WAIT_MS);
  };
  const awaited = column.dataset.column === "/notifications" ? "notification" : "update";
  document.addEventListener(HAPPENED, (event) => {
    const { kind } = /** @type {CustomEvent<{ kind: string }>} */ (event).detail;
    if (kind === awaited || kind === RETURNED) refresh();
  });
  setInterval(() => document.visibilityState === "visible" && refresh(), EVERY_MS);
}

/**
 * Say whether somebody is reading a column, or does something in it: then nothing in it may move.
 * @param {HTMLElement} column
 */
function isRead(column) {
  return column.scrollTop > 0 || column.contains(document.activeElement) || column.querySelector(":popover-open");
}

/**
 * @param {HTMLElement} column
 * @param {string} prefix
 */
async function fill(column, prefix) {
  column.ariaBusy = "true";
  const part = await fetchPart(column.dataset.column ?? "").catch(() => null);
  column.ariaBusy = null;
  const feed = part?.response.ok ? /** @type {HTMLElement | null} */ (part.take("[data-feed]")) : null;
  const more = /** @type {HTMLAnchorElement | null} */ (part?.take("a[data-more]") ?? null);
  if (!feed) return;
  alone(feed, prefix);
  column.querySelector(".feed")?.remove();
  column.append(feed);
  inserted(column);
  if (more) goOn(column, feed, prefix, more.href);
}

/**
 * Keep a list apart from that of the page, which may have the same posts.
 * @param {HTMLElement} feed
 * @param {string} prefix
 */
function alone(feed, prefix) {
  for (const name of ["feed", "live", "marker"]) delete feed.dataset[name];
  for (const element of feed.querySelectorAll("[id]")) element.id = prefix + element.id;
  for (const label of feed.querySelectorAll("label[for]"))
    label.setAttribute("for", prefix + label.getAttribute("for"));
}

/**
 * Add older posts as the end comes into view.
 * @param {HTMLElement} column
 * @param {HTMLElement} feed
 * @param {string} prefix
 * @param {string} address
 */
function goOn(column, feed, prefix, address) {
  const last = feed.lastElementChild;
  if (!last) return;
  whenInView(
    last,
    async () => {
      const part = await fetchPart(address).catch(() => null);
      const older = part?.response.ok ? /** @type {HTMLElement | null} */ (part.take("[data-feed]")) : null;
      const more = /** @type {HTMLAnchorElement | null} */ (part?.take("a[data-more]") ?? null);
      if (!older || !feed.isConnected) return;
      alone(older, prefix);
      feed.append(...older.querySelectorAll(":scope > :not(.empty)"));
      inserted(feed);
      if (more && more.href !== address) goOn(column, feed, prefix, more.href);
    },
    { root: column },
  );
}
