/** Plays short silent videos while they are in view, unless people want less motion, and other videos one at a time. */

/** @param {HTMLVideoElement} video */
export function connect(video) {
  video.addEventListener("play", () => {
    for (const other of document.querySelectorAll("video"))
      if (other !== video && !video.loop && !other.loop) other.pause();
  });
  if (!video.loop || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  new IntersectionObserver(([entry]) => {
    if (entry?.isIntersecting) video.play().catch(() => {});
    else video.pause();
  }).observe(video);
}
