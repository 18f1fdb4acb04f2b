// Copy buttons. They appear only where this runs; without it the texts are there to be selected.
for (const button of document.querySelectorAll("button.copy")) {
  const source = document.getElementById(button.dataset.copy);
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = source.value ?? source.textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Over plain http on a NAS there is no clipboard for pages: select the text instead.
      getSelection().selectAllChildren(source);
      source.select?.();
      document.execCommand("copy");
    }
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}
