/** Which version of the site's files the page uses, as their address says. */
export const version = new URL(import.meta.url).pathname.split("/")[2] ?? "";
