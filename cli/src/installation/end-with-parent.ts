/**
 * Preloaded into a child process whose standard input is a pipe from its parent: when the parent is gone, even by SIGKILL, the pipe
 * ends and the child drains as it would on SIGTERM. So no process is left behind that nobody knows of.
 */
process.stdin.on("end", () => process.kill(process.pid, "SIGTERM"));
process.stdin.on("error", () => process.kill(process.pid, "SIGTERM"));
process.stdin.resume();
