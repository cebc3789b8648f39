import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { BusUnavailable } from "@kassa/platform/bus";
import { type BusConfig, connectBus } from "@kassa/platform/bus/connect";
import { hasKafka, startKafka, type TestKafka } from "@kassa/testing/kafka";
import { requirePart } from "@kassa/testing/require-part";

const login = { username: "kassa", password: "a-password-of-the-tests" };
const TOPIC = "logged.in";

if (requirePart("Kafka", hasKafka())) {
  describe("a broker that asks for TLS and a login", () => {
    let kafka: TestKafka;
    before(async () => {
      kafka = await startKafka(login);
    });
    after(() => kafka.stop());

    const connect = (more: Partial<BusConfig>) =>
      connectBus(
        {
          BUS: "kafka",
          KAFKA_BROKERS: kafka.secured?.brokers.join(",") ?? "",
          KAFKA_TLS: true,
          KAFKA_CA: kafka.secured?.ca ?? "",
          KAFKA_SASL: "scram-sha-512",
          KAFKA_USERNAME: login.username,
          KAFKA_PASSWORD: login.password,
          ...more,
        },
        { clientId: "kassa-test", databaseUrl: "", migrate: false, log: () => {} },
      );

    for (const mechanism of ["scram-sha-512", "plain"] as const) {
      it(`takes and gives messages, logged in by ${mechanism}`, async () => {
        const bus = await connect({ KAFKA_SASL: mechanism });
        try {
          const name = `${TOPIC}.${mechanism}`;
          await bus.ensureTopics([{ name, partitions: 1 }]);
          const received = Promise.withResolvers<string>();
          const handle = async ({ value }: { value: string }) => received.resolve(value);
          await bus.subscribe({ group: "test", topics: [name], window: 1, handle });
          const publisher = await bus.publisher("test");
          await publisher.publish(name, [{ key: "a", value: '{"paid":1}', headers: {} }]);
          assert.equal(await received.promise, '{"paid":1}');
          await publisher.close();
        } finally {
          await bus.close();
        }
      });
    }

    for (const [title, more] of Object.entries({
      "a wrong password": { KAFKA_PASSWORD: "another" },
      "an authority that nobody trusts": { KAFKA_CA: undefined },
    }) as [string, Partial<BusConfig>][]) {
      it(`is away for ${title}`, async () => {
        await assert.rejects(async () => {
          const bus = await connect(more);
          try {
            await bus.ensureTopics([{ name: TOPIC, partitions: 1 }]);
          } finally {
            await bus.close();
          }
        }, BusUnavailable);
      });
    }
  });
}
