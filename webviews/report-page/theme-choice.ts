/** @file The theme: the system's until the reader chooses one, which is remembered. */

const storageKey = "tenon-report-theme";
const themes = ["light", "dark", "contrast"];

function remembered(): string | undefined {
  try {
    const theme = localStorage.getItem(storageKey) ?? "";
    return themes.includes(theme) ? theme : undefined;
  } catch {
    // Storage may be forbidden to files.
    return undefined;
  }
}

function show(theme: string | undefined): void {
  if (theme === undefined) delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

/** Shows the remembered theme, if there is one. */
export function applyRememberedTheme(): void {
  show(remembered());
}

/** Makes the choice of a theme work. */
export function setUpThemeChoice(): void {
  const label = document.querySelector<HTMLElement>("[data-rp-theme]");
  const choice = label?.querySelector("select") ?? null;
  if (label === null || choice === null) return;
  label.hidden = false;
  choice.value = remembered() ?? "system";
  choice.addEventListener("change", () => {
    const theme = themes.find((name) => name === choice.value);
    show(theme);
    try {
      if (theme === undefined) localStorage.removeItem(storageKey);
      else localStorage.setItem(storageKey, theme);
    } catch {
      // Where storage is not allowed, the choice lasts as long as the page.
    }
  });
}
