/** Shares an address, or copies it where the browser can't share. */
import { text, toast } from "./dom.js";

/** @param {HTMLElement} element */
export function connect(element) {
  element.addEventListener("click", async (event) => {
    event.preventDefault();
    const url = element.dataset.share ?? location.href;
    if (navigator.share) {
      await navigator.share({ url }).catch(() => {});
      return;
    }
    await navigator.clipboard.writeText(url);
    toast(text("copied"));
  });
}
