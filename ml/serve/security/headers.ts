/** @file The headers that keep browsers from doing harm with an answer. */

/** Names and values in turn, as `writeHead` takes them: of answers that are data. */
export function dataHeaders(isTls: boolean): readonly string[] {
  const headers = ["x-content-type-options", "nosniff", "cache-control", "no-store"];
  return isTls ? [...headers, "strict-transport-security", "max-age=31536000"] : headers;
}

/** Those of a page, whose scripts and styles are within it and have the nonce, and which talks to its own server only. */
export function pageHeaders(isTls: boolean, nonce: string): readonly string[] {
  return [
    ...dataHeaders(isTls),
    "content-security-policy",
    `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    "referrer-policy",
    "no-referrer",
  ];
}
