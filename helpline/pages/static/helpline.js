// Everything works without this: it only improves. No page waits for it, and nothing is asked but our own service.
"use strict";

// --- A form tapped twice is sent once. The button keeps its focus and its value; coming back makes it ready again.

const SENT = 6000;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  event.submitter?.setAttribute("aria-disabled", "true");
  setTimeout(ready, SENT, form); // a file that is sent leaves its page where it is
});

function ready(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
}

window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(ready));

// --- The page that is open is seen in the bar, and what is wrong is where the eye and the screen reader are.

document.querySelector(".bar [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

const fault = document.querySelector("main .notice.fault");
if (fault) {
  fault.tabIndex = -1;
  fault.focus();
}

// --- .code: addresses and codes are copied with a button.

if (navigator.clipboard) {
  for (const code of document.querySelectorAll("main .codes, main .code:not(.codes *)")) {
    const button = document.createElement("button");
    const { copy, copied } = document.body.dataset;
    button.type = "button";
    button.className = "second";
    button.textContent = copy;
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(code.value ?? code.innerText.trim());
      button.textContent = copied;
      setTimeout(() => { button.textContent = copy; }, 3000);
    });
    code.after(" ", button);
  }
}

// --- [data-print]: a button that only a script can serve.

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// --- [data-refresh="20"]: what changes by itself is asked for every so many seconds, and put in place where it differs.
// Not while somebody types, chooses or holds the focus in it, and not in a page that nobody looks at.

const changing = [...document.querySelectorAll("[data-refresh]")];

function busy(part) {
  const typed = [...part.querySelectorAll("input, select, textarea")].some((field) =>
    field.type !== "hidden" && (field.value !== (field.defaultValue ?? field.value) || field.checked !== field.defaultChecked));
  return document.hidden || typed || part.contains(document.activeElement) || part.querySelector("details[open]");
}

async function refresh() {
  const parts = changing.filter((part) => part.isConnected);
  if (parts.some(busy)) return;
  const answer = await fetch(location.href).catch(() => null); // away: the next time, perhaps
  if (!answer) return;
  const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelectorAll("[data-refresh]");
  // What has come to its end, or somebody who is signed out: the whole page anew.
  if (answer.redirected || found.length !== parts.length) {
    if (answer.ok) location.reload();
    return;
  }
  parts.forEach((part, n) => {
    if (!part.isEqualNode(found[n]) && !busy(part)) part.replaceChildren(...document.adoptNode(found[n]).childNodes);
  });
}

if (changing.length) {
  const seconds = Math.max(2, ...changing.map((part) => Number(part.dataset.refresh) || 0));
  setInterval(refresh, seconds * 1000);
}

// --- [data-filter="#list"]: rows that don't hold what is typed are hidden, capitals and accents alike.

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

for (const field of document.querySelectorAll("[data-filter]")) {
  const rows = document.querySelectorAll(`${field.dataset.filter} :is(.row, tbody tr)`);
  const filter = () => {
    const wanted = plain(field.value).split(/\s+/);
    for (const row of rows) row.hidden = !wanted.every((word) => plain(row.textContent).includes(word));
  };
  field.addEventListener("input", filter);
  filter();
}

// --- [data-drag] onto [data-drop]: a shift dropped on another proposes that they change hands, on a page that asks first.

let dragged = "";

for (const shift of document.querySelectorAll("[data-drag]")) shift.draggable = true;

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-drag]")?.dataset.drag ?? "";
  if (dragged) event.dataTransfer.effectAllowed = "link";
});

function target(event) {
  const found = dragged && event.target.closest?.("[data-drop]");
  return found && found.dataset.drop !== dragged ? found : null;
}

document.addEventListener("dragover", (event) => {
  const over = target(event);
  document.querySelectorAll(".over").forEach((each) => each !== over && each.classList.remove("over"));
  if (!over) return;
  over.classList.add("over");
  event.dataTransfer.dropEffect = "link";
  event.preventDefault();
});

document.addEventListener("dragend", () => {
  dragged = "";
  document.querySelectorAll(".over").forEach((each) => each.classList.remove("over"));
});

document.addEventListener("drop", (event) => {
  const onto = target(event);
  if (!onto) return;
  event.preventDefault();
  location.assign(`/rota/exchange?${new URLSearchParams({ a: dragged, b: onto.dataset.drop })}`);
});

// --- passkeys: a form with data-passkey asks the browser for one ("get") or has it make one ("create"), and is then sent
// with the answer in its field `credential`. Without script, or in a browser without passkeys, the form stays hidden.

(() => {
  if (!window.PublicKeyCredential || !navigator.credentials) return;

  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const named = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));

  async function challenge(form) {
    const body = new URLSearchParams({ csrf: form.elements.csrf.value });
    const answer = await fetch(form.dataset.challenge, { method: "POST", body, redirect: "error" });
    if (!answer.ok) throw new Error("no challenge");
    const options = await answer.json();
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    if (options.allowCredentials) options.allowCredentials = named(options.allowCredentials);
    if (options.excludeCredentials) options.excludeCredentials = named(options.excludeCredentials);
    return options;
  }

  function written(credential) {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = text(credential.response[name]);
    }
    if (credential.response.getTransports) response.transports = credential.response.getTransports();
    const { id, type } = credential;
    return JSON.stringify({ id, rawId: text(credential.rawId), type, response, clientExtensionResults: {} });
  }

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const failed = form.querySelector("[data-failed]");
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      if (form.elements.credential.value) return;
      event.preventDefault();
      const button = form.querySelector("button");
      failed.hidden = true;
      button.disabled = true;
      try {
        const publicKey = await challenge(form);
        form.elements.credential.value = written(await navigator.credentials[form.dataset.passkey]({ publicKey }));
        form.submit();
      } catch {
        // Whoever says no to their device has said no: the page says so, and the button is there again.
        failed.hidden = false;
        button.disabled = false;
        form.elements.credential.value = "";
      }
    });
  }
  for (const each of document.querySelectorAll("[data-without-passkey]")) each.hidden = true;
  // Coming back to a page that the browser kept: what was asked for then has been used.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll("form[data-passkey]")) {
      form.elements.credential.value = "";
      form.querySelector("button").disabled = false;
    }
  });
})();
