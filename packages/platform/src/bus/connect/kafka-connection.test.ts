import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError } from "../../config/index.ts";
import type { BusConfig } from "./bus-settings.ts";
import { kafkaConnection } from "./kafka-connection.ts";

const plain: BusConfig = { BUS: "kafka", KAFKA_BROKERS: "a:9092, b:9092", KAFKA_TLS: false, KAFKA_SASL: "none" };

test("brokers alone are enough", () => {
  assert.deepEqual(kafkaConnection(plain), { brokers: ["a:9092", "b:9092"] });
});

test("TLS trusts what Node trusts, or the authority that is given", () => {
  assert.deepEqual(kafkaConnection({ ...plain, KAFKA_TLS: true }).ssl, true);
  assert.deepEqual(kafkaConnection({ ...plain, KAFKA_TLS: true, KAFKA_CA: "pem" }).ssl, { ca: ["pem"] });
});

test("a login is a mechanism, a name and a password", () => {
  const login = { KAFKA_SASL: "scram-sha-512", KAFKA_USERNAME: "kassa", KAFKA_PASSWORD: "secret" } as const;
  const sasl = { mechanism: "scram-sha-512", username: "kassa", password: "secret" };
  assert.deepEqual(kafkaConnection({ ...plain, ...login }).sasl, sasl);
});

test("every contradiction is told at once", () => {
  const config: BusConfig = {
    BUS: "kafka",
    KAFKA_BROKERS: " ,",
    KAFKA_TLS: false,
    KAFKA_SASL: "plain",
    KAFKA_CA: "pem",
  };
  assert.throws(
    () => kafkaConnection(config),
    (error) => {
      assert.ok(error instanceof ConfigError);
      const variables = error.faults.map(({ variable }) => variable);
      assert.deepEqual(variables, ["KAFKA_BROKERS", "KAFKA_USERNAME", "KAFKA_PASSWORD", "KAFKA_TLS", "KAFKA_TLS"]);
      return true;
    },
  );
});
