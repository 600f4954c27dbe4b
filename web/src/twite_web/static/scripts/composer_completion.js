/** Completes @names, #tags and :emojis: as they are typed, and offers the site's emojis to choose from. */
import { currentPart } from "./composer.js";
import { fetchElement, fetchPart } from "./dom.js";

const BEGUN = /(?:^|[\s(])([@#:][\p{L}\p{N}_]{1,30})$/u;
const WAIT_MS = 150;

/** @param {HTMLFormElement} form */
export function connect(form) {
  for (const text of form.querySelectorAll("[data-text]")) complete(/** @type {HTMLTextAreaElement} */ (text));
  form.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement} */ (event.target).closest("[data-emojis]");
    if (button) pick(form, button);
  });
}

/**
 * Put something into a text where it is being written, instead of what stands before the caret.
 * @param {HTMLTextAreaElement} text
 * @param {string} value
 * @param {number} [replaced]
 */
function insert(text, value, replaced = 0) {
  const end = text.selectionEnd;
  text.focus();
  text.setRangeText(value, end - replaced, end, "end");
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

/** @param {HTMLTextAreaElement} text */
function complete(text) {
  const id = `${text.id}-completions`;
  /** @type {Element | null} */
  let list = null;
  /** @type {number | undefined} */
  let timer;
  text.setAttribute("aria-autocomplete", "list");

  const begun = () => BEGUN.exec(text.value.slice(0, text.selectionEnd))?.[1] ?? "";
  const close = () => {
    clearTimeout(timer);
    list?.remove();
    list = null;
    text.removeAttribute("aria-activedescendant");
    text.removeAttribute("aria-controls");
  };
  const options = () => [...(list?.children ?? [])];
  const chosen = () => options().findIndex((option) => option.ariaSelected === "true");
  const choose = (/** @type {number} */ place) => {
    options().forEach((option, number) => {
      option.ariaSelected = String(number === place);
    });
    const option = options()[place];
    if (option) text.setAttribute("aria-activedescendant", option.id);
    option?.scrollIntoView({ block: "nearest" });
  };
  const take = (/** @type {Element | undefined} */ option) => {
    const value = /** @type {HTMLElement | undefined} */ (option)?.dataset.value;
    if (value) insert(text, `${value} `, begun().length);
    close();
  };
  const look = async () => {
    const typed = begun();
    if (!typed) return close();
    const address = `/compose/completions?typed=${encodeURIComponent(typed)}`;
    const fresh = await fetchElement(address, "[role=listbox]");
    if (begun() !== typed) return;
    close();
    if (!fresh?.children.length || document.activeElement !== text) return;
    list = fresh;
    list.id = id;
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      take(/** @type {Element} */ (event.target).closest("[role=option]") ?? undefined);
    });
    text.after(list);
    text.setAttribute("aria-controls", id);
    choose(0);
  };

  text.addEventListener("input", () => {
    clearTimeout(timer);
    if (begun()) timer = setTimeout(look, WAIT_MS);
    else close();
  });
  text.addEventListener("blur", close);
  text.addEventListener("keydown", (event) => {
    if (!list || event.ctrlKey || event.metaKey) return;
    const number = options().length;
    const accept = () => take(options()[chosen()]);
    const action = {
      ArrowDown: () => choose((chosen() + 1) % number),
      ArrowUp: () => choose((chosen() + number - 1) % number),
      Enter: accept,
      Tab: accept,
      Escape: close,
    }[event.key];
    if (!action) return;
    action();
    event.preventDefault();
    event.stopPropagation();
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {Element} button
 */
async function pick(form, button) {
  const text = /** @type {HTMLTextAreaElement} */ (currentPart(form).querySelector("[data-text]"));
  const [part, { openMenu }] = await Promise.all([
    fetchPart("/compose/emojis").catch(() => null),
    import("./floating.js"),
  ]);
  const content = part?.response.ok ? part.take(".emoji-picker") : null;
  if (!content) return;
  const menu = openMenu(button, content, "start");
  menu.addEventListener("click", (event) => {
    const emoji = /** @type {Element} */ (event.target).closest("button");
    if (!emoji) return;
    menu.hidePopover();
    insert(text, `${emoji.value} `);
  });
}
