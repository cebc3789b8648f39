/**
 * Preloaded into the acquirer's process: reads its code while PostgreSQL still starts, then takes its environment, a line of JSON, from the
 * pipe that is its standard input. Secrets so never stand in the environment that the system shows of a process. When the parent is
 * gone, even by SIGKILL, the pipe ends and the process drains as it would on SIGTERM: none is left behind that nobody knows of.
 */
import { once } from "node:events";
import { createInterface } from "node:readline";

const lines = createInterface({ input: process.stdin });
lines.on("close", () => process.kill(process.pid, "SIGTERM"));
const loading = import("@kassa/acquirer/service");
const [line] = (await once(lines, "line")) as [string];
Object.assign(process.env, JSON.parse(line) as Record<string, string>);
await loading;
