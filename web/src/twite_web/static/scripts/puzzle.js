/** Solves the puzzle of a form to sign up (`data-puzzle`: with how many zero bits a hash is to begin). */

/** @param {HTMLElement} box */
export async function connect(box) {
  const button = box.closest("form")?.querySelector("[type=submit]");
  const proof = box.querySelector("input");
  // Hashes are only there over TLS.
  if (!(button instanceof HTMLButtonElement && proof && crypto.subtle)) return;
  const challenge = proof.value;
  box.hidden = button.disabled = true;
  for (let number = 0; button.disabled; number++) {
    proof.value = `${challenge}.${number}`;
    const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(proof.value));
    button.disabled = Math.clz32(new DataView(hash).getUint32(0)) < Number(box.dataset.puzzle);
  }
}
