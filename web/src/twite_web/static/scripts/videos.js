/**
 * Players (`data-player`): a large button until somebody plays, then the browser's own controls. Short silent videos play
 * while they are in view, unless people want less motion, and stop when one clicks on them. Others play one at a time.
 */

/** @param {HTMLElement} player */
export function connect(player) {
  const video = /** @type {HTMLVideoElement} */ (player.querySelector("video"));
  const button = /** @type {HTMLButtonElement} */ (player.querySelector(".play"));
  const mark = /** @type {HTMLElement | null} */ (player.querySelector(".media-mark"));
  video.controls = false;
  button.hidden = false;
  video.addEventListener("play", () => {
    for (const other of document.querySelectorAll("video"))
      if (other !== video && !video.loop && !other.loop) other.pause();
  });
  if (video.loop) {
    connectLoop(video, button);
    return;
  }
  button.addEventListener("click", () => video.play());
  video.addEventListener(
    "play",
    () => {
      video.controls = true;
      button.hidden = true;
      if (mark) mark.hidden = true;
      video.focus({ preventScroll: true });
    },
    { once: true },
  );
}

/**
 * @param {HTMLVideoElement} video
 * @param {HTMLButtonElement} button
 */
function connectLoop(video, button) {
  let stopped = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const play = () => video.play().catch(() => {});
  for (const name of ["play", "pause"])
    video.addEventListener(name, () => button.setAttribute("aria-pressed", String(!video.paused)));
  button.addEventListener("click", () => {
    stopped = !video.paused;
    if (stopped) video.pause();
    else play();
  });
  new IntersectionObserver(([entry]) => {
    if (!entry?.isIntersecting) video.pause();
    else if (!stopped) play();
  }).observe(video);
}
