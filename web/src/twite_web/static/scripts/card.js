/** Shows who somebody is (`data-card`, an address) beside their name, to a mouse that rests and to the keyboard. */
import { fetchElement, inserted } from "./dom.js";
import { place } from "./floating.js";

const REST_MS = 500;
const AWAY_MS = 250;

/** @type {HTMLElement | null} */
let shown = null;
let timer = 0;

/** @param {HTMLElement} name */
export function connect(name) {
  name.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && soon(() => show(name)));
  name.addEventListener("pointerleave", () => soon(hide, AWAY_MS));
  name.addEventListener("focus", () => name.matches(":focus-visible") && soon(() => show(name), 2 * REST_MS));
  name.addEventListener("blur", () => soon(hide, AWAY_MS));
}

/**
 * @param {() => void} action
 * @param {number} [after]
 */
function soon(action, after = REST_MS) {
  clearTimeout(timer);
  timer = setTimeout(action, after);
}

/** @param {HTMLElement} name */
async function show(name) {
  const profile = await fetchElement(name.dataset.card ?? "", ".profile");
  if (!profile || !name.isConnected) return;
  hide();
  const card = document.createElement("div");
  card.className = "hover-card";
  card.popover = "manual";
  card.append(profile);
  card.addEventListener("pointerenter", () => clearTimeout(timer));
  card.addEventListener("pointerleave", () => soon(hide, AWAY_MS));
  card.addEventListener("focusin", () => clearTimeout(timer));
  card.addEventListener("focusout", () => soon(hide, AWAY_MS));
  name.after(card);
  inserted(card);
  card.showPopover();
  place(card, name, "start");
  shown = card;
}

function hide() {
  clearTimeout(timer);
  shown?.remove();
  shown = null;
}

addEventListener("keydown", (event) => event.key === "Escape" && hide());
addEventListener("scroll", () => hide());
