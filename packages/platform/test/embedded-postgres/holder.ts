/** A program that runs an embedded PostgreSQL until it is killed: `node holder.ts <options as JSON>`; prints {port, pid} when ready. */
import { startEmbeddedPostgres } from "@kassa/platform/embedded-postgres";

const server = await startEmbeddedPostgres(JSON.parse(process.argv[2] ?? "{}"));
console.log(JSON.stringify({ port: server.port, pid: server.pid }));
setInterval(() => undefined, 60_000);
