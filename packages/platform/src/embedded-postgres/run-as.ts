import { spawnSync } from "node:child_process";
import { chownSync, statSync } from "node:fs";
import { EmbeddedPostgresError } from "./embedded-postgres-error.ts";

/**
 * PostgreSQL refuses to run as root. This is how its programs are run: as ourselves, as another user, or as another user that
 * keeps one capability of root's, because the data or the binaries lie below a folder that it could not enter otherwise.
 */
export type RunAs = {
  /** Undefined: as ourselves. */
  readonly user: UserIds | undefined;
  /** What to put before a command. Empty: nothing, the ids are given to spawn. */
  readonly prefix: readonly string[];
};

type UserIds = { readonly uid: number; readonly gid: number };

/** In order of preference. `nobody` exists everywhere and is for systems whose list of users is read-only. */
const USER_NAMES = ["postgres", "nobody"] as const;
const CREATED_USER = "postgres";

/** The ways of making a system user, as Debian and Red Hat, and as BusyBox have it. */
const CREATE_USER_COMMANDS: readonly (readonly string[])[] = [
  ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", CREATED_USER],
  ["adduser", "-S", "-D", "-H", CREATED_USER],
];

/** The first lets a process enter and read everything; containers often lack it and have the second, which also lets it write. */
const CAPABILITIES = ["dac_read_search", "dac_override"] as const;

const COMMAND_TIMEOUT_MS = 10_000;

/** The user for a new or existing data folder: its owner, unless that is root. */
export function chooseUser(existingData: string): UserIds | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(existingData, { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return findUser(USER_NAMES[0]) ?? createUser() ?? findUser(USER_NAMES[1]) ?? noUser();
}

/** Gives files to the user that PostgreSQL runs as; nothing to do when that is ourselves. */
export function giveTo(user: UserIds | undefined, ...paths: string[]): void {
  if (user === undefined) return;
  for (const path of paths) chownSync(path, user.uid, user.gid);
}

/**
 * The least privileged way in which `user` can execute `program` and enter `folder`, which is the user's own.
 * @throws EmbeddedPostgresError `no_user`
 */
export function chooseRunAs(user: UserIds | undefined, program: string, folder: string): RunAs {
  if (user === undefined) return { user, prefix: [] };
  const ways: RunAs[] = [
    { user, prefix: [] },
    ...CAPABILITIES.map((capability) => ({ user, prefix: withCapability(user, capability) })),
  ];
  const way = ways.find((candidate) => canUse(candidate, program, folder));
  if (way !== undefined) return way;
  throw new EmbeddedPostgresError(
    "no_user",
    `PostgreSQL refuses to run as root, and the user it would run as (uid ${user.uid}) can reach ${program} or ${folder} in no way. Start Kassa as an ordinary user, or move both to where every user can go (KASSA_DATA=<folder>).`,
  );
}

/** The command line and the ids for spawn that run `command` in that way. */
export function spawnPlan(way: RunAs, command: string, args: readonly string[]) {
  const [program = command, ...rest] = [...way.prefix, command, ...args];
  const ids = way.user !== undefined && way.prefix.length === 0 ? way.user : {};
  return { program, args: rest, ids };
}

/** Does it for real: access(2), and with it test -x, knows nothing of capabilities. */
const TRY_OUT = 'cd "$1" && exec "$2" --version';

function canUse(way: RunAs, program: string, folder: string): boolean {
  const plan = spawnPlan(way, "sh", ["-c", TRY_OUT, "sh", folder, program]);
  const options = { ...plan.ids, cwd: "/", stdio: "ignore", timeout: COMMAND_TIMEOUT_MS } as const;
  return spawnSync(plan.program, plan.args, options).status === 0;
}

function withCapability(user: UserIds, capability: string): string[] {
  return [
    "setpriv",
    `--reuid=${user.uid}`,
    `--regid=${user.gid}`,
    "--clear-groups",
    "--securebits=+no_setuid_fixup", // else access(2), by which initdb looks for its neighbours, ignores the capability
    `--inh-caps=+${capability}`,
    `--ambient-caps=+${capability}`,
  ];
}

function findUser(name: string): UserIds | undefined {
  const uid = numericId("-u", name);
  const gid = numericId("-g", name);
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

function numericId(flag: "-u" | "-g", name: string): number | undefined {
  const run = spawnSync("id", [flag, name], { encoding: "utf8", timeout: COMMAND_TIMEOUT_MS });
  const id = Number.parseInt(run.stdout ?? "", 10);
  return run.status === 0 && id > 0 ? id : undefined;
}

function createUser(): UserIds | undefined {
  for (const [program = "", ...args] of CREATE_USER_COMMANDS) {
    if (spawnSync(program, args, { timeout: COMMAND_TIMEOUT_MS }).status === 0) return findUser(CREATED_USER);
  }
  return undefined;
}

function noUser(): never {
  throw new EmbeddedPostgresError(
    "no_user",
    "PostgreSQL refuses to run as root, there is no user postgres, and none could be made. Create one (useradd --system postgres), or start Kassa as an ordinary user.",
  );
}
