const page = /** @type {typeof globalThis & { SwaggerUIBundle: (options: object) => void }} */ (globalThis);

page.SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
  tagsSorter: "alpha",
  validatorUrl: null,
  onComplete: () => {
    // The page has a main part of its own, and there can be only one.
    document.querySelector("#docs main")?.setAttribute("role", "group");
  },
});
