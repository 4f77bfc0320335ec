import assert from "node:assert/strict";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { clientSource, readSignature } from "../../ml/package/index.ts";
import { generateSigningKeys, signModel } from "../../ml/package/signing/index.ts";
import { addToken, addUser } from "../../ml/registry/access/users.ts";
import { type RunningServer, startServer } from "../../ml/registry/index.ts";
import { Packages } from "../ml/registry/governance/packages.ts";
import { CliFolder, type CliResult, finish } from "./cli-fixture.ts";

describe("Commands of runs and models", function () {
  this.timeout(120_000);
  const packages = new Packages();
  const keys = generateSigningKeys();
  let folder: CliFolder;
  let server: RunningServer;
  /** Tokens by name. */
  const tokens = new Map<string, string>();
  const at = (name: string): string => join(folder.path, name);
  const policy = (rules: readonly object[]): void =>
    writeFileSync(at("tenon.policy.json"), JSON.stringify({ version: 1, rules }));

  /** Runs on the folder's own store. */
  const run = async (...args: readonly string[]): Promise<CliResult> => folder.run(args);
  /** Runs on the server, in someone's name. */
  const as = async (name: string, ...args: readonly string[]): Promise<CliResult> =>
    folder.run(args, { MLFLOW_TRACKING_URI: server.url, MLFLOW_TRACKING_TOKEN: tokens.get(name) ?? "" });
  const told = ({ code, stdout, stderr }: CliResult): string => `${code}\n${stdout}${stderr}`;

  before(async () => {
    folder = await CliFolder.create();
    await packages.write([{ kind: "evaluation", verdict: "passed", figures: { rocAuc: 0.9 } }]);
    await signModel(packages.path("two"), { privateKey: keys.privateKey });
    writeFileSync(at("key.pem"), keys.privateKey);
    writeFileSync(at("key.pub.pem"), keys.publicKey);
    server = await startServer({ folder: at("served"), port: 0 });
    for (const [name, role] of [
      ["ann", "writer"],
      ["bob", "approver"],
      ["kim", "approver"],
      ["ada", "admin"],
    ] as const) {
      await addUser(server.store, name, role, undefined);
      tokens.set(name, await addToken(server.store, name, "test", undefined));
    }
  });
  after(async () => {
    await server.close();
    packages.remove();
    await folder.remove();
  });

  it("register, promote, and write clients of what an alias points to, in a folder", async () => {
    policy([]);
    const registered = await run("register", packages.path("two"), "risk", "--tag", "team=core");
    assert.equal(told(registered), "0\nRegistered models:/risk/1\n");
    const second = await run("register", packages.path("three"), "risk", "--json");
    assert.equal((JSON.parse(second.stdout) as { version: string }).version, "2");
    assert.equal(
      told(await run("promote", "risk", "1", "--alias", "champion")),
      "0\n@champion of risk points to version 1\n",
    );
    const expected = clientSource(await readSignature(packages.path("two")));
    assert.equal((await run("client", "models:/risk@champion")).stdout, expected);
    const written = await run("client", "models:/risk/2", "--out", "client.ts");
    assert.equal(told(written), "0\nWrote client.ts\n");
    assert.match(readFileSync(at("client.ts"), "utf8"), /readonly income: number/);
    policy([{ alias: "champion", compatibleSignature: true, approvals: 1 }]);
    const refused = await run("promote", "risk", "@latest", "--alias", "champion");
    assert.equal(
      told(refused),
      `1
The policy refuses @champion for version 2 of risk:
  ✗ the input "income" is new, and needs a value: callers of version 1 would fail
  ✗ it has 0 of 1 approval
`,
    );
    policy([]);
    await run("promote", "risk", "2", "--alias", "champion");
    assert.equal(
      told(await run("rollback", "risk", "--alias", "champion")),
      "0\n@champion of risk points to version 1 (before: version 2)\n",
    );
    const list = await run("models", "list");
    assert.match(list.stdout, /^NAME +LATEST +ALIASES .*\nrisk +2 +@champion 1 /);
    const versions = JSON.parse(
      (await run("models", "versions", "risk", "--json")).stdout,
    ) as readonly object[];
    assert.deepEqual(
      versions.map((each) => [Object(each).version, Object(each).aliases]),
      [
        ["2", []],
        ["1", ["champion"]],
      ],
    );
    assert.equal(
      told(await run("demote", "risk", "--alias", "champion")),
      "0\n@champion of risk points to no version\n",
    );
  });

  it("verify what is registered by its signature", async () => {
    const verified = await run("verify", "models:/risk/1", "--key", "key.pub.pem");
    assert.match(told(verified), /^0\nmodels:\/risk\/1 is what was signed: \d+ files\n$/);
    const unsigned = await run("verify", "models:/risk/2", "--key", "key.pub.pem");
    assert.equal(unsigned.code, 1);
  });

  it("verify by whom the policy names, before anything of a model is read", async () => {
    const demand = { version: 1, rules: [], loading: [{ signedBy: ["key.pub.pem"] }] };
    assert.match(
      told(await run("verify", "models:/risk/1")),
      /^2\nerror: no policy demands a signature of models:\/risk\/1: who must have signed is named either by --key/,
    );
    writeFileSync(at("tenon.policy.json"), JSON.stringify(demand));
    try {
      assert.match(
        told(await run("verify", "models:/risk/1")),
        /^0\nmodels:\/risk\/1 is what was signed: \d+ files\n$/,
      );
      assert.equal(
        (await run("client", "models:/risk/1")).stdout,
        clientSource(await readSignature(packages.path("two"))),
      );
      const flipped = at("flipped");
      cpSync(packages.path("two"), flipped, { recursive: true });
      const graph = readFileSync(join(flipped, "model.onnx"));
      graph[0] = (graph[0] ?? 0) ^ 1;
      writeFileSync(join(flipped, "model.onnx"), graph);
      const other = at("other");
      cpSync(packages.path("three"), other, { recursive: true });
      await signModel(other, { privateKey: generateSigningKeys().privateKey });
      const cases: readonly (readonly [model: string, reason: RegExp])[] = [
        ["models:/risk/2", /it is not signed\./],
        [packages.path("three"), /it is not signed\./],
        ["flipped", /changed: model\.onnx/],
        ["other", /the signature is by another key/],
      ];
      for (const [model, reason] of cases)
        for (const command of ["verify", "client", "serve"]) {
          const refused = await run(command, model, ...(command === "serve" ? ["--port", "0"] : []));
          const output = told(refused);
          assert.match(output, /^1\nerror: .* is not loaded: .*tenon\.policy\.json demands in loading\.0/);
          assert.match(output, reason, `${command} ${model}`);
          assert.equal(output.trimEnd().split("\n").length, 2, output);
        }
    } finally {
      policy([]);
    }
  });

  it("end when they are interrupted, and leave nothing of what was fetched", async () => {
    let asked = (): void => {};
    let isSilent = false;
    const slow = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
      if (isSilent) asked();
      else if (pathname.endsWith("get-download-uri"))
        response.end(JSON.stringify({ artifact_uri: "mlflow-artifacts:/m" }));
      else if (pathname.endsWith("model-versions/get"))
        response.end(JSON.stringify({ model_version: { name: "m", version: "1" } }));
      else if (searchParams.has("path"))
        response.end(JSON.stringify({ files: [{ path: "MLmodel", is_dir: false, file_size: 10 }] }));
      else {
        response.writeHead(200, { "content-length": 10 });
        response.write("flavor", asked);
      }
    });
    slow.listen(0, "127.0.0.1");
    await once(slow, "listening");
    mkdirSync(at("scratch"));
    try {
      // SAFETY: a server that listens on a port has an address of this kind.
      const uri = `http://127.0.0.1:${(slow.address() as AddressInfo).port}`;
      for (isSilent of [false, true]) {
        const isAsked = new Promise<void>((resolve) => (asked = resolve));
        const child = folder.start(["client", "models:/m/1", "--tracking-uri", uri], {
          TMPDIR: at("scratch"),
        });
        const ended = finish(child);
        await isAsked;
        assert.equal(readdirSync(at("scratch")).length, 1);
        child.kill("SIGINT");
        assert.equal(told(await ended), "130\nerror: interrupted\n");
        assert.deepEqual(readdirSync(at("scratch")), []);
      }
    } finally {
      slow.close();
      slow.closeAllConnections();
    }
  });

  it("keep a log that is exported, verified, and found changed", async () => {
    const exported = await run(
      "audit",
      "export",
      "--out",
      "audit.ndjson",
      "--head",
      "head.json",
      "--key",
      "key.pem",
    );
    assert.equal(told(exported), "0\nWrote audit.ndjson\nWrote head.json\n");
    const head = ["--head", "head.json", "--key", "key.pub.pem"];
    const verified = await run("audit", "verify", ...head);
    assert.match(told(verified), /^0\n✓ The log is whole: 7 entries, with the 7 that the head of .* knows\n/);
    assert.match(told(await run("audit", "verify", "--file", "audit.ndjson", ...head)), /^0\n✓/);
    const lines = readFileSync(at("audit.ndjson"), "utf8").trimEnd().split("\n");
    writeFileSync(at("short.ndjson"), `${lines.slice(0, 5).join("\n")}\n`);
    assert.match(
      told(await run("audit", "verify", "--file", "short.ndjson", ...head)),
      /^1\nThe log of 5 entries is not what was entered:\n {2}✗ the log ends at entry 5, and the head was made at 7\n$/,
    );
    writeFileSync(at("other.ndjson"), lines.join("\n").replace("alias.set", "alias.delete"));
    assert.match(
      told(await run("audit", "verify", "--file", "other.ndjson", "--json")),
      /^1\n\{\n {2}"intact": false/,
    );
    const listed = await run("audit", "list", "-n", "2");
    assert.match(
      listed.stdout,
      /^ *NO .*\n +6 .* promotion\.rolled-back +risk\/1 @champion .*\n +7 .* alias\.delete /,
    );
  });

  it("ask a server in the name of its users, whose approvals count", async () => {
    writeFileSync(
      at("served/tenon.policy.json"),
      JSON.stringify({ version: 1, rules: [{ alias: "champion", approvals: 1, evidence: ["evaluation"] }] }),
    );
    assert.equal(
      told(await as("ann", "register", packages.path("two"), "loans")),
      "0\nRegistered models:/loans/1\n",
    );
    assert.match(
      told(await as("ann", "review", "loans", "1", "--approve")),
      /^1\nerror: .*this needs approver/,
    );
    assert.match(
      told(await as("ann", "promote", "loans", "1", "--alias", "champion")),
      /^1\nerror: .*this needs approver/,
    );
    const refused = await as("bob", "promote", "loans", "1", "--alias", "champion", "--check", "--json");
    assert.equal(refused.code, 1);
    assert.deepEqual((JSON.parse(refused.stdout) as { objections: unknown }).objections, [
      { demand: "approvals", message: "it has 0 of 1 approval" },
    ]);
    const reviewed = await as("kim", "review", "loans", "@latest", "--approve", "-m", "fair by age");
    assert.equal(told(reviewed), "0\nApproved version 1 of loans as kim\n");
    const done = await as("bob", "promote", "loans", "1", "--alias", "champion");
    assert.equal(told(done), "0\n@champion of loans points to version 1\n");
    const shown = await as("ann", "models", "show", "loans", "@champion");
    for (const line of [
      /^authors +ann$/m,
      /^evaluation +passed +rocAuc 0\.9 +the package$/m,
      /^approve +kim +.*fair by age$/m,
    ])
      assert.match(shown.stdout, line);
    assert.match(told(await as("ann", "audit", "verify")), /^0\n✓ The log is whole/);
    assert.match(told(await as("nobody", "models", "list")), /^1\nerror: .*UNAUTHENTICATED/);
  });

  it("list, show, compare and delete runs", async () => {
    const ids: string[] = [];
    for (const [name, depth, loss] of [
      ["first", "3", 0.25],
      ["second", "4", Number.NaN],
    ] as const) {
      const made = (await call("runs/create", { experiment_id: "0", run_name: name, start_time: 1000 })) as {
        run: { info: { run_id: string } };
      };
      const { run_id } = made.run.info;
      ids.push(run_id);
      const metrics = [{ key: "loss", value: Number.isNaN(loss) ? "NaN" : loss, timestamp: 1, step: 0 }];
      const params = [
        { key: "depth", value: depth },
        { key: "seed", value: "1" },
      ];
      await call("runs/log-batch", { run_id, metrics, params });
      await call("runs/update", { run_id, status: "FINISHED", end_time: 3500 });
    }
    const [first = "", second = ""] = ids;
    const listed = await as("ann", "runs", "list", "--order-by", "metrics.loss ASC");
    assert.match(
      listed.stdout,
      new RegExp(
        `^RUN .*TOOK +loss\n${first} +first +Default +finished +1970-01-01 00:00 +2\\.5 s +0\\.25\n${second} `,
      ),
    );
    const filtered = await as("ann", "runs", "list", "--filter", "params.depth = '4'", "--json");
    const found = JSON.parse(filtered.stdout) as readonly { info: { runId: string }; data: object }[];
    assert.deepEqual(
      found.map(({ info, data }) => [info.runId, Object(data).metrics]),
      [[second, { loss: "NaN" }]],
    );
    const compared = await as("ann", "runs", "compare", first, second);
    assert.match(compared.stdout, /param depth +3 +4\nmetric loss +0\.25 +NaN\n$/);
    assert.match(
      (await as("ann", "runs", "show", first)).stdout,
      /^status +finished$[^]*^depth +3$[^]*^loss +0\.25$/m,
    );
    assert.equal(told(await as("ann", "runs", "delete", first)), `0\nDeleted ${first}\n`);
    const deleted = JSON.parse(
      (await as("ann", "runs", "list", "--deleted", "--json")).stdout,
    ) as readonly object[];
    assert.equal(deleted.length, 1);
  });

  it("say in a line what is wrong", async () => {
    const cases: readonly (readonly [args: readonly string[], code: number, message: RegExp])[] = [
      [["runs", "list", "--tracking-uri", "nowhere"], 1, /there is no store of runs at .*nowhere/],
      [["runs", "list", "--experiment", "x"], 1, /there is no experiment "x"; there are: Default/],
      [["runs", "list", "--filter", "loss <"], 1, /Invalid|filter/],
      [["runs", "show", "x"], 1, /Run with id=x not found/],
      [["runs", "compare", "x"], 2, /give two runs or more/],
      [["models", "show", "nobody"], 1, /Registered Model with name=nobody not found/],
      [["register", "nowhere", "risk"], 1, /nowhere is no model: it has no MLmodel/],
      [["review", "risk", "1"], 2, /give --approve or --reject/],
      [["review", "risk", "x", "--approve"], 2, /a version is a number or @ALIAS/],
      [["promote", "risk", "1"], 2, /required option '--alias <alias>'/],
      [["promote", "risk", "9", "--alias", "champion"], 1, /version=9\) not found/],
      [["rollback", "risk", "--alias", "nothing"], 1, /No earlier version of risk had the alias nothing/],
      [["audit", "verify", "--head", "head.json"], 2, /--head and --key belong together/],
      [["audit", "verify", "--head", "key.pem", "--key", "key.pub.pem"], 1, /no signed head of an audit log/],
      [["audit", "verify", "--file", "nowhere.ndjson"], 1, /nowhere.ndjson does not exist/],
      [["client", "models:/risk@nothing"], 1, /alias nothing not found/],
      [["client", "models:/risk/7"], 1, /version=7\) not found/],
    ];
    const refused = cases.map(async ([args, code, message]) => {
      const result = await run(...args);
      assert.equal(result.code, code, `${args.join(" ")}: ${result.stderr}`);
      assert.match(result.stderr, message);
      assert.doesNotMatch(result.stderr, /\n\s+at /);
    });
    await Promise.all(refused);
    assert.equal(existsSync(at("nowhere")), false);
    writeFileSync(at("bad.json"), '{ "version": 1, "rules": [{ "alias": "champion", "approval": 1 }] }');
    const serve = async (file: string): Promise<CliResult> =>
      run("server", "runs", "--port", "0", "--policy", file);
    const [missing, bad] = await Promise.all([serve("nowhere.json"), serve("bad.json")]);
    assert.match(
      told(missing),
      /^1\nerror: .*nowhere\.json: the policy can't be read: there is no such file\n$/,
    );
    assert.match(told(bad), /^1\nerror: .*bad\.json: this is no policy: rules\.0\.approval: /);
  });

  async function call(path: string, body: object): Promise<unknown> {
    const response = await fetch(`${server.url}/api/2.0/mlflow/${path}`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${tokens.get("ann") ?? ""}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(body),
    });
    assert.equal(response.status, 200, path);
    return response.json();
  }
});
