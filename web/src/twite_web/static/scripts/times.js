/** Keeps short times (`data-ago`: "5 min") true while a page is open. */
import { text } from "./dom.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** @param {HTMLElement} body */
export function connect(body) {
  setInterval(() => {
    for (const time of body.querySelectorAll("time[data-ago]")) renew(/** @type {HTMLTimeElement} */ (time));
  }, MINUTE);
}

/** @param {HTMLTimeElement} time */
function renew(time) {
  const age = Date.now() - Date.parse(time.dateTime);
  const sizes = /** @type {const} */ ([
    ["minutes", MINUTE, HOUR],
    ["hours", HOUR, DAY],
    ["days", DAY, 7 * DAY],
  ]);
  const size = sizes.find(([, unit, end]) => age >= unit && age < end);
  if (size) time.textContent = text(size[0]).replace("{count}", String(Math.floor(age / size[1])));
}
