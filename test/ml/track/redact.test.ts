/** @file Secrets as they stand in programs, settings and diffs. They are put together here, so that nobody takes them for real ones. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { redactSecrets } from "../../../ml/track/environment/redact.ts";

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/** Letters and digits in an order that doesn't change from run to run. */
function drawn(length: number, from = letters): string {
  let [state, text] = [12_345 + length, ""];
  while (text.length < length) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    text += from[Math.floor((state / 2 ** 32) * from.length)] ?? "";
  }
  return text;
}
const hex = (length: number): string => drawn(length, "0123456789abcdef");
const capitals = (length: number): string => drawn(length, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
const small = (length: number): string => drawn(length, "abcdefghijklmnopqrstuvwxyz");

const password = "hunter2-Correct!Horse";
const keyBody = [drawn(64), drawn(63), `${drawn(40)}==`];
const privateKey = (kind: string): string =>
  [`-----BEGIN ${kind}PRIVATE KEY-----`, ...keyBody, `-----END ${kind}PRIVATE KEY-----`].join("\n");

/** Each with the part that must not be left. */
const secrets: readonly (readonly [name: string, text: string, secret: string])[] = [
  ["an AWS key id", `aws_access_key_id = AKIA${capitals(16)}`, `AKIA${capitals(16)}`],
  ["an AWS secret key", `aws_secret_access_key = ${drawn(38)}+/`, drawn(38)],
  ["an AWS secret key in a program", `secretAccessKey: "${drawn(20)}/${drawn(19)}",`, drawn(19)],
  ["a GitHub token", `git push https://x-access-token:ghp_${drawn(36)}@github.com/a/b`, `ghp_${drawn(36)}`],
  ["a fine-grained GitHub token", `const t = "github_pat_${drawn(22)}_${drawn(59)}"`, drawn(59)],
  ["a GitLab token", `GITLAB="glpat-${drawn(20)}"`, drawn(20)],
  ["a Slack token", `client("xoxb-${drawn(12, "0123456789")}-${drawn(24)}")`, drawn(24)],
  [
    "a Slack webhook",
    `https://hooks.slack.com/services/T${capitals(8)}/B${capitals(8)}/${drawn(24)}`,
    drawn(24),
  ],
  ["a Google key", `fetch(url + "?k=AIza${drawn(35)}")`, drawn(35)],
  ["a Stripe key", `stripe(sk_live_${drawn(24)})`, drawn(24)],
  ["an OpenAI key", `new OpenAI({ apiKey: 'sk-proj-${drawn(48)}' })`, drawn(48)],
  ["a key in a call", `configure(sk-ant-api03-${drawn(80)}-AA)`, drawn(80)],
  ["a Hugging Face token", `login hf_${small(34)}`, small(34)],
  ["an npm token", `//registry.npmjs.org/:_authToken=npm_${drawn(36)}`, drawn(36)],
  ["a PyPI token", `password = pypi-AgEIcHlwaS5vcmc${drawn(120)}`, drawn(120)],
  ["a Databricks token", `host.token(dapi${hex(32)})`, hex(32)],
  ["a Vault token", `vault login hvs.${drawn(90)}`, drawn(90)],
  ["an age key", `AGE-SECRET-KEY-1${capitals(58)}`, capitals(58)],
  ["a JWT", `Cookie: session=eyJhbGciOiJIUzI1NiJ9.eyJ${drawn(60)}.${drawn(43)}`, drawn(60)],
  ["a bearer token", `curl -H "Authorization: Bearer ${drawn(40)}"`, drawn(40)],
  ["basic authentication", `headers["Authorization"] = "Basic ${drawn(22)}=="`, drawn(22)],
  ["curl's user", `curl -s -u admin:${password} https://x.example`, password],
  ["a plain bearer token", 'curl -H "Authorization: Bearer swordfish"', "swordfish"],
  ["a token of another scheme", "Authorization: token swordfish-9", "swordfish"],
  ["a header in a program", "headers.set('Authorization', 'ApiKey swordfish')", "swordfish"],
  ["a flag", `mysql --user root --password=${password} db`, password],
  ["a flag with a space", `tool --api-key ${hex(16)} run`, hex(16)],
  ["a connection string", `postgres://ml:${password}@db.internal:5432/runs`, password],
  ["a connection string with a slash", `postgresql://ml:pa/${password}@db.internal/runs`, password],
  ["a MongoDB address", `mongodb+srv://app:${password}@cluster0.mongodb.net/?w=1`, password],
  ["an address without a user", `redis://:${password}@cache:6379/0`, password],
  ["an address with a token alone", `git clone https://${drawn(30)}@example.com/a.git`, drawn(30)],
  ["an ADO string", `"Server=db;Uid=ml;Pwd=${password};Database=x"`, password],
  ["a JDBC address", `jdbc:postgresql://h/db?user=u&password=${password}`, password],
  ["an Azure storage string", `AccountName=a;AccountKey=${drawn(86)}==;EndpointSuffix=x`, drawn(86)],
  ["a SAS address", `https://a.blob.core.windows.net/c?sv=2024&sig=${drawn(43)}%3D`, drawn(43)],
  ["a signed S3 address", `https://b.s3.amazonaws.com/k?X-Amz-Expires=1&X-Amz-Signature=${hex(64)}`, hex(64)],
  [".env", `DB_PASSWORD=${password}`, password],
  [".env with quotes", `export SMTP_PASS='${password}'`, password],
  ["YAML", `  password: ${password}`, password],
  ["YAML with a plain word", "  db_password: swordfish", "swordfish"],
  ["JSON", `{ "clientSecret": "${password}" }`, password],
  ["JSON on a diff's line", `+  "api_key": "${hex(20)}",`, hex(20)],
  ["a constant", `const dbPassword = "swordfish";`, "swordfish"],
  ["a typed constant", `const accessToken: string = "swordfish";`, "swordfish"],
  ["a call that sets it", "settings.set('password', 'swordfish')", "swordfish"],
  ["flow YAML", "{ user: me, password: hunter2, port: 1 }", "hunter2"],
  ["an unquoted value with signs", "password = p@ss-word!", "p@ss-word!"],
  ["a template with a secret in it", "const apiKey = `${prefix}-swordfish`;", "swordfish"],
  ["a default", "const secret = process.env.SECRET ?? 'swordfish';", "swordfish"],
  ["Python", `API_TOKEN = r"${hex(12)}"`, hex(12)],
  ["XML", `<db.password>${password}</db.password>`, password],
  [".netrc", `machine api.example.com login me password ${password}`, password],
  ["Docker's settings", `"auth": "${drawn(30)}="`, drawn(30)],
  ["a DSN", `SENTRY_DSN=https://${hex(32)}@o1.ingest.sentry.io/2`, hex(32)],
  ["a cookie", `"cookie": "sid=${drawn(20)}"`, drawn(20)],
  ["a key of unknown kind", `init("${drawn(40)}")`, drawn(40)],
  ["a hex key of unknown kind", `init("${hex(40)}")`, hex(40)],
  ["a base64 key of unknown kind", `init(${drawn(30)}/${drawn(30)}+${drawn(12)}==)`, drawn(30)],
  ["a JSON web key", `{"kty":"EC","d":"${drawn(43)}"}`, drawn(43)],
];

describe("secrets in texts", () => {
  for (const [name, text, secret] of secrets)
    it(`takes out ${name}`, () => {
      for (const around of [text, `+${text}`, `-    ${text} // for now`, `before\n${text}\nafter`]) {
        const { text: clean, secrets: count } = redactSecrets(around);
        assert.ok(!clean.includes(secret), `left in: ${clean}`);
        assert.match(clean, /\[redacted:[a-z-]+\]/);
        assert.ok(count >= 1);
      }
    });

  for (const kind of ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "])
    it(`takes out a private key (${kind.trim() || "PKCS 8"})`, () => {
      const forms = {
        plain: privateKey(kind),
        diff: privateKey(kind)
          .split("\n")
          .map((line) => `+${line}`)
          .join("\n"),
        "in a string": `const pem = "${privateKey(kind).replaceAll("\n", String.raw`\n`)}";`,
        "in joined strings": privateKey(kind)
          .split("\n")
          .map((line) => `  "${line}\\n" +`)
          .join("\n"),
        indented: privateKey(kind)
          .split("\n")
          .map((line) => `    ${line}`)
          .join("\n"),
        "cut off": privateKey(kind).split("\n").slice(0, -2).join("\n"),
      };
      for (const [form, text] of Object.entries(forms)) {
        const { text: clean } = redactSecrets(`before = 1;\n${text}\nafter = 2;`);
        for (const line of keyBody) assert.ok(!clean.includes(line.slice(0, 30)), `${form}: ${clean}`);
        assert.match(clean, /before = 1;\n[\s\S]*redacted:private-key[\s\S]*after = 2;$/, form);
      }
    });

  it("takes out what was drawn by chance, nearly always", () => {
    let left = 0;
    for (let at = 0; at < 300; at++) {
      const key = randomBytes(30).toString(at % 3 === 0 ? "hex" : at % 3 === 1 ? "base64" : "base64url");
      if (redactSecrets(`connect("${key}")`).text.includes(key)) left++;
    }
    assert.ok(left <= 15, `${left} of 300 are left`);
  });

  it("leaves programs as they are", () => {
    const program = [
      "diff --git a/ml/tokens.ts b/ml/tokens.ts",
      `index ${hex(40)}..${hex(39)}a 100644`,
      "@@ -1,7 +1,9 @@ export class GradientBoostingClassifierWithCategoricalFeatures {",
      " import { HistogramGradientBoostingRegressor2024 } from './gradient-boosting-regressor-v2.ts';",
      "+const tokens = text.split(' ');",
      "+const maxTokens = 512, padToken = '<pad>', eosToken: string = '</s>';",
      "+const tokenizer = new Tokenizer({ vocabulary: 'bert-base-uncased', model: 'google-bert/bert-base-multilingual-cased' });",
      "+const password = process.env.DB_PASSWORD;",
      "+const token = await readToken(path);",
      "+  readonly password: string;",
      "+  function connect(password: string, token: string | undefined): void {}",
      "+  url: `postgres://${user}:${password}@${host}/db`,",
      "+  api_key: ${{ secrets.API_KEY }}",
      "+const compass = 'north', bypass = 'lane', author = 'Ada';",
      "+read('data/2024-05-17/customers_by_region_and_month_of_contract_2024_final.parquet');",
      "+headers: { Authorization: `Bearer ${token}`, Accept: 'text/plain' },",
      "+const { REGISTRY_PASSWORD: password } = process.env;",
      "+  page_token: token, nextPageToken: token === undefined ? undefined : next,",
      "+export const lstmPass: LayerPass = (x) => x; const secret = credentials.apiKey ?? bearer;",
      "+connect({ password: this.#password, authorization: this.#authorization, headers: { authorization: header } });",
      "+log_in(bearer=token, password=config.password)",
      '+await run(["decrypt", "secret", "plain", "--passphrase-env"]), ["../secret", "/etc/passwd", "x"];',
      '+.option("--no-password", "without a password").option("--token <text>", "the token that is sent")',
      "+`${url}/api?token=${server.token}&page=1`, headers: { authorization: `Bearer ${tokens.get(name) ?? none}` },",
      "+const credentials = `${user}:${password}`;",
      "+const id = '123e4567-e89b-12d3-a456-426614174000';",
      "+const alphabet = 'abcdefghijklmnopqrstuvwxyz';",
      `+      "integrity": "sha512-${drawn(86)}==",`,
      `+oid sha256:${hex(64)}`,
      "+x_train_standardized_with_polynomial_features_of_degree_2 = transform(x_train)",
      "+learningRate: 0.0003, betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.01",
      "+https://github.com/microsoft/onnxruntime/blob/main/docs/OperatorKernels.md#cuda",
      "+1.7976931348623157e308, 0.30000000000000004, 123456789012345678901234567890",
      "+======================== 0123456789 ------------------------------------",
    ].join("\n");
    assert.equal(redactSecrets(program).text, program);
    assert.equal(redactSecrets(program).secrets, 0);
  });

  it("keeps what is around a secret", () => {
    const { text } = redactSecrets(
      `const db = connect("postgres://ml:${password}@db:5432/runs", { pool: 4 });`,
    );
    assert.equal(text, `const db = connect("postgres://ml:[redacted:password]@db:5432/runs", { pool: 4 });`);
  });

  it("does nothing twice", () => {
    for (const [, text] of secrets) {
      const once = redactSecrets(text).text;
      assert.equal(redactSecrets(once).text, once);
    }
  });

  it("leaves out lines that are data", () => {
    const { text } = redactSecrets(`+  "image/png": "${"A".repeat(20_000)}"\n+next`);
    assert.equal(text, "+[redacted:long-line]\n+next");
  });

  it("takes time in proportion to the text, whatever it is", () => {
    const hostile = [
      "a".repeat(4_000),
      "password".repeat(500),
      "password = ".repeat(400),
      "://".repeat(1_300),
      "http://a:".repeat(440),
      `"${"\\".repeat(4_000)}`,
      "eyJ".repeat(1_300),
      "-----BEGIN ".repeat(360),
      "token_".repeat(660),
      "A1".repeat(2_000),
      "curl ".repeat(800),
      "machine a login b ".repeat(220),
      "<password>".repeat(400),
    ];
    for (const line of hostile) {
      const started = process.cpuUsage();
      redactSecrets(`${line}\n`.repeat(60));
      const { user } = process.cpuUsage(started);
      assert.ok(user < 1_500_000, `${line.slice(0, 20)}…: ${Math.round(user / 1000)} ms for 240 KB`);
    }
  });
});
