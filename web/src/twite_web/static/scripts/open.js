/** Opens the post that is clicked on, beside its links and buttons. */

const OWN = "a, button, summary, label, input, select, textarea, video, audio, form, .alt-text";

/** @param {HTMLElement} feed */
export function connect(feed) {
  feed.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    const post = target.closest(".quoted, .post");
    if (event.defaultPrevented || !post || post.closest(".focus > .post") === post || target.closest(OWN)) return;
    if (!getSelection()?.isCollapsed) return;
    const link = /** @type {HTMLAnchorElement | null} */ (post.querySelector("a[data-open]"));
    if (event.ctrlKey || event.metaKey) open(link?.href);
    else link?.click();
  });
}
