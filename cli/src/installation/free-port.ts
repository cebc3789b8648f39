import { createServer } from "node:net";
import { Refusal } from "./refusal.ts";

/** Everything of an installation listens here alone. */
export const HOST = "127.0.0.1";

/** The preferred port while it is free, else any free one. */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred === undefined) return tryPort(0);
  return tryPort(preferred).catch(() => tryPort(0));
}

/** @throws Refusal when a server could not listen on the port now */
export async function refuseTakenPort(port: number): Promise<void> {
  await tryPort(port).catch((error: unknown) => {
    throw portRefusal(port, error) ?? error;
  });
}

/** The sentence for a failed attempt to listen, or undefined when the error is none of that kind. */
export function portRefusal(port: number, error: unknown): Refusal | undefined {
  const elsewhere = "or choose another port with KASSA_PORT=<port>.";
  switch ((error as NodeJS.ErrnoException | undefined)?.code) {
    case "EADDRINUSE":
      return new Refusal(`Port ${port} on ${HOST} is taken by another program. Stop that one, ${elsewhere}`);
    case "EACCES":
      return new Refusal(`Port ${port} is not open to this user. Start Kassa with more rights, ${elsewhere}`);
    default:
      return undefined;
  }
}

/** Listens for a moment. Rejects with the system's error. */
function tryPort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, HOST, () => {
      const address = server.address();
      server.close(() => resolve(address !== null && typeof address === "object" ? address.port : port));
    });
  });
}
