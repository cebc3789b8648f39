export type ServerSettings = Readonly<Record<string, string>>;

/** PostgreSQL for one laptop: durable to the last commit, small in memory, quiet. Each line says why it differs from the default. */
const laptopSettings: readonly (readonly [name: string, value: string, why: string])[] = [
  ["listen_addresses", "127.0.0.1", "nobody else's business"],
  ["unix_socket_directories", "", "a socket's path may be too long for the kernel (107 bytes), TCP never is"],
  ["fsync", "on", "a 202 is a promise"],
  ["synchronous_commit", "on", "a 202 is a promise"],
  ["max_connections", "200", "several services with a pool each"],
  ["shared_buffers", "256MB", "the hot part of a laptop's payments"],
  ["effective_cache_size", "1GB", "what the operating system caches beside it"],
  ["maintenance_work_mem", "128MB", "indexes and vacuum of a few million rows in one pass"],
  ["wal_level", "minimal", "no replica reads along"],
  ["max_wal_senders", "0", "no replica reads along"],
  ["wal_buffers", "16MB", "a group commit of hundreds of payments in one write"],
  ["min_wal_size", "256MB", "segments are reused instead of created under load"],
  ["max_wal_size", "2GB", "checkpoints by time, not by volume"],
  ["checkpoint_timeout", "5min", "recovery after a kill reads no more than this much"],
  ["jit", "off", "short statements would pay more for compiling than for running"],
  [
    "max_parallel_workers_per_gather",
    "0",
    "two cores serve many short statements; workers would need shared memory that containers lack",
  ],
  ["random_page_cost", "1.1", "laptops have flash disks"],
  ["autovacuum_naptime", "10s", "the outbox is a queue: its dead rows must go soon"],
  ["timezone", "UTC", "the same answers on every laptop"],
  ["log_timezone", "UTC", "the same as the services' logs"],
  ["log_min_messages", "log", "errors of statements are the caller's to report, their text may hold personal data"],
  ["log_min_error_statement", "panic", "as above"],
  ["log_line_prefix", "%m [%p] ", "when and who"],
];

const HEADER = `# Written by Kassa at every start. Your own settings belong into postgresql.auto.conf (alter system set ...).\n`;

/** The text of postgresql.conf: the laptop's settings with `overrides` laid over them. */
export function renderServerSettings(port: number, overrides: ServerSettings = {}): string {
  const given = new Set(Object.keys(overrides));
  const lines = [
    ...laptopSettings
      .filter(([name]) => !given.has(name))
      .map(([name, value, why]) => `${assign(name, value)} # ${why}`),
    ...Object.entries(overrides).map(([name, value]) => `${assign(name, value)} # asked for by the caller`),
    assign("port", String(port)),
  ];
  return `${HEADER}${lines.join("\n")}\n`;
}

function assign(name: string, value: string): string {
  if (!/^[a-z_.]+$/.test(name) || /[\n\r]/.test(value)) throw new RangeError(`no PostgreSQL setting: ${name}`);
  return `${name} = '${value.replaceAll("'", "''")}'`;
}
