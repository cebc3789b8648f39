import pg from "pg";

/**
 * Lets a role read and write every table of some schemas, now and of later migrations, and change none of them. Granting again changes nothing.
 * Two pods that grant at once would meet in the catalogue ("tuple concurrently updated"), so one waits for the other.
 * @throws DatabaseError when the role does not exist
 */
export async function grantRuntimeRole(
  connectionString: string,
  role: string,
  schemas: readonly string[],
): Promise<void> {
  const client = new pg.Client({ connectionString, application_name: "kassa-migrate", statement_timeout: 60_000 });
  client.on("error", () => {});
  await client.connect();
  try {
    await client.query("begin");
    await client.query(ONE_AT_A_TIME);
    for (const schema of schemas)
      await client.query(grants(client.escapeIdentifier(schema), client.escapeIdentifier(role)));
    await client.query("commit");
  } finally {
    await client.end();
  }
}

const ONE_AT_A_TIME = "select pg_advisory_xact_lock(7264001, 1)";

// Names cannot be parameters of a grant; both are escaped as identifiers.
function grants(schema: string, role: string): string {
  return `
    grant usage on schema ${schema} to ${role};
    grant select, insert, update, delete on all tables in schema ${schema} to ${role};
    grant usage, select on all sequences in schema ${schema} to ${role};
    alter default privileges in schema ${schema} grant select, insert, update, delete on tables to ${role};
    alter default privileges in schema ${schema} grant usage, select on sequences to ${role};`;
}
