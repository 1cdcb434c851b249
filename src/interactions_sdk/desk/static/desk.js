// Everything works without this script: it adds keys, live updates and the browser's time zone.
"use strict";

const main = document.getElementById("main");
const find = (selector) => document.querySelector(selector);
const entries = () => [...document.querySelectorAll("[data-entry]")];

const isTyping = (target) =>
  target.closest("input:not([type=radio]), textarea, select, [contenteditable], dialog") !== null;

function openPanel(panel) {
  panel.open = true;
  panel.querySelector("input:not([type=hidden]):not([type=radio]), textarea, select")?.focus();
}

function startNew() {
  const target = find("[data-new]");
  if (target?.tagName === "SUMMARY") openPanel(target.parentElement);
  else target?.click();
}

function step(by) {
  const all = entries();
  const at = all.findIndex((entry) => entry.contains(document.activeElement));
  const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  next?.querySelector("[data-open]").focus();
  next?.scrollIntoView({ block: "nearest" });
}

function search() {
  const field = find("[data-search]");
  if (field) field.focus();
  else find("[data-search-page]")?.click();
}

const keys = {
  n: startNew,
  "/": search,
  j: () => step(1),
  k: () => step(-1),
  "?": () => document.getElementById("shortcuts")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

// A form that was sent is not sent again by an impatient second click; the server would know, too.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post") return;
  if (event.target.dataset.sent) event.preventDefault();
  else event.target.dataset.sent = "1";
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// Live: fetch this page again after a change, unless somebody is in the middle of something.
const isBusy = () =>
  find("details[open] form, dialog[open]") !== null || isTyping(document.activeElement ?? main);

async function refresh() {
  const response = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!response.ok || response.redirected) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (isBusy()) return;
  const focused = document.activeElement?.closest("[data-entry]")?.querySelector("[data-open]")?.href;
  page.querySelector(".notice")?.remove();
  main.replaceChildren(...page.getElementById("main").childNodes);
  [...main.querySelectorAll("[data-open]")].find((link) => link.href === focused)?.focus();
}

function announce() {
  if (find(".news")) return;
  const news = document.createElement("p");
  news.className = "news";
  news.setAttribute("role", "status");
  const link = document.createElement("a");
  link.href = location.href;
  link.textContent = "Show them";
  news.append("There are changes. ", link);
  main.prepend(news);
}

function listen() {
  const { live, customer } = document.body.dataset;
  if (!live || !window.EventSource) return;
  const source = new EventSource(live);
  source.addEventListener("change", (event) => {
    if (customer && JSON.parse(event.data).customer !== customer) return;
    if (isBusy()) announce();
    else refresh();
  });
  window.addEventListener("pagehide", () => source.close());
}

// The browser's own time zone, until the person chooses one.
async function tellZone() {
  const form = document.getElementById("detect-zone");
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!form || !zone) return;
  form.elements.zone.value = zone;
  const response = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  if (response.ok && zone !== form.dataset.shown && !isBusy()) location.reload();
}

tellZone();
listen();
