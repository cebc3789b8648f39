#!/usr/bin/env node
// Plain JavaScript for any Node from 18 on: it finds the Node that the project is locked to, then hands over to TypeScript.
import { spawn } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import module from "node:module";
import { constants as system } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NODE_MAJOR = "v24.";
const SWITCHED_VARIABLE = "KASSA_NODE_SWITCHED";
const FORWARDED_SIGNALS = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]);

const modules = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "node_modules");

if (process.version.startsWith(NODE_MAJOR)) {
  cacheCompiledCode();
  await import("../src/kassa.ts");
} else {
  switchNode();
}

/** Saves about 300 ms a start: what Node has parsed and stripped of types is kept. */
function cacheCompiledCode() {
  const data = process.env.KASSA_DATA || ".kassa";
  const folder = [join(modules, ".cache", "kassa"), join(data, "compile-cache")].find(isWritable);
  if (folder !== undefined) module.enableCompileCache?.(folder);
}

/** @param {string} folder */
function isWritable(folder) {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function switchNode() {
  const candidates = [
    join(modules, `node-${process.platform}-${process.arch}`, "bin", "node"),
    join(modules, ".bin", "node"),
  ];
  const node = candidates.find((file) => existsSync(file));
  if (node === undefined || process.env[SWITCHED_VARIABLE] !== undefined) {
    console.error(
      `Kassa needs Node 24, this is ${process.version}. Run npm ci (on Linux it brings Node 24 along), or install Node 24.`,
    );
    process.exitCode = 1;
    return;
  }
  const child = spawn(node, process.argv.slice(1), {
    stdio: "inherit",
    env: { ...process.env, [SWITCHED_VARIABLE]: "1" },
  });
  // Ctrl-C reaches both of us; the child alone decides what it means and when to end.
  for (const signal of FORWARDED_SIGNALS) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`Kassa could not start ${node}: ${error.message}`);
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + (system.signals[signal] ?? 0);
  });
}
