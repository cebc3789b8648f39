import { existsSync, mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Refusal } from "./refusal.ts";

/** Where the parts of one installation lie. Everything that must survive is below `root`. */
export type DataFolder = {
  readonly root: string;
  /** The embedded PostgreSQL's own folder. */
  readonly postgres: string;
  readonly secretsFile: string;
  /** Who runs the installation and where it answers; there only while it runs. */
  readonly runningFile: string;
  /** The acquirer's process and port. */
  readonly acquirerFile: string;
  readonly logs: string;
};

/**
 * Makes the folder when it is new and shows that it can be written to, before anything is started.
 * @throws Refusal when it cannot
 */
export function openDataFolder(path: string): DataFolder {
  try {
    makeFolder(resolve(path));
    const folder = dataFolder(realpathSync(path));
    const probe = join(folder.root, `.probe-${process.pid}`);
    writeFileSync(probe, "kassa");
    rmSync(probe);
    mkdirSync(folder.logs, { recursive: true });
    return folder;
  } catch (error) {
    throw refusalOf(resolve(path), error as NodeJS.ErrnoException);
  }
}

/** Not mkdir's `recursive`: where the system says that an existing parent is missing (below /proc), Node never comes back from that. */
function makeFolder(path: string): void {
  if (!existsSync(dirname(path))) makeFolder(dirname(path));
  if (!existsSync(path)) mkdirSync(path);
}

/** The data folder at a path that may not exist. */
export function dataFolder(path: string): DataFolder {
  const root = resolve(path);
  return {
    root,
    postgres: join(root, "postgres"),
    secretsFile: join(root, "secrets.json"),
    runningFile: join(root, "running.json"),
    acquirerFile: join(root, "acquirer.json"),
    logs: join(root, "logs"),
  };
}

/** Replaces a file whole: a kill leaves the old text or the new one, and only the owner can read it. */
export function writeOwnFile(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600, flush: true });
  renameSync(draft, file);
}

/** The sentence for a file of the folder that could not be written because the disk is full, or undefined. */
export function spaceRefusal(path: string, error: unknown): Refusal | undefined {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code === "ENOSPC" || code === "EDQUOT" ? refusalOf(path, error as NodeJS.ErrnoException) : undefined;
}

function refusalOf(path: string, error: NodeJS.ErrnoException): Refusal {
  const elsewhere = "or choose another folder with KASSA_DATA=<folder>.";
  switch (error.code) {
    case "ENOSPC":
    case "EDQUOT":
      return new Refusal(`There is no space left for the data folder ${path}. Free some, ${elsewhere}`);
    case "EROFS":
      return new Refusal(`The data folder ${path} lies on a read-only file system. Make it writable, ${elsewhere}`);
    case "EACCES":
    case "EPERM":
      return new Refusal(`The data folder ${path} cannot be written by this user. Change its owner, ${elsewhere}`);
    case "EEXIST":
    case "ENOTDIR":
      return new Refusal(`The data folder ${path} is a file, or lies below one. Move that away, ${elsewhere}`);
    default:
      return new Refusal(`The data folder ${path} cannot be used (${error.message}). Mend that, ${elsewhere}`);
  }
}
