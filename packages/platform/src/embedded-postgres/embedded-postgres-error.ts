/** Why an embedded PostgreSQL did not start. The message is a sentence for the person at the terminal. */
export const embeddedPostgresErrors = {
  platform_unsupported: "no PostgreSQL binaries for this platform",
  folder_unwritable: "the data folder cannot be written",
  folder_in_use: "another process works on the data folder",
  folder_version: "the data was written by another major version",
  folder_incomplete: "the data folder lacks a file that it must have",
  no_space: "the disk is full",
  port_busy: "the port is taken",
  no_user: "PostgreSQL refuses root and no other user can run it",
  attached: "processes of an earlier server still use the data",
  start_failed: "the server ended while it started",
  start_timeout: "the server did not become ready in time",
} as const;

export type EmbeddedPostgresErrorCode = keyof typeof embeddedPostgresErrors;

export class EmbeddedPostgresError extends Error {
  override readonly name = "EmbeddedPostgresError";
  readonly code: EmbeddedPostgresErrorCode;

  constructor(code: EmbeddedPostgresErrorCode, sentence: string, options?: ErrorOptions) {
    super(sentence, options);
    this.code = code;
  }
}

/** The error for a system call that failed on a file below `folder`. */
export function folderError(folder: string, cause: unknown): EmbeddedPostgresError {
  if (cause instanceof EmbeddedPostgresError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  if (code === "ENOSPC" || code === "EDQUOT") return noSpace(folder, cause);
  return new EmbeddedPostgresError(
    "folder_unwritable",
    `The data folder ${folder} cannot be used (${reason}). Make it writable, or choose another with KASSA_DATA=<folder>.`,
    { cause },
  );
}

/** How PostgreSQL and the system say that the disk is full. */
export const DISK_FULL = /No space left on device|Check free disk space/;

export function noSpace(folder: string, cause?: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    "no_space",
    `There is no space left for the data folder ${folder}. Free some (1 GB is enough to begin with), or choose another folder with KASSA_DATA=<folder>.`,
    { cause },
  );
}
