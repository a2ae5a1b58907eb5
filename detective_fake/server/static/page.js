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
  if ("same" in fresh.dataset) return; // the server has left out what is here already
  const load = old.dataset.load;
  copyAttributes(old, fresh);
  if (old.dataset.bodyOf) return; // filled when it was opened
  if (old.matches("select, input") && old === document.activeElement) return; // the user is choosing
  const chosen = fresh.value;
  morph(old, fresh);
  if (old.matches("[data-choice] select, [data-choice] input")) old.value = chosen;
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
      const have = [...view.querySelectorAll("[data-hash]")].map((each) => `${each.id}=${each.dataset.hash}`);
      const answer = await fetch(`view${location.search}`, { headers: { "X-Have": have.join(" ") } });
      if (!answer.ok) throw new Error(await reasonOf(answer));
      const fresh = document.createElement("main");
      fresh.innerHTML = await answer.text();
      morph(view, fresh);
      tick();
      entitle();
      settled("refresh");
    }
  } catch (error) {
    say(error instanceof TypeError ? "The server does not answer. This page shows the last known state." : error.message, "refresh");
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
  view.classList.toggle("stale", state === "off");
}

function entitle() {
  document.title = document.getElementById("bar").dataset.title;
}

// --- Buttons and forms ---

async function reasonOf(answer) {
  try {
    return (await answer.json()).message;
  } catch {
    return `The server answered ${answer.status}.`;
  }
}

// A path that begins with a slash is an operation of Detective; the page calls it as an account, as any client does.
async function call(method, path, body, { as, region, type = "application/json" } = {}) {
  const signed = `AWS4-HMAC-SHA256 Credential=${as}/20240101/${region}/detective/aws4_request`;
  const headers = { "Content-Type": type, ...(as ? { Authorization: signed } : { [header]: "page" }) };
  try {
    const answer = await fetch(path, { method, headers, body });
    if (!answer.ok) throw new Error(await reasonOf(answer));
    const refused = as && (await answer.text().then((text) => JSON.parse(text || "{}").UnprocessedAccounts ?? []));
    if (refused?.length) throw new Error(refused.map((each) => `${each.AccountId}: ${each.Reason}`).join("\n"));
    settled("call");
    await refresh();
    return true;
  } catch (error) {
    say(error.message, "call");
    await refresh();
    return false;
  }
}

// A message stays until what it says no longer holds, or the user closes it.
function say(text, kind) {
  message.firstElementChild.textContent = text;
  message.dataset.kind = kind;
  message.hidden = false;
}

function settled(kind) {
  if (message.dataset.kind === kind) message.hidden = true;
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
    const { method, path, body, as, region } = button.dataset;
    const chosen = button.dataset.with && document.querySelector(button.dataset.with).value;
    await call(method, path, chosen ? body.replace("{}", () => JSON.stringify(chosen).slice(1, -1)) : body, { as, region });
    busy.delete(button);
  } else if (button?.id === "dismiss") {
    message.hidden = true;
  }
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if ("choice" in form.dataset) {
    event.preventDefault();
    chooseBy(form);
  }
  if (!form.dataset.path) return;
  event.preventDefault();
  const given = argumentsOf(form);
  const path = form.dataset.path.replace(/\{(\w+)\}/g, (_, name) => {
    const value = encodeURIComponent(given[name]);
    delete given[name];
    return value;
  });
  if (await call(form.dataset.method, path, JSON.stringify(given))) form.reset();
});

document.addEventListener("change", async (event) => {
  const field = event.target;
  if (field.form && "choice" in field.form.dataset) {
    chooseBy(field.form);
  } else if ("scenario" in field.dataset && field.files.length) {
    const file = field.files[0];
    await call("PUT", "state", await file.text(), { type: file.name.endsWith(".toml") ? "application/toml" : "application/json" });
    field.value = "";
  }
});

let typing;

document.addEventListener("input", (event) => {
  if (!("live" in event.target.dataset)) return;
  clearTimeout(typing);
  typing = setTimeout(() => chooseBy(event.target.form, true), 200);
});

// --- Choose what is shown without reloading the page. The choice is in the URL ---

function chooseBy(form, replacing = false) {
  const chosen = new URLSearchParams(location.search);
  for (const name of ["before", "rows", "stack"]) chosen.delete(name);
  for (const [name, value] of new FormData(form)) {
    if (value && value !== "*") chosen.set(name, value);
    else chosen.delete(name);
  }
  choose(`?${chosen}`, replacing);
}

async function choose(search, replacing = false) {
  const place = search === "?" ? "./" : search;
  if (replacing) history.replaceState(null, "", place);
  else history.pushState(null, "", place);
  await refresh();
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[href^='?']");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const to = link.dataset.to;
  await choose(link.getAttribute("href"));
  if (to) view.querySelector(to)?.scrollIntoView({ block: "start" });
});

addEventListener("popstate", refresh);

// --- Details on demand ---

async function unfold(details) {
  if (!details.open || !details.dataset.load) return;
  const answer = await fetch(details.dataset.load);
  const body = details.querySelector("[data-body-of]");
  if (!answer.ok) body.textContent = await reasonOf(answer);
  else if ("text" in details.dataset) body.textContent = await answer.text();
  else body.innerHTML = await answer.text();
}

view.addEventListener("toggle", (event) => unfold(event.target), true);

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
entitle();
setInterval(tick, 1000);
listen();
