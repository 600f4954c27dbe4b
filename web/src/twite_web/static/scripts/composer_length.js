/** Counts characters as the server does (`twite_common.text.count`): as people see them, links 23, hosts nothing. */

const URL_COUNTS = 23;
const LONGEST = 2048;
const ENTITY = /(https?:\/\/(?=[\w[])[^\s<>"]+)|(?<![\w/=])@[A-Za-z0-9_]+(@[A-Za-z0-9][A-Za-z0-9.:-]*[A-Za-z0-9])/giu;
const ENDING = /[.,:;!?"'…)\]}]+$/u;
const segmenter = new Intl.Segmenter();

/** @param {string} text */
function characters(text) {
  return [...segmenter.segment(text.replaceAll("\r\n", "\n"))].length;
}

/** @param {string} text */
export function length(text) {
  let total = characters(text.trim());
  for (const [, url, host] of text.matchAll(ENTITY)) {
    const plain = url?.replace(ENDING, "") ?? "";
    if (plain && plain.length <= LONGEST) total += URL_COUNTS - characters(plain);
    else if (host) total -= host.length;
  }
  return total;
}
