/** SQLSTATE of an error that PostgreSQL raised, or undefined when it came from elsewhere. */
export function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

const socketCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ENOTFOUND",
  "ETIMEDOUT",
  "ENOENT",
  "EHOSTUNREACH",
]);

/** True when the server or the way to it is at fault: nothing is known of what was sent, waiting may help. */
export function isConnectionFailure(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return state.startsWith("08") || state.startsWith("57P") || state.startsWith("53");
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code === "string" && socketCodes.has(code)) return true;
  return (
    typeof message === "string" &&
    /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable|Query read timeout/i.test(
      message,
    )
  );
}

/** True when the same statement may succeed when it is sent again: deadlock or serialization failure. */
export function isTransient(error: unknown): boolean {
  const state = sqlState(error);
  return state === "40001" || state === "40P01";
}

/** True when some row of the statement is at fault, so that a batch without it may succeed. */
export function isItemFault(error: unknown): boolean {
  return sqlState(error) !== undefined && !isConnectionFailure(error) && !isTransient(error);
}
