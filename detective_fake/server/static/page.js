"use strict";

// The server renders everything. This script updates what changes, and sends control calls for buttons and forms.

const view = document.getElementById("view");
const live = document.getElementById("live");
const message = document.getElementById("message");
const header = document.body.dataset.header;

// --- Replace the page by a new version without touching elements that are the same ---

function keyOf(node) {
  return node.nodeType === Node.ELEMENT_NODE ? node.id || node.dataset.key || null : null;
}

function isLike(old, fresh) {
  return old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName && keyOf(old) === keyOf(fresh);
}

function copyAttributes(old, fresh) {
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && name !== "open") old.setAttribute(name, value); // the user opens and closes
  }
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  }
}

// Elements with a key are not moved unless their order changes, as they may have the focus.
function morph(old, fresh) {
  const children = [...fresh.childNodes];
  const keys = new Set(children.map(keyOf));
  const byKey = new Map();
  for (const node of [...old.childNodes]) {
    const key = keyOf(node);
    if (key && !keys.has(key)) node.remove();
    else if (key) byKey.set(key, node);
  }
  let place = old.firstChild;
  for (const child of children) {
    const key = keyOf(child);
    let match = key ? byKey.get(key) : place;
    while (key && match && place && place !== match && !keyOf(place)) place = removed(place);
    while (!key && match && keyOf(match)) match = match.nextSibling;
    if (match && isLike(match, child)) {
      if (match !== place) old.insertBefore(match, place);
      else place = place.nextSibling;
      update(match, child);
    } else {
      old.insertBefore(child, place);
      if (key) child.classList.add("new");
    }
  }
  while (place) place = removed(place);
}

function removed(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}

function update(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  const load = old.dataset.load;
  copyAttributes(old, fresh);
  if (old.dataset.bodyOf) return; // filled when it was opened
  if (old.nodeName === "SELECT" && old === document.activeElement) return; // the user is choosing
  const chosen = fresh.value;
  morph(old, fresh);
  if (old.matches("[data-choice] select")) old.value = chosen;
  if (load !== old.dataset.load) unfold(old);
}

// --- Follow changes ---

let isFetching = false;
let isStale = false;

async function refresh() {
  isStale = true;
  if (isFetching) return;
  isFetching = true;
  try {
    while (isStale) {
      isStale = false;
      const answer = await fetch(`view${location.search}`);
      if (!answer.ok) throw new Error(await reasonOf(answer));
      const fresh = document.createElement("main");
      fresh.innerHTML = await answer.text();
      morph(view, fresh);
      tick();
      filter();
    }
  } catch (error) {
    say(error.message);
  } finally {
    isFetching = false;
  }
}

function listen() {
  const events = new EventSource("events");
  events.addEventListener("change", refresh);
  events.onopen = () => isLive("on", "live");
  events.onerror = () => isLive("off", "not connected, retrying");
  addEventListener("pagehide", () => events.close());
}

function isLive(state, word) {
  live.className = `live ${state}`;
  live.querySelector(".word").textContent = word;
}

// --- Buttons and forms ---

async function reasonOf(answer) {
  try {
    return (await answer.json()).message;
  } catch {
    return `The server answered ${answer.status}.`;
  }
}

async function call(method, path, body) {
  try {
    const answer = await fetch(path, {
      method,
      headers: { [header]: "page", "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(await reasonOf(answer));
    await refresh();
    return true;
  } catch (error) {
    say(error.message);
    return false;
  }
}

let hiding;

function say(text) {
  message.textContent = text;
  message.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => (message.hidden = true), 9000);
}

function valueOf(field) {
  if (field.value === "") return field.dataset.empty === "null" ? null : undefined;
  if (field.type === "number") return Number(field.value);
  if ("list" in field.dataset) return field.value.split(/[\s,;]+/).filter(Boolean);
  if (["true", "false"].includes(field.value)) return field.value === "true";
  return field.value;
}

function argumentsOf(form) {
  const found = {};
  for (const field of form.elements) {
    if (!field.name) continue;
    const name = field.selectedOptions?.[0]?.dataset.name ?? field.name;
    const value = valueOf(field);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

const busy = new Set();

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.copy) {
    copy(button);
  } else if (button?.dataset.path) {
    if (button.dataset.confirm && !confirm(button.dataset.confirm)) return;
    if (busy.has(button)) return;
    busy.add(button); // not disabled, as it would lose the focus
    await call(button.dataset.method, button.dataset.path, button.dataset.body && JSON.parse(button.dataset.body));
    busy.delete(button);
  }
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.path) return;
  event.preventDefault();
  const given = argumentsOf(form);
  const path = form.dataset.path.replace(/\{(\w+)\}/g, (_, name) => {
    const value = encodeURIComponent(given[name]);
    delete given[name];
    return value;
  });
  if (await call(form.dataset.method, path, given)) form.reset();
});

document.addEventListener("change", async (event) => {
  const field = event.target;
  if (field.form && "choice" in field.form.dataset) {
    const chosen = new URLSearchParams([...new FormData(field.form)].filter(([, value]) => value));
    choose(`?${chosen}`);
  } else if ("scenario" in field.dataset && field.files.length) {
    try {
      await call("PUT", "scenario", JSON.parse(await field.files[0].text()));
    } catch {
      say(`${field.files[0].name} is not JSON. Load a scenario in TOML with: detective-fake serve --scenario FILE`);
    }
    field.value = "";
  } else if (field.id === "only-failed") {
    filter();
  }
});

// --- Choose an account or a Region without reloading the page ---

function choose(search) {
  history.pushState(null, "", search === "?" ? "./" : search);
  refresh();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='?']");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  choose(link.getAttribute("href"));
});

addEventListener("popstate", refresh);

// --- Calls: details on demand, and the filter ---

async function unfold(details) {
  if (!details.open || !details.dataset.load) return;
  const answer = await fetch(details.dataset.load);
  details.querySelector("[data-body-of]").innerHTML = answer.ok ? await answer.text() : "This call is no longer in the journal.";
}

view.addEventListener("toggle", (event) => unfold(event.target), true);

function filter() {
  const words = (document.getElementById("filter")?.value ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  document.getElementById("calls")?.classList.toggle("only-failed", document.getElementById("only-failed").checked);
  for (const each of document.querySelectorAll(".call")) {
    const text = each.firstElementChild.textContent.toLowerCase();
    each.classList.toggle("out", !words.every((word) => text.includes(word)));
  }
}

view.addEventListener("input", (event) => {
  if (event.target.id === "filter") filter();
});

// --- The clock ---

let shown = "";
let ahead = 0;

function fakeNow() {
  const now = document.getElementById("now");
  if (now.dateTime !== shown) {
    shown = now.dateTime;
    ahead = Date.parse(shown) - Date.now();
  }
  return now.dataset.frozen === "yes" ? Date.parse(shown) : Date.now() + ahead;
}

function inWords(milliseconds) {
  if (milliseconds <= 0) return "due, runs before the next call";
  const seconds = Math.round(milliseconds / 1000);
  for (const [size, name] of [[86400, "day"], [3600, "hour"], [60, "minute"]]) {
    if (seconds >= size) {
      const count = Math.round(seconds / size);
      return `in ${count} ${name}${count === 1 ? "" : "s"}`;
    }
  }
  return `in ${seconds} s`;
}

function tick() {
  const now = fakeNow();
  const text = new Date(now).toISOString().slice(0, 19).replace("T", " ");
  const clock = document.getElementById("now");
  if (clock.textContent !== text) clock.textContent = text;
  for (const each of document.querySelectorAll("[data-due]")) {
    const words = inWords(Date.parse(each.dateTime) - now);
    if (each.textContent !== words) each.textContent = words;
  }
}

async function copy(button) {
  const text = document.getElementById(button.dataset.copy).textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(document.getElementById(button.dataset.copy));
    button.textContent = "Selected";
  }
  setTimeout(() => (button.textContent = "Copy"), 1500);
}

tick();
setInterval(tick, 1000);
listen();
