// The setup pages work without this. With it: folders open in place, and the browser proposes its time zone.
"use strict";

{
  const zone = document.querySelector("[data-zone]");
  if (zone) {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (own && !zone.getAttribute("aria-invalid")) zone.value = own;
    document.getElementById(zone.getAttribute("list")).replaceChildren(...(Intl.supportedValuesOf?.("timeZone") ?? []).map((name) => new Option(name)));
  }

  // A folder that is opened is the one that is chosen, until another is typed.
  const openFolder = async (link) => {
    const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) { location.assign(link.href); return; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("picker");
    if (!fresh) { location.assign(link.href); return; } // a session that has ended
    document.getElementById("picker").replaceWith(fresh);
    const path = document.getElementById("folder-path");
    path.value = page.getElementById("folder-path").value;
    path.removeAttribute("aria-invalid");
    const at = fresh.querySelector(".at");
    at?.setAttribute("tabindex", "-1");
    at?.focus();
  };
  document.addEventListener("click", (e) => {
    const link = e.target.closest("#picker a");
    if (!link || e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    openFolder(link).catch(() => location.assign(link.href));
  });
}
