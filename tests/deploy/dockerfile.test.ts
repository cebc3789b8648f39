import assert from "node:assert/strict";
import { existsSync, globSync } from "node:fs";
import { test } from "node:test";
import { chainOf, root, stages } from "./dockerfile.ts";

const last = stages.at(-1)?.name ?? "";
const said = (instruction: string) => chainOf(last).find(({ name }) => name === instruction)?.rest;

test("a build without a target gives the production image", () => {
  assert.equal(last, "production");
  assert.equal(
    chainOf(last)
      .find(({ name }) => name === "ENV")
      ?.rest.includes("NODE_ENV=production"),
    true,
  );
});

test("Node is process 1: no shell and no script stands between it and SIGTERM", () => {
  assert.equal(said("ENTRYPOINT"), '["node"]');
  assert.deepEqual(JSON.parse(said("CMD") ?? ""), ["main"]);
  assert.equal(said("STOPSIGNAL"), "SIGTERM");
});

test("the user is a number other than root's, so that runAsNonRoot can tell, and owns nothing", () => {
  assert.match(said("USER") ?? "", /^[1-9]\d*:[1-9]\d*$/);
  const copies = chainOf(last).filter(({ name }) => name === "COPY");
  assert.deepEqual(
    copies.filter(({ rest }) => rest.includes("--chown")),
    [],
  );
});

test("what a stage copies from another one, that one is there; what it copies from the repository too", () => {
  for (const { name, instructions } of stages) {
    for (const { rest } of instructions.filter((instruction) => instruction.name === "COPY")) {
      const [, from] = /^--from=(\S+)/.exec(rest) ?? [];
      if (from !== undefined)
        assert.ok(
          stages.some((stage) => stage.name === from),
          `${name}: ${from}`,
        );
      else assert.ok(existsSync(`${root}${rest.split(/\s+/)[0]}`), `${name}: ${rest}`);
    }
  }
});

test("a service's files lie where an image looks for them", () => {
  const services = globSync("services/*", { cwd: root });
  for (const folder of services) assert.ok(existsSync(`${root}${folder}/src/main.ts`), folder);
});
