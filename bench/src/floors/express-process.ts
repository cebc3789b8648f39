/**
 * The floor of accepting: Express 5 with its own JSON parser and one route that answers JSON of the product's size. With a
 * database it stores one row a request first, through a pool of 64. ETag and X-Powered-By are off, so that it is as fast as can be.
 */
import { randomUUID } from "node:crypto";
import express from "express";
import pg from "pg";

const { PORT, ANSWER, DATABASE_URL } = process.env;
const POOL = 64;
const INSERT = `
  insert into floor_payments (id, key, amount, currency, method, created_at) values ($1, $2, $3, $4, $5, now())`;

const answer: unknown = JSON.parse(ANSWER ?? "{}");
const app = express().disable("etag").disable("x-powered-by");
const pool = DATABASE_URL === undefined ? undefined : new pg.Pool({ connectionString: DATABASE_URL, max: POOL });

app.get("/readyz", (_request, response) => {
  response.status(200).json({});
});
app.post("/v1/payments", express.json(), async (request, response) => {
  if (pool !== undefined) {
    const { amount, currency, payment_method: method } = request.body;
    const values = [randomUUID(), request.headers["idempotency-key"], amount, currency, method];
    await pool.query({ name: "insert", text: INSERT, values });
  }
  response.status(202).json(answer);
});
// As long as ours: Node's 5 s would close what the generator keeps between two rounds.
const KEEP_ALIVE_MS = 65_000;
app.listen(Number(PORT), "127.0.0.1").keepAliveTimeout = KEEP_ALIVE_MS;
process.once("SIGTERM", () => process.exit(0));
