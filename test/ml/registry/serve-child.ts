/** @file A server in a process of its own, which the tests kill. */
import { startServer } from "../../../ml/registry/index.ts";

const [folder = "", database = "", artifacts = ""] = process.argv.slice(2);
const server = await startServer({
  folder,
  port: 0,
  ...(database !== "" && { database }),
  ...(artifacts !== "" && { artifacts }),
});
process.stdout.write(`${server.url}\n`);
