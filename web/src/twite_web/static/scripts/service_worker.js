/**
 * The service worker, at `/sw.js`: shows what is pushed, and keeps the last pages that a member has read for when the
 * network is away. Pages come from the network first; what is kept goes when the session ends.
 */

/** Begins the names of the caches of pages, each of which goes on with the name of the member who read them. */
const PAGES = "pages of ";
const FILES = "files";
const MAX_PAGES = 50;
const MAX_FILES = 150;
const MAX_FILE_BYTES = 400_000;
const OFFLINE = "/offline";
const MEMBER = /<body[^>]* data-member="([^"]*)"/;
/** Pages that are of no use later, or that nobody else at this computer should find. */
const UNKEPT = /^\/(settings|admin|oauth|login|logout|signup|compose|first|confirm|forgot|reset|offline)(\/|$)/;
const LASTING = /^\/(assets|media|static)\//;

const worker = /** @type {any} */ (self);

worker.addEventListener("install", (/** @type {any} */ event) => {
  const version = new URL(worker.location.href).searchParams.get("v");
  event.waitUntil(caches.open(FILES).then((cache) => cache.addAll([OFFLINE, `/assets/${version}/twite.css`])));
});

worker.addEventListener("message", (/** @type {MessageEvent} */ event) => {
  if (event.data === "take over") worker.skipWaiting();
});

worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const request = /** @type {Request} */ (event.request);
  const url = new URL(request.url);
  if (request.keepalive) {
    // What a page sends while it is left gets lost with the page unless the worker sends it.
    event.respondWith(fetch(request));
    return;
  }
  if (request.method !== "GET" || url.origin !== location.origin || request.headers.has("range")) return;
  if (request.mode === "navigate" && request.destination === "document") event.respondWith(freshPage(event, request));
  else if (LASTING.test(url.pathname) && request.destination !== "video" && request.destination !== "audio")
    event.respondWith(lastingFile(event, request));
});

worker.addEventListener("push", (/** @type {any} */ event) => {
  const told = event.data?.json() ?? {};
  const { title = "", body, icon, url, notification_id: id } = told;
  event.waitUntil(
    worker.registration.showNotification(title, {
      body,
      icon,
      badge: "/static/badge.png",
      tag: String(id),
      data: { url },
    }),
  );
});

worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
  event.notification.close();
  const url = new URL(event.notification.data?.url ?? "/notifications", location.origin);
  if (url.origin === location.origin) event.waitUntil(show(url.href));
});

/**
 * Show a page in a window that has it, or in a new one.
 * @param {string} address
 */
async function show(address) {
  const windows = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const present = windows.find((/** @type {any} */ window) => window.url === address);
  return present ? present.focus() : worker.clients.openWindow(address);
}

/**
 * Return a page from the network, or as it was read last.
 * @param {any} event
 * @param {Request} request
 */
async function freshPage(event, request) {
  try {
    const response = await fetch(request);
    event.waitUntil(keepPage(request, response.clone()));
    return response;
  } catch {
    const kept = await caches.match(plain(request.url));
    return kept ? marked(kept) : ((await caches.match(OFFLINE)) ?? Response.error());
  }
}

/**
 * @param {Request} request
 * @param {Response} response
 */
async function keepPage(request, response) {
  const isPage = response.headers.get("content-type")?.startsWith("text/html");
  if (!response.ok || !isPage || response.redirected) return;
  const member = MEMBER.exec(await response.clone().text())?.[1];
  // Whoever is a stranger again has logged out, or was logged out from elsewhere; whoever is another has just logged in.
  await forgetOthers(member);
  const isKept = member && !UNKEPT.test(new URL(request.url).pathname);
  if (isKept) await keep(PAGES + member, plain(request.url), response, MAX_PAGES);
}

/**
 * Forget the pages of everybody but a member.
 * @param {string | undefined} member
 */
async function forgetOthers(member) {
  const others = (await caches.keys()).filter((name) => name.startsWith(PAGES) && name !== PAGES + member);
  await Promise.all(others.map((name) => caches.delete(name)));
}

/**
 * Return a file that stays the same under its address, from the network once.
 * @param {any} event
 * @param {Request} request
 */
async function lastingFile(event, request) {
  const kept = await (await caches.open(FILES)).match(request);
  if (kept) return kept;
  const response = await fetch(request);
  const isLasting = response.headers.get("cache-control")?.includes("immutable");
  const isSmall = Number(response.headers.get("content-length") ?? 0) <= MAX_FILE_BYTES;
  if (response.ok && isLasting && isSmall) event.waitUntil(keep(FILES, request, response.clone(), MAX_FILES));
  return response;
}

/**
 * Keep something, and as many others as there may be: those that were kept last.
 * @param {string} name
 * @param {Request | string} key
 * @param {Response} response
 * @param {number} limit
 */
async function keep(name, key, response, limit) {
  const cache = await caches.open(name);
  await cache.delete(key);
  await cache.put(key, response);
  const keys = await cache.keys();
  const others = keys.filter(({ url }) => new URL(url).pathname !== OFFLINE);
  await Promise.all(others.slice(0, Math.max(0, others.length - limit)).map((old) => cache.delete(old)));
}

/**
 * Return a page's address without the notice that it shows once.
 * @param {string} address
 */
function plain(address) {
  const url = new URL(address);
  url.searchParams.delete("done");
  url.hash = "";
  return url.href;
}

/**
 * Return a kept page that says that it is one.
 * @param {Response} kept
 */
async function marked(kept) {
  const html = (await kept.text()).replace("<body", "<body data-kept");
  return new Response(html, { headers: kept.headers });
}
