/**
 * Shows the pictures of a post (`data-viewer`) large, in a dialog. One goes from one to the next by swiping, scrolling
 * and with the arrow keys; a click on a picture shows it in its own size.
 */
import { text } from "./dom.js";

/** @param {HTMLElement} media */
export function connect(media) {
  const links = /** @type {HTMLAnchorElement[]} */ ([...media.querySelectorAll("a:has(> img)")]);
  for (const [index, link] of links.entries()) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      open(links, index);
    });
  }
}

/**
 * @param {HTMLAnchorElement[]} links
 * @param {number} first
 */
function open(links, first) {
  const dialog = document.createElement("dialog");
  dialog.className = "viewer";
  const slides = document.createElement("div");
  slides.className = "slides";
  slides.append(...links.map(slide));
  dialog.append(
    slides,
    button("✕", "viewer-close", "close", () => dialog.close()),
  );
  const go = (/** @type {number} */ step) => {
    const shown = Math.round(Math.abs(slides.scrollLeft) / slides.clientWidth);
    slides.children[shown + step]?.scrollIntoView({ behavior: "smooth", inline: "start", block: "nearest" });
  };
  if (links.length > 1)
    dialog.append(
      button("‹", "viewer-previous", "previous", () => go(-1)),
      button("›", "viewer-next", "next", () => go(1)),
    );
  const forward = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    go(event.key === forward ? 1 : -1);
  });
  dialog.addEventListener("click", (event) => {
    if (/** @type {Element} */ (event.target).matches("figure")) dialog.close();
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    links[first]?.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  slides.children[first]?.scrollIntoView({ behavior: "instant", inline: "start", block: "nearest" });
}

/** @param {HTMLAnchorElement} link */
function slide(link) {
  const figure = document.createElement("figure");
  const image = document.createElement("img");
  image.src = link.href;
  image.alt = link.querySelector("img")?.alt ?? "";
  image.addEventListener("click", () => figure.classList.toggle("zoomed"));
  figure.append(image);
  if (image.alt) {
    const caption = document.createElement("figcaption");
    caption.textContent = image.alt;
    figure.append(caption);
  }
  return figure;
}

/**
 * @param {string} sign
 * @param {string} className
 * @param {string} name
 * @param {() => void} action
 */
function button(sign, className, name, action) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = className;
  element.textContent = sign;
  element.setAttribute("aria-label", text(name));
  element.addEventListener("click", action);
  return element;
}
