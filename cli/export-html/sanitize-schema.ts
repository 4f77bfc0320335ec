/** @file The elements and attributes that HTML from notebooks may have: text, tables, images and drawings; nothing active. */
import { type Schema, defaultSchema } from "hast-util-sanitize";

const words = (text: string): string[] => text.trim().split(/\s+/);

// A `source` could only be an address to load from.
const textElements = (defaultSchema.tagNames ?? []).filter((name) => name !== "source" && name !== "picture");

/** Allowed inside `svg` only. */
const drawingElements = words(`
  g path rect circle ellipse line polyline polygon text tspan textPath defs linearGradient radialGradient stop clipPath
  mask marker pattern symbol desc
`);

const moreElements = words(`
  abbr address article aside bdi bdo big caption center cite col colgroup data dfn figcaption figure font footer header
  hgroup mark meter nav progress small svg time title u wbr
`);

const drawingAttributes = words(`
  viewBox preserveAspectRatio d x y x1 y1 x2 y2 cx cy r rx ry dx dy points transform fill fillOpacity fillRule stroke
  strokeWidth strokeOpacity strokeDashArray strokeDashOffset strokeLineCap strokeLineJoin strokeMiterLimit opacity
  fontFamily fontSize fontWeight fontStyle textAnchor dominantBaseline alignmentBaseline offset stopColor stopOpacity
  gradientUnits gradientTransform patternUnits patternTransform clipPath clipRule clipPathUnits mask markerStart
  markerMid markerEnd markerWidth markerHeight markerUnits orient refX refY pathLength textLength lengthAdjust rotate
  vectorEffect shapeRendering letterSpacing
`);

const commonAttributes = words(`
  align alt ariaHidden ariaLabel ariaValueMax ariaValueMin ariaValueNow bgColor border cellPadding cellSpacing className
  color colSpan data* dateTime dir headers height hSpace id lang noWrap open role rowSpan rules scope size span style
  summary title vAlign value width
`);

/** What the sanitiser keeps. Values of attributes are looked at by the sanitiser itself. */
export const sanitizeSchema: Schema = {
  ...defaultSchema,
  clobber: [],
  tagNames: [...textElements, ...moreElements, ...drawingElements],
  strip: words("script style template noscript iframe object embed math textarea select xmp"),
  ancestors: {
    ...defaultSchema.ancestors,
    title: ["svg"],
    ...Object.fromEntries(drawingElements.map((name) => [name, ["svg"]])),
  },
  protocols: { href: ["http", "https", "mailto"], src: ["data"], cite: ["http", "https"] },
  attributes: {
    a: ["href"],
    blockquote: ["cite"],
    font: ["face"],
    img: ["src"],
    input: [["type", "checkbox"], ["disabled", true], "checked"],
    meter: words("min max low high optimum"),
    ol: words("start reversed type"),
    progress: ["max"],
    svg: ["xmlns"],
    "*": [...commonAttributes, ...drawingAttributes],
  },
};
