// Searches the posts of an archive. Opened as a file, a page may load scripts but no data, so the posts are scripts.
{
  /** @typedef {[page: string, id: string, day: string, text: string]} Post */

  const MOST = 200;
  const parts = Number(document.currentScript?.dataset.parts);
  const form = /** @type {HTMLFormElement} */ (document.getElementById("search"));
  const input = /** @type {HTMLInputElement} */ (form.querySelector("input"));
  const output = /** @type {HTMLOutputElement} */ (form.querySelector("output"));
  const list = /** @type {HTMLOListElement} */ (form.querySelector("ol"));
  /** @type {Post[]} */
  const posts = [];
  /** @type {Promise<void> | undefined} */
  let loading;

  /** Takes the posts of a part. */
  Object.assign(window, { addPosts: (/** @type {Post[]} */ part) => posts.push(...part) });

  /** Loads all parts, one after another. */
  const load = async () => {
    for (let number = 1; number <= parts; number++) {
      await new Promise((done) => {
        const part = document.createElement("script");
        part.src = `search/${number}.js`;
        part.onload = part.onerror = done;
        document.head.append(part);
      });
    }
  };

  /** @param {Post} post */
  const item = ([page, id, day, text]) => {
    const link = document.createElement("a");
    link.href = `${page}.html#post-${id}`;
    link.textContent = day;
    const made = document.createElement("li");
    made.append(link, ` ${text}`);
    return made;
  };

  /** Shows the posts that have all words, the latest first. */
  const show = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const has = (/** @type {Post} */ post) => words.every((word) => post[3].toLowerCase().includes(word));
    const found = words.length ? posts.filter(has) : [];
    output.textContent = words.length && !found.length ? (output.dataset.none ?? "") : "";
    list.replaceChildren(...found.slice(-MOST).reverse().map(item));
  };

  form.addEventListener("submit", (event) => event.preventDefault());
  input.addEventListener("input", async () => {
    loading ??= load();
    await loading;
    show();
  });
  form.hidden = false;
}
