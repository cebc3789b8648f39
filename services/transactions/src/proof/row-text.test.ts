import assert from "node:assert/strict";
import { it } from "node:test";
import { createPool } from "@kassa/platform/postgres";
import { createTestDatabase } from "@kassa/testing/postgres";
import { type ColumnKind, rowTexts } from "./row-text.ts";

const KINDS: readonly ColumnKind[] = ["plain", "plain", "text", "flag", "json", "instant"];

const rows: readonly (readonly unknown[])[] = [
  ["0190aaaa-0000-7000-8000-000000000001", 12n, "plain", true, "{}", "2026-01-15T12:00:00.007Z"],
  ["0190aaaa-0000-7000-8000-000000000002", -1n, "", false, "[]", "2026-01-15T12:00:00.070Z"],
  ["0190aaaa-0000-7000-8000-000000000003", 0n, "NULL", true, "null", "2026-01-15T12:00:10.000Z"],
  ["0190aaaa-0000-7000-8000-000000000004", null, null, null, null, null],
  [
    "0190aaaa-0000-7000-8000-000000000005",
    5n,
    `a "b" \\ (c), d`,
    true,
    `{"shop":"ü 7","a":"x","bb":1,"ab":[1,2,{"z":null,"y":true}]}`,
    "1999-12-31T23:59:59.999Z",
  ],
  [
    "0190aaaa-0000-7000-8000-000000000006",
    6n,
    "tab\tline\nend",
    true,
    `{"q":"say \\"hi\\" \\\\ \\n \\u0001 €😀"}`,
    "2026-01-15T12:00:00.100Z",
  ],
];

const TEXTS = `
  select row (($1::text[])[n]::uuid, ($2::text[])[n]::bigint, ($3::text[])[n], ($4::text[])[n]::boolean, ($5::text[])[n]::jsonb,
    ($6::text[])[n]::timestamptz)::text as text
  from generate_series(1, $7::int) as n order by n`;

it("rowTexts prints rows as PostgreSQL does, so that digests of equal rows are equal", async () => {
  const { connectionString } = await createTestDatabase();
  const pool = createPool({ connectionString, applicationName: "tests", max: 1 });
  try {
    const columns = KINDS.map((_, column) => rows.map((row) => row[column] ?? null));
    await pool.query("set time zone 'UTC'");
    const texts = columns.map((column) => column.map((value) => (value === null ? null : String(value))));
    const { rows: expected } = await pool.query<{ text: string }>(TEXTS, [...texts, rows.length]);
    assert.deepEqual(
      [...rowTexts(KINDS, columns)],
      expected.map(({ text }) => text),
    );
  } finally {
    await pool.end();
  }
});
