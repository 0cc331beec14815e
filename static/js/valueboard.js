// What every page does beyond links and forms. Everything works without it, only less smoothly.

const root = document.documentElement;
const closest = (event, selector) => event.target.closest?.(selector);

// --- theme: light, dark, or as the system -----------------------------------------------------
function showTheme() {
  const theme = root.dataset.bsTheme ?? "auto";
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
  }
}

function chooseTheme(theme) {
  if (theme === "auto") delete root.dataset.bsTheme;
  else root.dataset.bsTheme = theme;
  try {
    if (theme === "auto") localStorage.removeItem("theme");
    else localStorage.setItem("theme", theme);
  } catch {
    // Storage is refused: the choice lasts as long as the page.
  }
  showTheme();
  document.dispatchEvent(new CustomEvent("theme"));
}

// --- menus, toasts, copying -------------------------------------------------------------------
function dismiss(toast) {
  toast?.remove();
}

function leaveByItself(toast) {
  if (toast.dataset.toast === "warning" || toast.dataset.toast === "error") return;
  let timer;
  const start = () => (timer = setTimeout(() => dismiss(toast), 8000));
  for (const enter of ["pointerenter", "focusin"]) toast.addEventListener(enter, () => clearTimeout(timer));
  for (const leave of ["pointerleave", "focusout"]) toast.addEventListener(leave, start);
  start();
}

document.addEventListener("click", async (event) => {
  const toggle = closest(event, ".nav-toggle");
  if (toggle) {
    toggle.setAttribute("aria-expanded", String(toggle.getAttribute("aria-expanded") !== "true"));
  }
  const choice = closest(event, "[data-theme-choice]");
  if (choice) chooseTheme(choice.dataset.themeChoice);

  if (closest(event, "[data-dismiss]")) dismiss(closest(event, "[data-toast]"));

  // data-copy holds an address relative to this page, or the text itself.
  const copy = closest(event, "[data-copy]");
  if (copy) {
    await navigator.clipboard.writeText(new URL(copy.dataset.copy, location.href).href);
    const before = copy.textContent;
    copy.textContent = "Copied";
    setTimeout(() => (copy.textContent = before), 2000);
  }
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// A menu that the keyboard has left would lie over what comes next.
document.addEventListener("focusin", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// --- focus: errors first, then what a swap marked ---------------------------------------------
function focusMarked(scope) {
  const marked = scope.matches?.("[data-focus]") ? scope : scope.querySelector("[data-focus]");
  marked?.focus();
}

// --- what was typed ---------------------------------------------------------------------------
// Forms with data-keep take long to fill in: leaving the page asks first. The server says with
// data-unsaved that a form came back with text that is saved nowhere.
const unsaved = new Set(document.querySelectorAll("form[data-keep][data-unsaved]"));

document.addEventListener("input", (event) => {
  const form = closest(event, "form[data-keep]");
  if (form) unsaved.add(form);
});

window.addEventListener("beforeunload", (event) => {
  if (unsaved.size) event.preventDefault();
});

// Two clicks on a button are one answer. HTMX looks after its own forms.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent !== undefined) return event.preventDefault();
  form.dataset.sent = "";
  unsaved.delete(form);
});

window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// --- names that a field offers: those of the chosen value type ---------------------------------
function offerNames() {
  const chosen = document.querySelector("[name=value_type]:checked")?.value;
  for (const option of document.querySelectorAll("datalist > [data-kind]")) {
    option.disabled = Boolean(chosen) && option.dataset.kind !== chosen;
  }
}

document.addEventListener("change", (event) => {
  if (event.target.name === "value_type") offerNames();
});
offerNames();

// --- HTMX -------------------------------------------------------------------------------------
function say(text, retry) {
  const place = document.getElementById("request-error");
  if (!place) return;
  place.replaceChildren();
  if (!text) return;
  const note = document.createElement("p");
  note.className = "note is-error";
  note.append(text);
  if (retry) {
    const again = document.createElement("button");
    again.type = "button";
    again.className = "link-button";
    again.textContent = "Try again";
    again.addEventListener("click", retry);
    note.append(" ", again);
  }
  place.append(note);
}

document.addEventListener("htmx:beforeRequest", (event) => {
  event.detail.target?.setAttribute("aria-busy", "true");
});

document.addEventListener("htmx:afterRequest", (event) => {
  event.detail.target?.removeAttribute("aria-busy");
  if (event.detail.successful && !isSignIn(event.detail.xhr)) say("");
});

document.addEventListener("htmx:afterSettle", (event) => {
  focusMarked(event.detail.elt);
  for (const toast of document.querySelectorAll("[data-toast]:not([data-seen])")) watch(toast);
});

const failures = {
  "htmx:responseError": "The server could not answer. Nothing that you typed is lost.",
  "htmx:sendError": "The server cannot be reached. Nothing that you typed is lost.",
  "htmx:timeout": "The server took too long. Nothing that you typed is lost.",
};
for (const [name, text] of Object.entries(failures)) {
  document.addEventListener(name, (event) => {
    const { status } = event.detail.xhr ?? {};
    // The session is over: the page itself asks to sign in, and comes back here.
    if (status === 401) return signInAgain();
    if (status === 403) {
      return unsaved.size
        ? signInAgain()
        : say("You may not do this, or you were signed out meanwhile. Reload the page.");
    }
    const { elt } = event.detail;
    say(text, () => elt.dispatchEvent(new Event(elt.matches("form") ? "submit" : "change", { bubbles: true, cancelable: true })));
  });
}

// A sign-in page that arrives inside a fragment means that the session is over.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (isSignIn(event.detail.xhr)) {
    event.detail.shouldSwap = false;
    signInAgain();
  }
});

function isSignIn(xhr) {
  return xhr.responseURL && new URL(xhr.responseURL).pathname.startsWith("/accounts/login");
}

function signInAgain() {
  if (!unsaved.size) return location.reload();
  say("You were signed out. What you typed is still here: copy it, then reload the page to sign in.");
}

// A question before an act that is asked with hx-confirm stays the browser's own: it needs no code.

function watch(toast) {
  toast.dataset.seen = "";
  leaveByItself(toast);
}

// Empty filters say nothing, and leave the address short.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") return;
  const { parameters } = event.detail;
  for (const [name, value] of Object.entries(parameters)) {
    if (value === "") delete parameters[name];
  }
});
document.addEventListener("submit", (event) => {
  if (event.target.method !== "get") return;
  for (const field of event.target.elements) {
    if (field.name && field.value === "") field.disabled = true;
  }
});

showTheme();
focusMarked(document);
if (document.activeElement === document.body) {
  document.querySelector("form[data-focus-first] input:not([type=hidden])")?.focus();
}
for (const toast of document.querySelectorAll("[data-toast]")) watch(toast);
