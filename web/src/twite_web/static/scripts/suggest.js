/**
 * Suggests people, hashtags and earlier searches while somebody types (`data-suggest`): a combobox with a list that the
 * server renders. What was typed is looked for by the form as ever.
 */
import { fetchElement } from "./dom.js";

const WAIT_MS = 120;
let numbers = 0;

/** @param {HTMLInputElement} input */
export function connect(input) {
  new Suggestions(input);
}

class Suggestions {
  /** @param {HTMLInputElement} input */
  constructor(input) {
    this.input = input;
    this.id = `suggestions-${++numbers}`;
    /** @type {Element | null} */
    this.list = null;
    this.timer = 0;
    this.asked = 0;
    input.role = "combobox";
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", this.id);
    input.ariaExpanded = "false";
    input.autocomplete = "off";
    input.parentElement?.classList.add("suggest");
    input.addEventListener("input", () => this.ask(WAIT_MS));
    input.addEventListener("focus", () => this.ask(0));
    input.addEventListener("keydown", (event) => this.press(event));
    input.addEventListener("blur", () => this.close());
    for (const button of input.form?.querySelectorAll("[data-operator]") ?? []) {
      button.addEventListener("click", (event) => this.add(event, /** @type {HTMLButtonElement} */ (button).value));
    }
  }

  /**
   * Ask for suggestions, after what is typed meanwhile.
   * @param {number} wait
   */
  ask(wait) {
    clearTimeout(this.timer);
    const number = ++this.asked;
    this.timer = setTimeout(async () => {
      const address = `/search/suggestions?q=${encodeURIComponent(this.input.value)}`;
      const list = await fetchElement(address, ".suggestions");
      if (number === this.asked && document.activeElement === this.input) this.show(list);
    }, wait);
  }

  /** @param {Element | null} list */
  show(list) {
    this.close();
    if (!list?.firstElementChild) return;
    list.id = this.id;
    list.role = "listbox";
    list.ariaLabel = this.input.labels?.[0]?.textContent ?? "";
    for (const item of list.children) item.role = "none";
    for (const [number, option] of list.querySelectorAll("a").entries()) {
      option.id = `${this.id}-${number}`;
      option.role = "option";
      option.tabIndex = -1;
    }
    // The box keeps the focus, so that a press isn't lost with the list.
    list.addEventListener("mousedown", (event) => event.preventDefault());
    this.input.parentElement?.append(list);
    this.input.ariaExpanded = "true";
    this.list = list;
  }

  close() {
    this.asked++;
    this.list?.remove();
    this.list = null;
    this.input.ariaExpanded = "false";
    this.input.removeAttribute("aria-activedescendant");
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const options = [...(this.list?.querySelectorAll("a") ?? [])];
    const at = options.findIndex((option) => option.ariaSelected === "true");
    if (event.key === "Escape" && this.list) {
      event.preventDefault();
      this.close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!this.list) this.ask(0);
      // One place is the box itself.
      const places = options.length + 1;
      this.choose(options, (at + 1 + (event.key === "ArrowDown" ? 1 : places - 1)) % places);
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      options[at]?.click();
    }
  }

  /**
   * @param {HTMLElement[]} options
   * @param {number} place
   */
  choose(options, place) {
    for (const option of options) option.ariaSelected = "false";
    const option = options[place - 1];
    if (!option) {
      this.input.removeAttribute("aria-activedescendant");
      return;
    }
    option.ariaSelected = "true";
    option.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", option.id);
  }

  /**
   * Write an operator into the box, for its value to be typed.
   * @param {Event} event
   * @param {string} operator
   */
  add(event, operator) {
    event.preventDefault();
    this.input.value = `${this.input.value.trimEnd()} ${operator}`.trimStart();
    if (!/[:"-]$/.test(operator)) this.input.value += " ";
    this.input.focus();
    this.input.setSelectionRange(this.input.value.length, this.input.value.length);
  }
}
