/** Tells the site how far a list was read (`data-marker`, an address), so that other devices go on from there. */
import { entriesOf } from "./feed.js";

const AFTER_MS = 3000;

/** @param {HTMLElement} feed */
export function connect(feed) {
  let told = "";
  let timer = 0;
  const tell = () => {
    const id = newest(feed);
    const token = document.querySelector("input[name=form_token]")?.getAttribute("value");
    if (!id || id === told || !token) return;
    told = id;
    const body = new URLSearchParams({ last_read_id: id, form_token: token });
    fetch(feed.dataset.marker ?? "", { method: "POST", body, keepalive: true, redirect: "manual" }).catch(() => {});
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(tell, AFTER_MS);
  };
  addEventListener("scroll", soon);
  addEventListener("pagehide", () => timer && tell());
  // Where something unread was left out, only reading on shows that it isn't wanted.
  if (!document.querySelector(".left-at")) soon();
}

/**
 * Return the newest entry that the window shows.
 * @param {HTMLElement} feed
 */
function newest(feed) {
  return entriesOf(feed).find((entry) => {
    const { top, bottom } = entry.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  })?.dataset.entry;
}
