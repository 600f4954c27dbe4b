/**
 * Starts what makes pages livelier. Each behaviour is a module that exports `connect(element)`, loaded when an element
 * of its kind is there. Without script every link and form works by itself.
 */
import { onInsert } from "./dom.js";

/** @type {ReadonlyArray<readonly [selector: string, module: string]>} */
const BEHAVIOURS = [
  ["form[data-replaces]", "./forms.js"],
  ["[data-feed]", "./feed.js"],
  ["form[data-checks]", "./checks.js"],
  ["[data-puzzle]", "./puzzle.js"],
  ["[data-passkey]", "./passkey.js"],
  ["[data-reveal]", "./reveal.js"],
  ["[data-zone]", "./zone.js"],
  ["[data-sections]", "./sections.js"],
  ["[data-marker]", "./marker.js"],
  ["[data-viewer]", "./viewer.js"],
  ["[data-unfold]", "./unfold.js"],
  ["[data-card]", "./card.js"],
  ["[data-player]", "./videos.js"],
  [".feed", "./open.js"],
  ["[data-back]", "./back.js"],
  ["form[data-reply]", "./reply.js"],
  ["body", "./times.js"],
  ["body, [data-shortcuts]", "./shortcuts.js"],
  ["[data-load]", "./load.js"],
  ["input[data-filters]", "./filter.js"],
  ["form[data-preview]", "./preview.js"],
  ["form[data-composer]", "./composer.js"],
  ["form[data-edit]", "./edit.js"],
  ["a[data-dialog], a[data-compose]", "./dialog_link.js"],
  ["[data-inbox], [data-conversation]", "./messages.js"],
  ["form.message-form", "./message_form.js"],
  ["[data-chat], form[data-composer]", "./viewport.js"],
  ["[data-picker]", "./person_picker.js"],
  ["[data-notifications]", "./notifications.js"],
  ["form[data-push]", "./push.js"],
  ["[data-worker]", "./worker.js"],
  ["form[data-removes]", "./removing.js"],
  ["a[data-menu]", "./menu.js"],
  ["[data-suggest]", "./suggest.js"],
  ["[data-column]", "./columns.js"],
  ["[data-share]", "./share.js"],
  ["[data-copies], [data-prints]", "./codes.js"],
  ["details.dropdown", "./dropdown.js"],
  ["body[data-member]", "./live.js"],
];

/** @type {Map<string, WeakSet<Element>>} */
const connected = new Map();

/**
 * Modules that are there already connect what is put in before anybody can press it: importing them again takes a while.
 * @type {Map<string, { connect: (element: Element) => void }>}
 */
const loaded = new Map();

/** @param {ParentNode} root */
function connectAll(root) {
  for (const [selector, module] of BEHAVIOURS) {
    const done = connected.get(selector) ?? new WeakSet();
    connected.set(selector, done);
    const elements = [...root.querySelectorAll(selector)].filter((element) => !done.has(element));
    if (elements.length === 0) continue;
    for (const element of elements) done.add(element);
    const start = (/** @type {any} */ behaviour) => {
      loaded.set(module, behaviour);
      for (const element of elements) behaviour.connect(element);
    };
    const present = loaded.get(module);
    if (present) start(present);
    else import(module).then(start);
  }
}

onInsert(connectAll);
connectAll(document);
