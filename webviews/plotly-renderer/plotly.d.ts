/** Plotly's bundles carry no types; what the renderer uses of them is declared in its main.ts. */
declare module "plotly.js-cartesian-dist-min" {
  const plotly: {
    react(element: HTMLElement, data: readonly object[], layout: object, config: object): Promise<unknown>;
    addFrames(element: HTMLElement, frames: readonly unknown[]): Promise<unknown>;
    purge(element: HTMLElement): void;
  };
  export default plotly;
}

declare module "plotly.js-strict-dist-min" {
  export { default } from "plotly.js-cartesian-dist-min";
}
