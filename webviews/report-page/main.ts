/** @file The script of reports. A report is whole without it; it adds the choice of a theme, sorting and filtering. */
import { setUpContents } from "../notebook-page/contents.ts";
import { setUpColumnFilter } from "./column-filter.ts";
import { setUpSorting } from "./sorting.ts";
import { applyRememberedTheme, setUpThemeChoice } from "./theme-choice.ts";

// The script runs in the head, so the remembered theme is there before the first paint.
applyRememberedTheme();
document.addEventListener("DOMContentLoaded", () => {
  setUpThemeChoice();
  setUpContents();
  setUpSorting();
  setUpColumnFilter();
});
