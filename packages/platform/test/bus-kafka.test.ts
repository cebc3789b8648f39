import { hasKafka, startKafka } from "@kassa/testing/kafka";
import { requirePart } from "@kassa/testing/require-part";
import type { Broker } from "./bus-fixture.ts";
import { busSuite } from "./bus-suite.ts";

/** Quick to notice, for the tests' sake. */
const settings = {
  sessionMs: 3_000,
  heartbeatMs: 300,
  rebalanceMs: 5_000,
  publishTimeoutMs: 5_000,
  requestTimeoutMs: 5_000,
};

if (requirePart("Kafka", hasKafka())) busSuite("Kafka", startBroker);

async function startBroker(): Promise<Broker> {
  const kafka = await startKafka();
  return { ...kafka, spec: { kind: "kafka", brokers: kafka.brokers, settings } };
}
