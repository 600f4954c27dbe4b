/** Goes back to where one came from on this site (`data-back`); a link elsewhere is for those who came from outside. */

/** @param {HTMLAnchorElement} link */
export function connect(link) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!document.referrer.startsWith(`${location.origin}/`) || history.length < 2) return;
    event.preventDefault();
    history.back();
  });
}
