/** @file Copying a cell's code, hiding all code, and opening long outputs. */

function copied(button: HTMLButtonElement): void {
  button.classList.add("nb-copied");
  button.setAttribute("aria-label", "Copied");
  setTimeout(() => {
    button.classList.remove("nb-copied");
    button.setAttribute("aria-label", "Copy the code");
  }, 1600);
}

/** For pages opened as files in browsers that keep the clipboard from them. */
function copyBySelection(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "nb-offscreen";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

async function copy(button: HTMLButtonElement): Promise<void> {
  const text = button.closest(".nb-input")?.querySelector("code")?.textContent ?? "";
  try {
    await navigator.clipboard.writeText(text);
    copied(button);
  } catch {
    if (copyBySelection(text)) copied(button);
    button.focus();
  }
}

function setUpExpand(button: HTMLButtonElement): void {
  const text = button.previousElementSibling;
  const closedLabel = button.textContent;
  if (text === null || text.scrollHeight <= text.clientHeight + 1) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const open = text.classList.toggle("nb-open");
    button.setAttribute("aria-expanded", String(open));
    button.textContent = open ? "Show less" : closedLabel;
    if (!open) button.scrollIntoView({ block: "nearest" });
  });
}

function setUpHideCode(button: HTMLButtonElement): void {
  button.hidden = false;
  button.addEventListener("click", () => {
    const hidden = document.documentElement.classList.toggle("nb-hide-code");
    button.setAttribute("aria-pressed", String(hidden));
  });
}

/** Outputs bring their own scrolling boxes; the keyboard must reach them. */
function makeScrollersReachable(): void {
  for (const element of document.querySelectorAll<HTMLElement>(".nb-output, .nb-html *")) {
    const overflow = getComputedStyle(element).overflowX;
    if ((overflow === "auto" || overflow === "scroll") && element.scrollWidth > element.clientWidth)
      element.tabIndex = 0;
  }
}

/** Makes the buttons of cells and outputs work. */
export function setUpCodeTools(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-nb-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => void copy(button));
  }
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-nb-expand]")) setUpExpand(button);
  const hide = document.querySelector<HTMLButtonElement>("[data-nb-code]");
  if (hide !== null) setUpHideCode(hide);
  makeScrollersReachable();
}
