// Searches the posts of an archive. Opened as a file, a page may load scripts but no data, so the posts are scripts.
const script = document.currentScript;
const form = document.getElementById("search");
const input = form.querySelector("input");
const output = form.querySelector("output");
const list = form.querySelector("ol");
const MOST = 200;
const posts = [];
let loading;

/** Takes the posts of a part: each is its page, its id, its day and its text. */
window.addPosts = (part) => {
  for (const post of part) posts.push([...post, post[3].toLowerCase()]);
};

/** Loads all parts, one after another. */
const load = async () => {
  for (let number = 1; number <= Number(script.dataset.parts); number++) {
    await new Promise((done) => {
      const part = document.createElement("script");
      part.src = `search/${number}.js`;
      part.onload = part.onerror = done;
      document.head.append(part);
    });
  }
};

/** Shows the posts that have all words, the latest first. */
const show = () => {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = words.length ? posts.filter((post) => words.every((word) => post[4].includes(word))) : [];
  output.textContent = words.length && !found.length ? output.dataset.none : "";
  list.replaceChildren(
    ...found
      .slice(-MOST)
      .reverse()
      .map(([page, id, day, text]) => {
        const item = document.createElement("li");
        const link = document.createElement("a");
        link.href = `${page}.html#post-${id}`;
        link.textContent = day;
        item.append(link, ` ${text}`);
        return item;
      }),
  );
};

form.addEventListener("submit", (event) => event.preventDefault());
input.addEventListener("input", async () => {
  loading ??= load();
  await loading;
  show();
});
form.hidden = false;
