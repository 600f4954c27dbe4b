/** Adds older posts to a list as its end comes into view; the link to them stays for those who stop. */
import { fetchPart, inserted } from "./dom.js";

const AHEAD = "800px";

/** @param {HTMLElement} feed */
export function connect(feed) {
  const link = /** @type {HTMLAnchorElement | null} */ (document.querySelector("a[data-more]"));
  if (link) watch(feed, link);
}

/**
 * @param {HTMLElement} feed
 * @param {HTMLAnchorElement} link
 */
function watch(feed, link) {
  const observer = new IntersectionObserver(
    ([entry]) => {
      if (!entry?.isIntersecting) return;
      observer.disconnect();
      append(feed, link);
    },
    { rootMargin: AHEAD },
  );
  observer.observe(link);
}

/**
 * @param {HTMLElement} feed
 * @param {HTMLAnchorElement} link
 */
async function append(feed, link) {
  link.ariaBusy = "true";
  const part = await fetchPart(link.href).catch(() => null);
  link.ariaBusy = null;
  if (!part?.response.ok) return;
  const posts = [...(part.content.querySelector("[data-feed]")?.children ?? [])];
  const fresh = posts.filter((post) => !post.matches(".empty") && !(post.id && document.getElementById(post.id)));
  feed.append(...fresh.map((post) => document.adoptNode(post)));
  inserted(feed);
  const next = /** @type {HTMLAnchorElement | null} */ (part.take("a[data-more]"));
  if (next && fresh.length > 0) {
    link.replaceWith(next);
    watch(feed, next);
  } else {
    link.remove();
  }
}
