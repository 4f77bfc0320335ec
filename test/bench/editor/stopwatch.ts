/**
 * @file Measures inside the page what a person waits for: from the trusted click or key to the frame in which what it
 * brings is drawn. Nothing of the driver's own polling is in it.
 */
import type { Locator } from "playwright-core";
import { within } from "../../support/settle.ts";

const patience = 60_000;

/** What is waited for: an element whose text holds `text`, or does not where that is `isOther`. */
export interface Sight {
  readonly selector: string;
  readonly text: string;
  /** True waits for a text that is there and another one. */
  readonly isOther?: boolean;
}

/** Milliseconds from the last click or key in the page of `input` until the page of `output` shows a sight. */
export async function timeToSight(
  input: Locator,
  output: Locator,
  sight: Sight,
  act: () => Promise<void>,
): Promise<number> {
  await input.evaluate((element) => {
    const { documentElement: root, defaultView } = element.ownerDocument;
    for (const type of ["click", "keydown"]) {
      defaultView?.addEventListener(
        type,
        (event) => {
          if (event.isTrusted) root.dataset["tenonInput"] = String(performance.timeOrigin + event.timeStamp);
        },
        { capture: true },
      );
    }
  });
  const shown = output.evaluate(
    (element, { selector, text, isOther = false }) =>
      new Promise<number>((resolve) => {
        new MutationObserver((_, observer) => {
          const isThere = [...document.querySelectorAll(selector)].some(({ textContent }) =>
            isOther ? textContent !== "" && textContent !== text : textContent.includes(text),
          );
          if (!isThere) return;
          observer.disconnect();
          requestAnimationFrame(() => {
            resolve(performance.timeOrigin + performance.now());
          });
        }).observe(element.ownerDocument.documentElement, {
          subtree: true,
          childList: true,
          characterData: true,
          attributes: true,
        });
      }),
    sight,
  );
  const message = `${sight.selector} did not show ${sight.isOther === true ? "another text" : sight.text}`;
  const [end] = await Promise.all([within(shown, patience, message), act()]);
  const start = Number(
    await input.evaluate((element) => element.ownerDocument.documentElement.dataset["tenonInput"]),
  );
  if (!(end > start)) throw new Error(`${message} after the click`);
  return end - start;
}
