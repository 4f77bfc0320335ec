/** @file Light and dark: the system's choice until the reader makes one, which is remembered. */

const storageKey = "tenon-notebook-theme";
const systemDark = matchMedia("(prefers-color-scheme: dark)");

type Theme = "light" | "dark";
const listeners = new Set<() => void>();

function remembered(): Theme | undefined {
  try {
    const value = localStorage.getItem(storageKey);
    return value === "light" || value === "dark" ? value : undefined;
  } catch {
    return undefined;
  }
}

function remember(theme: Theme): void {
  try {
    localStorage.setItem(storageKey, theme);
  } catch {
    // Where storage is not allowed, the choice lasts as long as the page.
  }
}

/** The theme that the page shows. */
export function currentTheme(): Theme {
  const chosen = document.documentElement.dataset["theme"];
  if (chosen === "light" || chosen === "dark") return chosen;
  return systemDark.matches ? "dark" : "light";
}

/** Calls back when the theme changes. */
export function onThemeChange(listener: () => void): void {
  listeners.add(listener);
}

/** Shows the remembered theme, if there is one. */
export function applyRememberedTheme(): void {
  const theme = remembered();
  if (theme !== undefined) document.documentElement.dataset["theme"] = theme;
}

/** Makes the theme button work. */
export function setUpThemeSwitch(): void {
  const button = document.querySelector<HTMLButtonElement>("[data-nb-theme]");
  if (button === null) return;
  const update = (): void => {
    button.setAttribute("aria-pressed", String(currentTheme() === "dark"));
    for (const listener of listeners) listener();
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    const theme = currentTheme() === "dark" ? "light" : "dark";
    document.documentElement.dataset["theme"] = theme;
    remember(theme);
    update();
  });
  systemDark.addEventListener("change", update);
  update();
}
