/**
 * Turns on notifications for times when the site isn't open (`data-push`, the site's public key): asks the browser only
 * when somebody presses the button, and sends what its push service gave with the form.
 */
import { toast } from "./dom.js";

const DECLINED = "push-declined";

/** @param {HTMLFormElement} form */
export function connect(form) {
  if (!("PushManager" in window && "serviceWorker" in navigator && "Notification" in window)) return;
  if (form.hasAttribute("data-offer") && !offered()) return;
  document.querySelector("[data-push-missing]")?.remove();
  form.hidden = false;
  form.querySelector("[data-decline]")?.addEventListener("click", () => {
    localStorage.setItem(DECLINED, "1");
    form.remove();
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.hasAttribute("data-stop")) return;
    event.preventDefault();
    turnOn(form);
  });
}

/** Say whether to offer it: neither asked nor declined before. */
function offered() {
  return Notification.permission === "default" && !localStorage.getItem(DECLINED);
}

/** @param {HTMLFormElement} form */
async function turnOn(form) {
  if ((await Notification.requestPermission()) !== "granted") {
    toast(form.dataset.denied ?? "", { failed: true });
    return;
  }
  try {
    const { pushManager } = await navigator.serviceWorker.ready;
    const options = { userVisibleOnly: true, applicationServerKey: form.dataset.push };
    const subscription = await pushManager.subscribe(options).catch(async () => {
      // One that was made with another key is in the way.
      await (await pushManager.getSubscription())?.unsubscribe();
      return pushManager.subscribe(options);
    });
    const { endpoint, keys } = subscription.toJSON();
    for (const [name, value] of Object.entries({ endpoint, ...keys })) {
      const field = form.elements.namedItem(name);
      if (field instanceof HTMLInputElement) field.value = value ?? "";
    }
    form.submit();
  } catch {
    toast(form.dataset.failed ?? "", { failed: true });
  }
}
