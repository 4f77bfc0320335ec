/** @file A thread of a training: it waits for jobs and calls kernels, until it is told to stop. */
import { parentPort, workerData } from "node:worker_threads";
import {
  callerSleepsWord,
  crewPlace,
  failedWord,
  jobWord,
  numberedKernels,
  pendingWord,
  runPlace,
  sleepersWord,
  stopKernel,
  wordCount,
  type CrewMember,
} from "./crew-protocol.ts";
import { bindKernels } from "./kernels.ts";

/** How often a thread looks for a job before it sleeps: some 50 microseconds. */
const looks = 10_000;

// SAFETY: crew.ts starts this file, with a CrewMember.
const { memory, control, thread } = workerData as CrewMember;
const kernels = bindKernels(memory);
const names = numberedKernels(kernels);
const words = new Int32Array(memory.buffer, control, wordCount);
const place = crewPlace(memory.buffer, control, thread);

function nextJob(last: number): number {
  for (let look = 0; look < looks; look++) {
    const job = Atomics.load(words, jobWord);
    if (job !== last) return job;
  }
  // Whoever changes the job after this sees a sleeper; whoever did before keeps it from sleeping.
  Atomics.add(words, sleepersWord, 1);
  Atomics.wait(words, jobWord, last);
  Atomics.sub(words, sleepersWord, 1);
  return Atomics.load(words, jobWord);
}

parentPort?.postMessage("ready");
for (let job = 0; ;) {
  const next = nextJob(job);
  if (next === job) continue;
  job = next;
  if (place.head[0] === stopKernel) break;
  try {
    runPlace(kernels, names, place);
  } catch {
    Atomics.store(words, failedWord, 1);
  }
  const isLast = Atomics.sub(words, pendingWord, 1) === 1;
  if (isLast && Atomics.load(words, callerSleepsWord) !== 0) Atomics.notify(words, pendingWord);
}
