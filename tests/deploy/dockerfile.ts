import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** One instruction of a Dockerfile, its lines joined. */
export type Instruction = { readonly name: string; readonly rest: string };
/** A stage: what follows a FROM. */
export type Stage = { readonly name: string; readonly from: string; readonly instructions: readonly Instruction[] };

export const stages: readonly Stage[] = readStages(readFileSync(`${root}Dockerfile`, "utf8"));

/** What a stage says, with what the stages say that it is made from; the nearest first. */
export function chainOf(name: string): Instruction[] {
  const stage = stages.find((candidate) => candidate.name === name);
  return stage === undefined ? [] : [...stage.instructions.toReversed(), ...chainOf(stage.from)];
}

/** Names of the arguments that a build may be given. */
export function argumentNames(): string[] {
  const all = stages.flatMap(({ instructions }) => instructions);
  return all.filter(({ name }) => name === "ARG").map(({ rest }) => rest.split("=")[0] ?? "");
}

function readStages(text: string): Stage[] {
  const found: { name: string; from: string; instructions: Instruction[] }[] = [];
  for (const line of text.replaceAll("\\\n", " ").split("\n")) {
    const [, name = "", rest = ""] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (name === "FROM") {
      const [from = "", stage = ""] = rest.split(/\s+AS\s+/);
      found.push({ name: stage, from, instructions: [] });
    } else if (name !== "") {
      found.at(-1)?.instructions.push({ name, rest });
    }
  }
  return found;
}
