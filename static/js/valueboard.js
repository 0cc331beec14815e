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

// Whoever signed in again meanwhile, on another tab, has another token than this page.
function token() {
  return /(?:^|; )(?:__Host-)?csrftoken=([^;]+)/.exec(document.cookie)?.[1];
}

document.addEventListener("submit", (event) => {
  const field = event.target.elements.csrfmiddlewaretoken;
  if (field) field.value = token() ?? field.value;
}, true);

document.addEventListener("htmx:configRequest", (event) => {
  const { headers, parameters } = event.detail;
  const fresh = token();
  if (!fresh) return;
  headers["X-CSRFToken"] = fresh;
  if ("csrfmiddlewaretoken" in parameters) parameters.csrfmiddlewaretoken = fresh;
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
  if (event.detail.successful) say("");
});

// What had the focus in the part that is swapped has it afterwards too, else the part itself:
// never the body, from where the keyboard would begin anew.
let held;

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target } = event.detail;
  const focused = document.activeElement;
  held = undefined;
  if (!target.contains(focused)) return;
  const same = ["href", "name"].find((name) => focused.hasAttribute(name));
  held = {
    part: target.id || "main",
    twin: same && `${focused.localName}[${same}="${CSS.escape(focused.getAttribute(same))}"]`,
  };
});

function focusHeld() {
  if (!held || document.activeElement !== document.body) return;
  const part = document.getElementById(held.part) ?? document.getElementById("main");
  const twin = held.twin && part.querySelector(held.twin);
  if (!twin && !part.hasAttribute("tabindex")) part.tabIndex = -1;
  (twin || part).focus({ preventScroll: true });
}

document.addEventListener("htmx:afterSettle", (event) => {
  focusMarked(event.detail.elt);
  focusHeld();
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
    if (status === 403) return say("You may not do this. What you typed is still here.");
    const { elt } = event.detail;
    say(text, () => again(elt));
  });
}

// The session is over: HTMX goes to the sign-in page that the server names, unless something was
// typed here, which stays. It can be sent once somebody signed in on another tab.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr, elt } = event.detail;
  const place = xhr.getResponseHeader("HX-Redirect");
  if (!place || !unsaved.size) return;
  event.preventDefault();
  say("You were signed out. What you typed is still here.", () => again(elt));
  const link = Object.assign(document.createElement("a"), { href: place, target: "_blank", textContent: "Sign in on another tab" });
  document.querySelector("#request-error .note button").before(link, ", then ");
});

function again(elt) {
  elt.dispatchEvent(new Event(elt.matches("form") ? "submit" : "change", { bubbles: true, cancelable: true }));
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
