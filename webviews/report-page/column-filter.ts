/** @file A field that leaves the columns whose names hold what is typed. */

/** Makes the field work: it hides elements with `data-rp-column`, and says how many are left. */
export function setUpColumnFilter(): void {
  const label = document.querySelector<HTMLElement>("[data-rp-filter]");
  const input = label?.querySelector("input") ?? null;
  if (label === null || input === null) return;
  const columns = [...document.querySelectorAll<HTMLElement>("[data-rp-column]")];
  const status = document.querySelector<HTMLElement>("[data-rp-filter-status]");
  label.hidden = false;
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase();
    const names = new Set<string>();
    for (const element of columns) {
      const name = element.dataset["rpColumn"] ?? "";
      element.hidden = !name.toLowerCase().includes(wanted);
      if (!element.hidden) names.add(name);
    }
    if (status !== null)
      status.textContent = wanted === "" ? "" : `${names.size} ${names.size === 1 ? "column" : "columns"}`;
  });
}
