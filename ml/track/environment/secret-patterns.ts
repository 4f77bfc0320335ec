/**
 * @file What secrets look like: keys in their issuers' formats, addresses with passwords, and settings whose names say so.
 *
 * Every pattern takes time in proportion to the text: repetitions are bounded or of one class of characters.
 */

/** How a secret is found and what of the match is left. */
export interface SecretPattern {
  /** What it is, for the mark that takes its place. */
  readonly kind: string;
  readonly pattern: RegExp;
  /** Which group is the secret; the whole match where absent. */
  readonly group?: string;
  /** Whether a value is one after all; `after` is what follows the match in its line. */
  readonly accepts?: (secret: string, match: string, after: string) => boolean;
}

const whole = (kind: string, pattern: RegExp): SecretPattern => ({ kind, pattern });

/** Keys and tokens that can be told by their format alone. */
const issuedTokens: readonly SecretPattern[] = [
  whole("aws-key", /\b(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z0-9]{16}\b/g),
  whole("github-token", /\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})/g),
  whole(
    "gitlab-token",
    /\bgl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct)-[A-Za-z0-9_=-]{20,300}(?:\.[a-z0-9]{2}\.[a-z0-9]{9})?/g,
  ),
  whole("slack-token", /\bx(?:ox[a-z]|app)(?:\.xox[a-z])?-[A-Za-z0-9-]{10,250}/g),
  whole("slack-webhook", /hooks\.slack\.com\/(?:services|workflows|triggers)\/[A-Za-z0-9+/]{20,120}/g),
  whole(
    "webhook",
    /(?:discord(?:app)?\.com\/api\/webhooks\/\d{10,25}\/[\w-]{40,100}|\.webhook\.office\.com\/[\w@./-]{40,300})/g,
  ),
  whole("google-key", /\b(?:AIza[\w-]{35}|ya29\.[\w-]{20,1000}|GOCSPX-[\w-]{28})/g),
  whole("stripe-key", /\b(?:[srp]k_(?:live|test|prod)_[A-Za-z0-9]{10,250}|whsec_[A-Za-z0-9+/=]{20,100})/g),
  whole("api-key", /\bsk-(?:proj-|svcacct-|admin-|ant-(?:api|admin)\d{2}-|or-v1-|lf-)?[\w-]{20,300}/g),
  whole("huggingface-token", /\b(?:hf|api_org)_[A-Za-z]{30,60}\b/g),
  whole("npm-token", /\bnpm_[A-Za-z0-9]{36}\b/g),
  whole("pypi-token", /\bpypi-AgE[\w-]{50,1000}/g),
  whole("docker-token", /\bdckr_(?:pat|oat)_[\w-]{20,64}/g),
  whole("databricks-token", /\b(?:dapi|dose|dkea)[a-f0-9]{32}(?:-\d)?\b/g),
  whole("vault-token", /\bhv[sbr]\.[\w-]{24,300}/g),
  whole("age-key", /\bAGE-(?:SECRET-KEY-1|PLUGIN-[A-Z0-9]{1,40}-1)[A-Z0-9]{20,300}/g),
  whole("sendgrid-key", /\bSG\.[\w-]{16,32}\.[\w-]{32,64}/g),
  whole("twilio-key", /\b(?:SK|AC)[0-9a-f]{32}\b/g),
  whole("mailgun-key", /\b(?:key|pubkey)-[0-9a-f]{32}\b/g),
  whole("telegram-token", /\b\d{8,10}:AA[\w-]{32,33}(?![\w-])/g),
  whole("shopify-token", /\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}\b/g),
  whole("digitalocean-token", /\bdo[opr]_v1_[a-f0-9]{64}\b/g),
  whole("atlassian-token", /\bAT(?:ATT|CTT|BB)3?[\w=-]{24,300}/g),
  whole("linear-key", /\blin_(?:api|oauth)_[A-Za-z0-9]{32,64}\b/g),
  whole("grafana-token", /\bgl(?:c|sa)_[A-Za-z0-9+/_=]{32,400}/g),
  whole("newrelic-key", /\bNRA[KA]-[A-Z0-9]{27}\b/g),
  whole("jwt", /\beyJ[\w-]{10,4000}\.eyJ[\w-]{10,8000}(?:\.[\w-]{0,2000})?/g),
  {
    kind: "azure-key",
    pattern: /\b(?:AccountKey|SharedAccessKey|SharedAccessSignature)\s*=\s*(?<secret>[^\s;"'<>]{8,500})/gi,
    group: "secret",
  },
  {
    kind: "signed-url",
    pattern:
      /[?&](?:sig|signature|x-amz-signature|x-amz-security-token|x-amz-credential|x-goog-signature|access_token|api_?key|token|password|secret|key|code)=(?<secret>[^\s&"'`<>)\]}]{6,3000})/gi,
    group: "secret",
    accepts: (secret) => !isReference(secret),
  },
];

/** Addresses that carry a password or a token. */
const addresses: readonly SecretPattern[] = [
  {
    kind: "password",
    pattern: /\b[a-z][a-z0-9+.-]{1,30}:\/\/[^\s:/?#@"'`<>[]{0,200}:(?<secret>[^\s/"'`<>]{1,300})@[\w.[-]/gi,
    group: "secret",
    accepts: (secret) => !isReference(secret),
  },
  {
    // A password with slashes in it, which should have been escaped.
    kind: "password",
    pattern:
      /\b(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|mssql|sqlserver|clickhouse)(?:\+\w{1,20})?:\/\/[^\s:/?#@"'`<>[]{0,200}:(?<secret>[^\s"'`<>]{1,300})@[\w.[-]/gi,
    group: "secret",
    accepts: (secret) => !isReference(secret) && !isMark(secret),
  },
  {
    kind: "token",
    pattern: /\bhttps?:\/\/(?<secret>[^\s:/?#@"'`<>]{8,300})@[\w.[-]/gi,
    group: "secret",
    accepts: (secret) => !isReference(secret),
  },
];

/** Words by which a name says that its value is secret. */
const secretNames =
  "pass(?:word|wd|phrase|code)?|pwd|secrets?|token|api[_-]?key|apikey|auth[_-]?key|access[_-]?key(?:[_-]?id)?|account[_-]?key|private[_-]?key|signing[_-]?key|encryption[_-]?key|master[_-]?key|shared[_-]?key|service[_-]?key|license[_-]?key|secret[_-]?key|ssh[_-]?key|client[_-]?secret|credentials?|authorization|auth|bearer|cookie|session[_-]?(?:id|key)|connection[_-]?string|conn[_-]?str|dsn|database[_-]?url|webhook(?:[_-]?url)?|salt|otp|pin";

/** The name of a setting up to its end, in any case and spelling: `DB_PASSWORD`, `dbPassword`, `db-password`. */
const settingName = `(?<![A-Za-z0-9])(?<name>[A-Za-z0-9_.-]{0,60}?(?:${secretNames})(?:[_-]?(?:\\d{1,3}|dev|prod|test|staging|old|new|b64|base64|hex|value|raw))?)(?![A-Za-z0-9_])`;

const settings: readonly SecretPattern[] = [
  {
    kind: "secret",
    pattern:
      /\bauthorization["'`]?\s{0,4}[:=,]\s{0,4}(?:["'`]|(?=(?:bearer|basic|digest|token|negotiate|apikey|aws4-[\w-]{1,20})\s{1,4}[^\s"'`]))(?<secret>(?:(?:bearer|basic|digest|token|negotiate|apikey|aws4-[\w-]{1,20})\s{1,4})?[^\s"'`]{4,4000})/gi,
    group: "secret",
    accepts: (secret) => !isReference(secret) && !isPlaceholder(secret),
  },
  {
    kind: "secret",
    pattern: new RegExp(
      `${settingName}["'\`]?\\s{0,20}(?::\\s{0,4}(?:string|str|String)\\s{0,4})?(?:=>|:=|\\?\\?=|\\|\\|=|\\?\\?|\\|\\||[:=])\\s{0,20}(?:[rbuf]{1,2})?(?<quote>["'\`])(?<secret>(?:\\\\.|(?!\\k<quote>)[^\\\\\\n]){1,2000})\\k<quote>`,
      "gi",
    ),
    group: "secret",
    accepts: (secret, match) => isSecretName(match) && !isReference(secret) && !isPlaceholder(secret),
  },
  {
    // A call such as `set("password", "…")`.
    kind: "secret",
    pattern: new RegExp(
      `\\(\\s{0,4}(?<before>["'\`])${settingName}\\k<before>\\s{0,4},\\s{0,4}(?<quote>["'\`])(?<secret>(?:\\\\.|(?!\\k<quote>)[^\\\\\\n]){1,2000})\\k<quote>`,
      "gi",
    ),
    group: "secret",
    accepts: (secret, match) =>
      !/\s/.test(secret) &&
      isSecretName(match.replace(/^\W+/, "")) &&
      !isReference(secret) &&
      !isPlaceholder(secret),
  },
  {
    kind: "secret",
    pattern: new RegExp(
      `${settingName}["'\`]?[ \\t]{0,20}(?:=|:)[ \\t]{0,20}(?<secret>[^\\s"'\`,;(){}[\\]<>]{4,2000})(?![(\\[.\\w])`,
      "gi",
    ),
    group: "secret",
    accepts: (secret, match, after) =>
      isSecretName(match) && !isReference(secret) && !isPlaceholder(secret) && !isCode(secret, after),
  },
  {
    kind: "secret",
    pattern: /\b(?:bearer|basic)\s{1,4}(?<secret>[A-Za-z0-9+/_~.=-]{8,4000})/gi,
    group: "secret",
    accepts: (secret) => /[\d=+/]/.test(secret) || secret.length >= 24,
  },
  {
    kind: "secret",
    pattern:
      /(?<![\w-])--?(?:[a-z-]{0,30}-)?(?:password|passwd|pass|token|secret|api-?key|access-?key|auth|user)(?:=|\s{1,4})["']?(?<secret>[^\s"'`,)\]]{4,500})/gi,
    group: "secret",
    accepts: (secret, match) =>
      !isReference(secret) && !secret.startsWith("-") && (!/user/i.test(match) || secret.includes(":")),
  },
  {
    kind: "secret",
    pattern: /\bcurl\b[^\n]{0,300}?\s-u\s{0,3}["']?[^\s:"']{1,100}:(?<secret>[^\s"']{1,200})/g,
    group: "secret",
  },
  {
    kind: "secret",
    pattern:
      /<(?<tag>[\w.-]{0,40}(?:password|passwd|secret|token|apikey))>(?<secret>[^<\n]{3,500})<\/\k<tag>>/gi,
    group: "secret",
    accepts: (secret) => !isReference(secret),
  },
  {
    // A .netrc file.
    kind: "password",
    pattern:
      /\b(?:machine|login)\s{1,4}\S{1,200}\s{1,40}(?:login\s{1,4}\S{1,200}\s{1,40})?password\s{1,4}(?<secret>\S{1,200})/gi,
    group: "secret",
  },
];

/** In this order: what a format tells is named by it. */
export const secretPatterns: readonly SecretPattern[] = [...issuedTokens, ...addresses, ...settings];

/** Whether a value only says where the secret is: a variable, a template's place, a call. */
function isReference(text: string): boolean {
  const value = text.replace(/^(?:bearer|basic|digest|token|apikey)\s+/i, "");
  if (isMark(value)) return true;
  if (
    /^(?:<[\w .-]+>|%\w+%|process\.env\b.*|os\.environ\b.*|env\b[.[(].*|import\.meta\.env\b.*|secrets\.\w+|vault:.*)$/.test(
      value,
    )
  )
    return true;
  // Of a template what is not filled in counts; its last place may have been cut off.
  const literal = value.replaceAll(/\$?\{[^{}]*\}+|\$\w+/g, "").replace(/\$?\{.*$/, "");
  return literal !== value && !/[A-Za-z0-9]{4}/.test(literal);
}

function isMark(value: string): boolean {
  return value.includes("[redacted:");
}

function isPlaceholder(value: string): boolean {
  return /^(?:\.{2,}|\*+|x{3,}|your[_ -].*|null|none|undefined|true|false|changeme)$/i.test(value);
}

/**
 * Whether an unquoted value is a word of a program: a type, or another name. In settings a value ends with its line; in a program
 * signs follow it, and secrets that follow no quote are none.
 */
function isCode(value: string, after: string): boolean {
  if (
    /^(?:string|number|boolean|unknown|undefined|null|true|false|any|never|object|bigint|symbol|str|int|float|bool|bytes|None|True|False|Optional|Promise|Record|Readonly\w*|Uint8Array|Buffer|await|new|this|self|function|async|typeof|readonly|const|let|var)$/.test(
      value,
    )
  )
    return true;
  const names = /^!{0,2}[A-Za-z_$#][A-Za-z_$]*(?:[?!]?\.#?[A-Za-z_$]+)*[?!]?$/;
  if (!names.test(value)) return false;
  return (
    /^\s*(?:[,;)}\]?|&<>*+-]|\/(?![/*])|[=!]=|=>|=\s|as\s|in\s|of\s)/.test(after) ||
    /^(?:this|self)\./.test(value)
  );
}

/** Whether the name at the beginning of a match ends in the word as a word of its own: `tokens` and `compass` don't. */
function isSecretName(match: string): boolean {
  const name = /^[A-Za-z0-9_.-]+/.exec(match)?.[0] ?? "";
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, "$1_$2")
    .toLowerCase()
    .split(/[_.-]+/);
  return secretEndings.test(words.join("_")) && !harmlessNames.test(words.join("_"));
}

const secretEndings = new RegExp(
  `(?:^|_)(?:${secretNames.replaceAll("[_-]?", "_?")}|\\w{0,30}(?:password|passwd|secret|apikey|passphrase))(?:_?(?:\\d{1,3}|dev|prod|test|staging|old|new|b64|base64|hex|value|raw))?$`,
);

/** Names of machine learning that hold no secrets. */
const harmlessNames =
  /^(?:(?:bos|eos|pad|unk|sep|cls|mask|image|start|end|next|special|stop|first|last|prev|previous|current|target|source|input|output|padding|unknown|max|min|num|word|text|vocab)_token|(?:forward|backward|first|second|train|single|one|two|low|high|band|by|multi|next|last)_?pass|pass|pin|salt|token|auth)$/;
