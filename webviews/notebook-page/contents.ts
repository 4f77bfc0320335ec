/** @file The table of contents: closed at first on narrow screens, and showing where the reader is. */

const wide = matchMedia("(min-width: 68rem)");

function currentLink(links: ReadonlyMap<Element, HTMLAnchorElement>): HTMLAnchorElement | undefined {
  let current: HTMLAnchorElement | undefined;
  for (const [heading, link] of links) {
    if (current !== undefined && heading.getBoundingClientRect().top > innerHeight * 0.3) break;
    current = link;
  }
  return current;
}

/** Follows the reading position in the table of contents. */
export function setUpContents(): void {
  const details = document.querySelector<HTMLDetailsElement>("[data-nb-contents]");
  if (details === null) return;
  const setOpen = (): void => {
    details.open = wide.matches;
  };
  setOpen();
  wide.addEventListener("change", setOpen);
  const links = new Map<Element, HTMLAnchorElement>();
  for (const link of details.querySelectorAll("a")) {
    const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (heading !== null) links.set(heading, link);
    link.addEventListener("click", () => {
      if (!wide.matches) details.open = false;
    });
  }
  let marked: HTMLAnchorElement | undefined;
  const update = (): void => {
    const link = currentLink(links);
    if (link === marked) return;
    marked?.removeAttribute("aria-current");
    link?.setAttribute("aria-current", "location");
    marked = link;
  };
  let waiting = false;
  document.addEventListener(
    "scroll",
    () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        update();
      });
    },
    { passive: true },
  );
  update();
}
