/**
 * Keys for those who want them (`/shortcuts` lists them): never while one types, and switched off for good by a box
 * there (`data-shortcuts`).
 */
import { fetchPart } from "./dom.js";

const OFF = "shortcuts-off";
/** How long the second key of two may take. */
const SEQUENCE_MS = 1500;
/** @type {Readonly<Record<string, string>>} */
const PLACES = {
  h: "/",
  n: "/notifications",
  e: "/explore",
  b: "/bookmarks",
  f: "/favourites",
  s: "/settings",
  m: "/menu",
};

let going = 0;

/** @param {HTMLElement} element */
export function connect(element) {
  if (element instanceof HTMLInputElement) {
    element.checked = !localStorage.getItem(OFF);
    element.addEventListener("change", () => {
      if (element.checked) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, "1");
    });
    return;
  }
  addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (target.closest("input, textarea, select, [contenteditable], dialog, [popover]")) return;
    if (event.key !== "?" && localStorage.getItem(OFF)) return;
    if (act(event.key, target)) event.preventDefault();
  });
}

/** @type {Readonly<Record<string, () => void>>} */
const ACTIONS = {
  g: () => {
    going = Date.now();
  },
  j: () => move(1),
  k: () => move(-1),
  n: () => press(document.querySelector(".top [data-compose], .compose-button")),
  ".": () => press(document.querySelector('[data-key="."]')),
  "/": search,
  "?": help,
};

/**
 * Do what a key stands for, and say whether it stands for something.
 * @param {string} key
 * @param {HTMLElement} target
 */
function act(key, target) {
  if (Date.now() - going < SEQUENCE_MS) return go(key);
  ACTIONS[key]?.();
  return key in ACTIONS || onPost(key, target);
}

/** @param {string} key */
function go(key) {
  going = 0;
  const own = document.body.dataset.member;
  const path = key === "p" && own ? `/@${own}` : PLACES[key];
  if (path) location.assign(path);
  return Boolean(path);
}

/**
 * @param {string} key
 * @param {HTMLElement} target
 */
function onPost(key, target) {
  const post = target.closest(".post");
  if (!post) return false;
  if (key === "o" || (key === "Enter" && target === post)) press(post.querySelector("a[data-open]"));
  else if (key === "u") press(post.querySelector("a.name"));
  else if (key === "e") press(post.querySelector(".media :is(a, .play)"));
  else if (key === "x") press(post.querySelector("details.warning > summary, [data-unfold]"));
  else if (/^[rbfd]$/.test(key)) press(post.querySelector(`.actions [data-key="${key}"]`));
  else return false;
  return true;
}

/** @param {Element | null} element */
function press(element) {
  /** @type {HTMLElement | null} */ (element)?.click();
}

/** @param {number} step */
function move(step) {
  const posts = /** @type {HTMLElement[]} */ ([
    ...document.querySelectorAll("main .post, main .filtered:not([open]) > summary"),
  ]);
  const visible = posts.filter((post) => post.checkVisibility());
  const focused = document.activeElement?.closest(".post, summary");
  const at = visible.indexOf(/** @type {HTMLElement} */ (focused));
  const first = visible.findIndex((post) => post.getBoundingClientRect().top >= 0);
  const next = visible[at < 0 ? Math.max(0, first) : at + step];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest", behavior: "instant" });
}

function search() {
  const fields = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("input[type=search]")]);
  const field = fields.find((one) => one.checkVisibility());
  if (field) field.focus();
  else location.assign("/search");
}

async function help() {
  const [part, { openDialog }] = await Promise.all([fetchPart("/shortcuts").catch(() => null), import("./dialog.js")]);
  if (part?.response.ok) openDialog(part.takeAll());
}
