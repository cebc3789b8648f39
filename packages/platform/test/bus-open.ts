import type { Bus } from "@kassa/platform/bus";

/** How to reach a broker, as plain data, so that a child process can open the same. */
export type BusSpec =
  | { readonly kind: "postgres"; readonly url: string; readonly settings: Readonly<Record<string, number>> }
  | {
      readonly kind: "kafka";
      readonly brokers: readonly string[];
      readonly settings: Readonly<Record<string, number>>;
    };

export async function openBus(spec: BusSpec): Promise<Bus> {
  if (spec.kind === "kafka") {
    const { kafkaBus } = await import("@kassa/platform/bus/kafka");
    return kafkaBus({
      brokers: spec.brokers,
      clientId: "kassa-test",
      settings: spec.settings,
      ...(logging ? { log: print } : {}),
    });
  }
  const { postgresBus } = await import("@kassa/platform/bus/postgres");
  const connection = { connectionString: spec.url };
  return await postgresBus({ connection, settings: spec.settings, ...(logging ? { log: print } : {}) });
}

const logging = process.env.KASSA_TEST_BUS_LOG !== undefined;

function print(level: string, message: string, fields: Readonly<Record<string, unknown>>): void {
  if (level !== "debug" || process.env.KASSA_TEST_BUS_LOG === "debug")
    console.error(process.pid, level, message, fields);
}
