import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

const BYTES = 3_000_000;
const program = `import { endProcess } from ${JSON.stringify(import.meta.resolve("./end-process.ts"))};
process.stdout.write("x".repeat(${BYTES}));
await endProcess(1);`;

test("a pipe that is read slowly gets all that was written before the process ends", async () => {
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  await sleep(500);
  let bytes = 0;
  for await (const chunk of child.stdout) bytes += chunk.length;
  assert.equal(bytes, BYTES);
  assert.deepEqual(await closed, [1, null]);
});

test("a reader that has gone away does not keep the process", async () => {
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  child.stdout.destroy();
  assert.deepEqual(await closed, [1, null]);
});
