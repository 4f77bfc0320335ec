// An objective for threads: what it does besides depends on the settings.
let trials = 0;

export default async function parabola({ x, mishap = "none" }, trial) {
  trials += 1;
  await trial.setUserAttribute("trialsOfThread", trials);
  if (mishap === "exit") process.exit(3);
  if (mishap === "throw") throw new RangeError("too far");
  if (mishap === "later") {
    setTimeout(() => {
      throw new Error("nobody waits for this");
    }, 1);
    await new Promise(() => {});
  }
  if (mishap === "hang") for (;;);
  if (mishap === "text") return "low";
  for (let step = 0; step < 4; step++) await trial.report(x * x + step, step);
  return x * x;
}
