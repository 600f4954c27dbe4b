/** Draws a menu that is a row on narrow screens (`data-sections`) along, so that the page that is shown is seen in it. */

/** @param {HTMLElement} menu */
export function connect(menu) {
  const current = menu.querySelector("[aria-current]");
  if (!current || menu.scrollWidth <= menu.clientWidth) return;
  const { left, width } = current.getBoundingClientRect();
  menu.scrollBy({ left: left - menu.getBoundingClientRect().left - (menu.clientWidth - width) / 2 });
}
