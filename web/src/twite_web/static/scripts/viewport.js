/** Tells styles how high the window is above the keyboard of a phone, for what fills it (`data-chat`, the composer). */
const viewport = window.visualViewport;

viewport?.addEventListener("resize", () => {
  // Who looks closer sees less of the page, but that's no reason to make it smaller.
  if (viewport.scale === 1) document.documentElement.style.setProperty("--viewport", `${viewport.height}px`);
});

export function connect() {}
