/** @file The exported notebook page's script. The page is whole without it; it adds the theme switch, copying, and charts. */
import { setUpCodeTools } from "./code-tools.ts";
import { setUpContents } from "./contents.ts";
import { drawPlots } from "./plots.ts";
import { applyRememberedTheme, setUpThemeSwitch } from "./theme.ts";

// The script runs in the head, so the remembered theme is there before the first paint.
applyRememberedTheme();
document.addEventListener("DOMContentLoaded", () => {
  setUpThemeSwitch();
  setUpCodeTools();
  setUpContents();
  void drawPlots();
});
