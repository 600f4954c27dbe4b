/** Copies and prints codes that are shown once; the buttons for it are only there where script runs. */
import { toast } from "./dom.js";

/** @param {HTMLButtonElement} button */
export function connect(button) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const list = document.getElementById(button.dataset.copies ?? "");
    if (!list) {
      print();
      return;
    }
    const codes = [...list.querySelectorAll("code")].map((code) => code.textContent);
    await navigator.clipboard.writeText(codes.join("\n"));
    toast(button.dataset.done ?? "");
  });
}
