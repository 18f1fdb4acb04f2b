// Moving posts to another day: by dragging, or by keys (M, arrows, Enter; Escape leaves it where it was).
"use strict";

const days = () => all(".day");
const dayOf = (node) => node?.closest?.(".day");

// move asks for another day and says what came of it.
async function move(id, title, day) {
  const name = new Date(`${day}T12:00`).toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long" });
  try {
    if (await send(`/posts/${id}/day`, { day, back: location.pathname + location.search })) say(`${title}: moved to ${name}.`);
  } catch {
    say("pinfold does not answer. Is it running?", true);
  }
  refresh();
}

const titleOf = (entry) => $("b", entry).textContent;

let dragged = null;
document.addEventListener("dragstart", (e) => {
  const entry = e.target.closest?.(".entry[data-id]");
  if (!entry) return;
  dragged = entry;
  entry.classList.add("dragged");
  e.dataTransfer.effectAllowed = "move";
  e.dataTransfer.setData("text/plain", titleOf(entry));
});
document.addEventListener("dragend", () => { dragged?.classList.remove("dragged"); dragged = null; aim(null); });

// aim shows the day on which a post would come to lie.
function aim(day) {
  for (const d of days()) d.classList.toggle("aim", d === day);
}

document.addEventListener("dragover", (e) => {
  const day = dragged && dayOf(e.target);
  aim(day);
  if (day) e.preventDefault();
});
document.addEventListener("drop", (e) => {
  const day = dragged && dayOf(e.target);
  if (!day) return;
  e.preventDefault();
  const entry = dragged;
  entry.classList.remove("dragged");
  dragged = null;
  aim(null);
  if (day !== dayOf(entry)) move(entry.dataset.id, titleOf(entry), day.dataset.day);
});

let picked = null; // {entry, day}
const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

function letGo() {
  picked?.entry.classList.remove("picked");
  picked = null;
  aim(null);
}

document.addEventListener("keydown", (e) => {
  const entry = e.target.closest?.(".entry[data-id]");
  if (!picked && entry && e.key.toLowerCase() === "m" && !e.ctrlKey && !e.metaKey && !e.altKey) {
    e.preventDefault();
    picked = { entry, day: dayOf(entry) };
    entry.classList.add("picked");
    aim(picked.day);
    say(`${titleOf(entry)} is picked up. Arrow keys choose a day, Enter puts it there, Escape leaves it.`);
    return;
  }
  if (!picked) return;
  if (e.key in steps) {
    e.preventDefault();
    const list = days();
    const to = list[list.indexOf(picked.day) + steps[e.key]];
    if (!to) { say("Go to that month first."); return; }
    picked.day = to;
    aim(to);
    to.scrollIntoView({ block: "nearest" });
    say($(".date", to).textContent.trim().replace(/\s+/g, " "));
  } else if (e.key === "Enter") {
    e.preventDefault();
    const { entry: chosen, day } = picked;
    letGo();
    if (day !== dayOf(chosen)) move(chosen.dataset.id, titleOf(chosen), day.dataset.day);
  } else if (e.key === "Escape" || e.key === "Tab") {
    letGo();
    say("It stays where it was.");
  }
});

// --- photos that are dropped, or chosen ------------------------------------------------------------------------

// upload sends files one pair after the other, so that one that fails takes no other along.
async function upload(files) {
  const drop = $("#drop"), bar = $("progress", drop);
  const total = files.reduce((sum, f) => sum + f.size, 0) || 1;
  let sent = 0, landed = 0;
  const refused = [];
  bar.hidden = false;
  for (const group of groups(files)) {
    const size = group.reduce((sum, f) => sum + f.size, 0);
    try {
      const page = await put(drop, group, (now) => { bar.value = (sent + Math.min(now, size)) / total; });
      for (const item of all("#landed li", page)) {
        if ($(".posted", item)) landed++; else refused.push(item.textContent.replace("!", "").trim());
      }
    } catch (e) {
      refused.push(`${group[0].name}: ${e.message}`);
    }
    sent += size;
    bar.value = sent / total;
  }
  bar.hidden = true;
  const folder = drop.elements.folder.value.split(/[\\/]/).pop();
  say([landed ? `${landed} ${landed === 1 ? "file" : "files"} landed in ${folder}.` : "", ...refused].join(" "), refused.length > 0);
  refresh();
}

// groups keeps a photo and its sidecar together: they get the same number where their name is taken.
function groups(files) {
  const stems = new Map();
  for (const f of files) {
    const stem = f.name.toLowerCase().replace(/\.ya?ml$/, "").replace(/\.[^.]*$/, "");
    stems.set(stem, [...stems.get(stem) ?? [], f]);
  }
  return stems.values();
}

// put sends files and tells how far it is; fetch cannot.
function put(drop, files, tell) {
  const form = new FormData();
  form.append("folder", drop.elements.folder.value);
  for (const f of files) form.append("photos", f);
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open("POST", drop.action);
    request.responseType = "document";
    request.upload.onprogress = (e) => tell(e.loaded);
    request.onload = () => request.status === 200 ? done(request.response)
      : fail(new Error(request.response && $("[role=alert]", request.response)?.textContent.trim() || `it was refused (${request.status}).`));
    request.onerror = () => fail(new Error("the connection broke; send it again."));
    request.send(form);
  });
}

document.addEventListener("change", (e) => {
  if (!e.target.matches("#drop input[type=file]")) return;
  const files = [...e.target.files];
  e.target.value = "";
  upload(files);
});

// What is dragged over the page may be files; how deep in it they are tells when they have left it.
let depth = 0;
const brings = (e) => !dragged && $("#drop") && [...e.dataTransfer?.types ?? []].includes("Files");
const aims = (change) => { depth = change ? depth + change : 0; document.body.classList.toggle("dropping", depth > 0); };
document.addEventListener("dragenter", (e) => { if (brings(e)) aims(1); });
document.addEventListener("dragleave", (e) => { if (brings(e)) aims(-1); });
document.addEventListener("dragover", (e) => { if (brings(e)) { e.preventDefault(); e.dataTransfer.dropEffect = "copy"; } });
document.addEventListener("drop", (e) => {
  if (!brings(e)) return;
  e.preventDefault();
  aims(0);
  upload([...e.dataTransfer.files]);
});
