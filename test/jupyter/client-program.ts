/** @file A program that uses a kernel and then ends as its second argument says; it tells its parent the kernel's pid. */
import { KernelClient } from "../../jupyter/client.ts";

const [, , kernelMain = "", how] = process.argv;
const client = await KernelClient.start({ argv: [process.execPath, kernelMain, "{connection_file}"] });
await client.execute("1 + 1").reply;
process.send?.(client.pid, undefined, undefined, () => {
  process.disconnect();
  if (how === "exit") process.exit(0);
  void client.close();
});
