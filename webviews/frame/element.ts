/** @file Elements made in one expression. Text is always text: nothing here reads HTML. */

/** What an element begins with. */
export interface ElementSetup {
  readonly class?: string;
  readonly text?: string;
  readonly title?: string;
  /** `true` is an attribute without a value; `undefined` and `false` leave it out. */
  readonly attributes?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly children?: readonly (Node | string)[];
  readonly onClick?: (event: MouseEvent) => void;
}

/** Makes an element. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  setup: ElementSetup = {},
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  const target: HTMLElement = made;
  if (setup.class !== undefined) made.className = setup.class;
  if (setup.text !== undefined) made.textContent = setup.text;
  if (setup.title !== undefined) made.title = setup.title;
  for (const [name, value] of Object.entries(setup.attributes ?? {})) {
    if (value === undefined || value === false) continue;
    made.setAttribute(name, value === true ? "" : String(value));
  }
  if (setup.children !== undefined) made.append(...setup.children);
  if (setup.onClick !== undefined) target.addEventListener("click", setup.onClick);
  return made;
}

/** One of VS Code's icons, for the eye only. */
export function icon(name: string): HTMLElement {
  return element("span", { class: `codicon codicon-${name}`, attributes: { "aria-hidden": "true" } });
}

/** A button that is an icon; its name is heard and shows when pointed at. */
export function iconButton(
  name: string,
  title: string,
  onClick: (event: MouseEvent) => void,
): HTMLButtonElement {
  return element("button", {
    class: "icon-button",
    title,
    attributes: { type: "button", "aria-label": title },
    children: [icon(name)],
    onClick,
  });
}
