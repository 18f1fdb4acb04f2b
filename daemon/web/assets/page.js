// The page works without this. With it: parts that change are brought up to date, buttons answer in place, posts can
// be dragged to another day, texts can be copied.
"use strict";

const $ = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// say tells what happened, to eyes and screen readers.
function say(text, alarm = false) {
  const said = $("#said");
  said.textContent = text;
  said.hidden = !text;
  said.classList.toggle("alarm", alarm);
}

// --- parts that change ---------------------------------------------------------------------------------------

// take puts the parts of a page that came into this one. What has the focus keeps it, what is open stays open.
function take(html) {
  const next = new DOMParser().parseFromString(html, "text/html");
  if (all("main [data-live]").some((part) => !next.getElementById(part.id))) whole(next); // the first post has come
  for (const part of all("[data-live]")) {
    const fresh = next.getElementById(part.id);
    if (fresh.innerHTML === part.innerHTML || busy(part)) continue;
    if (part.dataset.kind === "form" && fresh.dataset.kind === "form") continue; // somebody may be filling it in
    const focus = part.contains(document.activeElement) ? document.activeElement : null;
    const path = focus && trail(focus, part);
    const pictures = new Map(all("img", part).map((img) => [img.getAttribute("src"), img]));
    part.className = fresh.className;
    if (fresh.dataset.kind) part.dataset.kind = fresh.dataset.kind;
    part.replaceChildren(...fresh.childNodes);
    for (const img of all("img", part)) { // no flicker: what is shown already stays
      const old = pictures.get(img.getAttribute("src"));
      if (old?.complete && old.naturalWidth) { img.replaceWith(old); pictures.delete(img.getAttribute("src")); }
    }
    if (path) (focus.id && document.getElementById(focus.id) || follow(path, part))?.focus({ preventScroll: true });
    enhance(part);
  }
  document.body.dataset.number = next.body.dataset.number ?? "";
}

// whole puts all of a page that came into this one, but for what is said.
function whole(next) {
  const main = $("#main"), said = $("#said");
  main.className = $("#main", next).className;
  main.replaceChildren(...$("#main", next).childNodes);
  $("#said", main).replaceWith(said);
  enhance(main);
}

// busy tells of a part in which somebody is at work.
const busy = (part) => !!$("details.ask[open], .dragged, .picked", part);

const trail = (node, top) => {
  const path = [];
  for (; node !== top; node = node.parentNode) path.unshift([...node.parentNode.children].indexOf(node));
  return path;
};
const follow = (path, top) => path.reduce((node, i) => node?.children[i], top);

let asking = false, again = false;

// refresh asks for this page anew.
async function refresh() {
  if (asking) { again = true; return; }
  asking = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.redirected && new URL(answer.url).pathname === "/signin") signedOut();
    else if (answer.ok) take(await answer.text());
  } catch { /* the stream's end tells, and it comes back by itself */ }
  asking = false;
  if (again) { again = false; refresh(); }
}

// signedOut leads to the sign-in page, unless what somebody has typed would be lost by that.
function signedOut() {
  if ($("form.edit")) say("You are signed out. Sign in in another window, then go on here.", true);
  else location.reload();
}

// lose says at the top that what stands there may not be so any more.
function lose() {
  const standing = $("#standing");
  standing.className = "standing";
  standing.textContent = "pinfold does not answer; this page waits for it";
}

function listen() {
  if (!document.body.dataset.number) return;
  let source, lost = false;
  const open = () => {
    source = new EventSource("/events");
    source.addEventListener("number", (e) => { if (e.data !== document.body.dataset.number) refresh(); });
    source.addEventListener("open", () => {
      if (!lost) return;
      lost = false;
      say("");
      refresh();
    });
    source.addEventListener("error", () => {
      lost = true;
      lose();
      if (source.readyState !== EventSource.CLOSED) return; // it is tried again
      refresh(); // the server answers, but otherwise: who was signed in may not be any more
      setTimeout(open, 5000);
    });
  };
  open();
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (e) => { if (e.persisted) { open(); refresh(); } });
  setInterval(() => { if (!document.hidden) refresh(); }, 60000); // "in 2 h 10 min"
}

// --- buttons that answer in place ------------------------------------------------------------------------------

async function send(address, values) {
  const answer = await fetch(address, {
    method: "POST", headers: { "Content-Type": "application/x-www-form-urlencoded" }, body: new URLSearchParams(values),
  });
  const html = await answer.text();
  const page = new DOMParser().parseFromString(html, "text/html");
  if (answer.ok) {
    if (new URL(answer.url).pathname === location.pathname) take(html);
    say($("#said", page)?.textContent ?? "");
  } else {
    say($("[role=alert]", page)?.textContent.trim() || `That did not work (${answer.status}).`, true);
  }
  return answer.ok;
}

document.addEventListener("submit", async (e) => {
  const form = e.target;
  if (!form.matches("form[data-quiet]")) return;
  e.preventDefault();
  const button = $("button", form);
  if (button.ariaDisabled) return;
  button.ariaDisabled = "true"; // disabled in earnest it would lose the focus, and who presses by keyboard their place
  try {
    await send(form.action, new FormData(form));
  } catch {
    say("pinfold does not answer. Is it running?", true);
  }
  const sheet = form.closest("details.ask");
  if (sheet?.contains(document.activeElement)) $("summary", sheet).focus();
  sheet?.removeAttribute("open");
  button.ariaDisabled = null;
  refresh();
});

// One sheet at a time; Escape and a press elsewhere close it.
document.addEventListener("click", (e) => {
  for (const sheet of all("details.ask[open]")) if (!sheet.contains(e.target)) sheet.open = false;
});
document.addEventListener("keydown", (e) => {
  if (e.key !== "Escape") return;
  for (const sheet of all("details.ask[open]")) { sheet.open = false; $("summary", sheet).focus(); }
});

// --- pictures --------------------------------------------------------------------------------------------------

// A picture that is still being made is asked for again, a little later each time.
document.addEventListener("error", (e) => {
  const img = e.target;
  if (!(img instanceof HTMLImageElement)) return;
  const tries = +(img.dataset.tries ?? 0) + 1;
  img.dataset.tries = tries;
  img.classList.add("broken");
  if (tries <= 6) setTimeout(() => { const src = img.getAttribute("src"); img.src = ""; img.src = src; }, 1500 * tries);
}, true);
document.addEventListener("load", (e) => e.target.classList?.remove("broken"), true);

// --- texts to copy ---------------------------------------------------------------------------------------------

function copyButton(button) {
  const source = document.getElementById(button.dataset.copy);
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = source.value ?? source.textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch { // over plain http on a NAS there is no clipboard for pages: select the text instead
      if (source.select) source.select(); else getSelection().selectAllChildren(source);
      document.execCommand("copy");
    }
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}

// enhance gives new parts what they need.
function enhance(part) {
  all("button.copy", part).forEach(copyButton);
}

document.documentElement.classList.add("scripted");
enhance(document);
listen();
