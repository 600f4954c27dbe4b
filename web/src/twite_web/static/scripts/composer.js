/**
 * The form for posts: counts characters, keeps what is typed as a draft on the server, and publishes without leaving
 * the page. Buttons that change the form have the server make it anew, as without script.
 */
import { connect as connectCompletion } from "./composer_completion.js";
import { length } from "./composer_length.js";
import { connect as connectMedia, settled } from "./composer_media.js";
import { contentOf, inserted, PART_HEADER, swap, toast, valuesOf } from "./dom.js";

const SAVE_AFTER_MS = 1500;
const NEAR = 20;

/** @param {HTMLFormElement} form */
export function connect(form) {
  for (const element of form.querySelectorAll("[data-tools], [data-poll-buttons], [data-remove-part]")) {
    /** @type {HTMLElement} */ (element).hidden = false;
  }
  for (const element of form.querySelectorAll("[data-files]")) element.remove();
  count(form);
  connectMedia(form);
  connectCompletion(form);
  connectPoll(form);
  const draft = new Drafts(form);
  form.addEventListener("input", () => {
    count(form);
    draft.later();
  });
  form.addEventListener("focusin", (event) => {
    const part = /** @type {Element} */ (event.target).closest("[data-part]");
    if (!part || part === currentPart(form)) return;
    for (const one of parts(form)) one.toggleAttribute("data-current", one === part);
    count(form);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("[data-publish]"));
    }
  });
  form.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement} */ (event.target).closest("button");
    if (button?.dataset.opens) open(button.dataset.opens);
    if (/** @type {HTMLElement} */ (event.target).closest("[data-cancel]")) cancel(form, event);
    if (button?.hasAttribute("data-remove-part")) {
      button.closest("[data-part]")?.remove();
      rename(form);
      form.dispatchEvent(new Event("input"));
    }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(form, /** @type {HTMLButtonElement | null} */ (event.submitter), draft);
  });
  // Whoever leaves the page or closes the dialog before it was kept.
  document.addEventListener("visibilitychange", () => document.hidden && form.isConnected && draft.leave());
  addEventListener("pagehide", () => form.isConnected && draft.leave());
  const dialog = form.closest("dialog");
  dialog?.addEventListener("close", () => dialog.contains(form) && draft.leave());
  draft.later();
  draft.restore();
}

/**
 * @param {HTMLFormElement} form
 * @returns {HTMLElement[]}
 */
export function parts(form) {
  return [...form.querySelectorAll("[data-part]")].map((part) => /** @type {HTMLElement} */ (part));
}

/** Return the post that is being written, for which the tools are. @param {HTMLFormElement} form */
export function currentPart(form) {
  const part = form.querySelector("[data-part][data-current]") ?? form.querySelector("[data-part]");
  return /** @type {HTMLElement} */ (part);
}

/** Name the fields of all posts and attachments after their places. @param {HTMLFormElement} form */
export function rename(form) {
  parts(form).forEach((part, number) => {
    const name = (/** @type {string} */ field) => (number ? `further[${number - 1}][${field}]` : field);
    /** @type {HTMLTextAreaElement} */ (part.querySelector("[data-text]")).name = name("text");
    part.querySelectorAll("[data-attachment]").forEach((attachment, place) => {
      for (const field of attachment.querySelectorAll("[data-field]")) {
        const { dataset } = /** @type {HTMLElement} */ (field);
        field.setAttribute("name", `${name("media")}[${place}][${dataset.field}]`);
      }
    });
  });
}

/** @param {HTMLFormElement} form */
function count(form) {
  const text = /** @type {HTMLTextAreaElement} */ (currentPart(form).querySelector("[data-text]")).value;
  const spoiler = /** @type {HTMLInputElement} */ (form.querySelector("[data-spoiler]")).value;
  const limit = Number(form.dataset.limit);
  const left = limit - length(text) - length(spoiler);
  const place = /** @type {HTMLElement} */ (form.querySelector("[data-count]"));
  const ring = /** @type {SVGElement} */ (place.querySelector("[data-ring]"));
  ring.style.strokeDashoffset = String(Math.max(0, (100 * left) / limit));
  place.classList.toggle("near", left <= NEAR);
  place.classList.toggle("over", left < 0);
  const number = place.querySelector("[data-number]");
  const spoken = place.querySelector("[data-spoken]");
  if (number) number.textContent = String(left);
  const sentence = left <= NEAR ? (form.dataset.left ?? "").replace("{count}", String(left)) : "";
  if (spoken && spoken.textContent !== sentence) spoken.textContent = sentence;
}

/**
 * Close the dialog around the form; a page is left by the link.
 * @param {HTMLFormElement} form
 * @param {Event} event
 */
function cancel(form, event) {
  const dialog = form.closest("dialog");
  if (!dialog) return;
  event.preventDefault();
  dialog.close();
}

/** @param {string} id */
function open(id) {
  const details = /** @type {HTMLDetailsElement | null} */ (document.getElementById(id));
  if (!details) return;
  details.open = !details.open;
  if (details.open) /** @type {HTMLElement | null} */ (details.querySelector("input, select"))?.focus();
}

/** @param {HTMLFormElement} form */
function connectPoll(form) {
  const options = /** @type {HTMLElement[]} */ ([...form.querySelectorAll(".poll-option")]);
  const input = (/** @type {HTMLElement} */ option) => /** @type {HTMLInputElement} */ (option.querySelector("input"));
  const show = (/** @type {number} */ number) => {
    options.forEach((option, place) => {
      option.hidden = place >= number;
      if (option.hidden) input(option).value = "";
    });
    more.hidden = number >= options.length;
    fewer.hidden = number <= 2;
  };
  const more = /** @type {HTMLElement} */ (form.querySelector("[data-more-options]"));
  const fewer = /** @type {HTMLElement} */ (form.querySelector("[data-fewer-options]"));
  const shown = () => options.filter((option) => !option.hidden).length;
  show(Math.max(2, options.findLastIndex((option) => input(option).value) + 1));
  more.addEventListener("click", () => {
    show(shown() + 1);
    input(/** @type {HTMLElement} */ (options[shown() - 1])).focus();
  });
  fewer.addEventListener("click", () => show(shown() - 1));
}

/**
 * Send the form, and show what the server says: what was published, or the form again.
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement | null} button
 * @param {Drafts} draft
 */
async function submit(form, button, draft) {
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  const address = button?.hasAttribute("formaction") ? button.formAction : form.action;
  await draft.stop();
  if (!(await settled(form)) && button?.hasAttribute("data-publish")) {
    // Nobody means to publish it without the file that didn't arrive.
    form.ariaBusy = null;
    draft.later();
    return;
  }
  try {
    const response = await post(address, valuesOf(form, button));
    const content = await contentOf(response);
    const fresh = /** @type {HTMLFormElement | null} */ (content.querySelector("form[data-composer]"));
    if (response.ok && !fresh) done(form, content, button, response.url);
    else if (fresh) replace(form, fresh, button);
    else fail(draft, content.querySelector(".problem")?.textContent ?? response.statusText);
  } catch {
    fail(draft, form.dataset.unsaved ?? "");
  }
  form.ariaBusy = null;
}

/**
 * @param {Drafts} draft
 * @param {string} sentence
 */
function fail(draft, sentence) {
  draft.keepHere();
  toast(sentence, { failed: true });
}

/**
 * @param {HTMLFormElement} form
 * @param {Document} content
 * @param {HTMLButtonElement | null} button
 * @param {string} place where what waits is shown, if it isn't published yet
 */
function done(form, content, button, place) {
  const post = /** @type {HTMLElement | null} */ (content.querySelector("[data-post]"));
  const kept = button?.hasAttribute("data-save");
  const sentence = kept ? (form.dataset.saved ?? "") : (content.querySelector(".notice")?.textContent ?? "");
  const link = post ? `/posts/${post.dataset.post}` : kept ? "/drafts" : place;
  const dialog = form.closest("dialog");
  form.dataset.done = "";
  if (!dialog && form.dataset.place !== "home") {
    location.assign(link);
    return;
  }
  if (dialog) dialog.close();
  else renew(form);
  toast(sentence, { link, label: form.dataset.open ?? "" });
  document.dispatchEvent(new CustomEvent("published"));
}

/** Show an empty form again on the home page. @param {HTMLFormElement} form */
async function renew(form) {
  const response = await fetch("/", { headers: { [PART_HEADER]: "1" } }).catch(() => null);
  if (!response?.ok) return location.reload();
  const content = await contentOf(response);
  const fresh = content.querySelector("form[data-place=home]");
  if (!fresh) return location.reload();
  form.replaceWith(document.adoptNode(fresh));
  inserted(document);
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLFormElement} fresh
 * @param {HTMLButtonElement | null} button
 */
function replace(form, fresh, button) {
  moveTo(form.dataset.place ?? "", fresh);
  // None of it may be kept yet, so it is saved even if nobody types on.
  fresh.dataset.dirty = "";
  swap(form, document.adoptNode(fresh));
  const problem = fresh.querySelector("[data-problem]");
  problem?.scrollIntoView({ block: "nearest" });
  const texts = fresh.querySelectorAll("[data-text]");
  const target = button?.hasAttribute("data-add") ? texts[texts.length - 1] : texts[0];
  /** @type {HTMLElement | undefined} */ (target)?.focus();
}

/**
 * Have the ids in a form begin with another place, and whatever refers to them.
 * @param {string} place
 * @param {HTMLFormElement} form
 */
function moveTo(place, form) {
  const before = `${form.dataset.place}-`;
  for (const name of ["id", "for", "aria-describedby", "data-opens", "popovertarget"]) {
    for (const element of form.querySelectorAll(`[${name}^="${before}"]`)) {
      element.setAttribute(name, `${place}-${element.getAttribute(name)?.slice(before.length)}`);
    }
  }
  form.dataset.place = place;
}

/** What is typed, kept on the server; in this browser only where the server can't be reached. */
class Drafts {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.name = `draft:${form.dataset.composer}`;
    this.saved = "dirty" in form.dataset ? "" : this.state();
    /** @type {number | undefined} */
    this.timer = undefined;
    /** @type {Promise<void> | null} */
    this.running = null;
  }

  /** What would be sent, but for what every page has anew. */
  state() {
    const values = valuesOf(this.form);
    for (const name of ["form_token", "key", "back", "draft_id", "version"]) values.delete(name);
    return values.toString();
  }

  get changed() {
    return !("done" in this.form.dataset) && this.form.isConnected && this.state() !== this.saved;
  }

  later() {
    clearTimeout(this.timer);
    if (this.changed) this.timer = setTimeout(() => this.save(), SAVE_AFTER_MS);
  }

  /** Keep nothing any more by itself, and wait for what is on its way. */
  async stop() {
    clearTimeout(this.timer);
    await this.running;
  }

  save() {
    this.running ??= this.send().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  async send() {
    const state = this.state();
    try {
      const response = await post("/drafts", valuesOf(this.form));
      const content = await contentOf(response);
      // Changed elsewhere: from now on this is another draft.
      if (response.status === 409) this.take(content.querySelector("form[data-composer]"), "conflict");
      else if (response.ok && content.querySelector("[name=draft_id]")) this.take(content, "saved");
      else throw new Error(response.statusText);
      if (response.ok) {
        this.saved = state;
        localStorage.removeItem(this.name);
      }
      this.later();
    } catch {
      this.keepHere();
    }
  }

  /**
   * @param {ParentNode | null} content
   * @param {"saved" | "conflict"} sentence
   */
  take(content, sentence) {
    for (const name of ["draft_id", "version", ...(sentence === "conflict" ? ["key"] : [])]) {
      const value = /** @type {HTMLInputElement | null} */ (content?.querySelector(`[name=${name}]`))?.value;
      /** @type {HTMLInputElement} */ (this.form.elements.namedItem(name)).value = value ?? "";
    }
    this.say(this.form.dataset[sentence] ?? "");
  }

  /** @param {string} sentence */
  say(sentence) {
    const place = this.form.querySelector("[data-status]");
    if (place) place.textContent = sentence;
  }

  keepHere() {
    localStorage.setItem(this.name, valuesOf(this.form).toString());
    this.say(this.form.dataset.unsaved ?? "");
  }

  leave() {
    clearTimeout(this.timer);
    if ("done" in this.form.dataset || this.running) return;
    if (this.state() === this.saved) return this.tell();
    const body = valuesOf(this.form);
    this.saved = this.state();
    post("/drafts", body, { keepalive: true })
      .then(async (response) => {
        if (!response.ok || response.redirected) throw new Error(response.statusText);
        this.take(await contentOf(response), "saved");
        this.tell();
      })
      .catch(() => localStorage.setItem(this.name, body.toString()));
  }

  /** Say that there is a draft, to whoever closed the dialog. */
  tell() {
    const id = /** @type {HTMLInputElement} */ (this.form.elements.namedItem("draft_id")).value;
    if (!id || this.form.isConnected) return;
    toast(this.form.dataset.saved ?? "", { link: `/drafts/${id}`, label: this.form.dataset.open ?? "" });
  }

  /** Bring what this browser kept to the server, now that it can be reached and somebody is logged in. */
  async restore() {
    const kept = localStorage.getItem(this.name);
    if (!kept) return;
    const values = new URLSearchParams(kept);
    values.set("form_token", /** @type {HTMLInputElement} */ (this.form.elements.namedItem("form_token")).value);
    const response = await post("/drafts", values).catch(() => null);
    if (response?.status !== 200 && response?.status !== 409) return;
    const content = await contentOf(response);
    if (response.status === 409) {
      values.delete("draft_id");
      values.delete("key");
      await post("/drafts", values);
    }
    localStorage.removeItem(this.name);
    const id = /** @type {HTMLInputElement | null} */ (content.querySelector("[name=draft_id]"))?.value;
    const link = id ? `/drafts/${id}` : "/drafts";
    if (this.form.dataset.place === "compose" && !this.form.closest("dialog")) location.replace(link);
    else toast(this.form.dataset.kept ?? "", { link, label: this.form.dataset.open ?? "" });
  }
}

/**
 * Send what is typed, whoever is logged in by now: it must not get lost.
 * @param {string} address
 * @param {URLSearchParams} body
 * @param {RequestInit} [options]
 */
function post(address, body, options) {
  return fetch(address, { method: "POST", body, headers: { [PART_HEADER]: "1" }, ...options });
}
