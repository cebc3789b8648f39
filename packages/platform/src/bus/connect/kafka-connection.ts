import { ConfigError, type ConfigFault } from "../../config/index.ts";
import type { KafkaBusOptions } from "../kafka/options.ts";
import type { BusConfig } from "./bus-settings.ts";

/** Where the brokers are and how to get in. @throws ConfigError with every fault, when variables contradict each other */
export function kafkaConnection(config: BusConfig): Pick<KafkaBusOptions, "brokers" | "ssl" | "sasl"> {
  const brokers = (config.KAFKA_BROKERS ?? "").split(",").flatMap((broker) => broker.trim() || []);
  const { KAFKA_SASL: mechanism, KAFKA_USERNAME: username = "", KAFKA_PASSWORD: password = "" } = config;
  const isLogin = mechanism !== "none";
  const faults = [
    brokers.length === 0 && missing("KAFKA_BROKERS", "with BUS=kafka it names host:port of at least one broker"),
    isLogin && username === "" && missing("KAFKA_USERNAME", `KAFKA_SASL=${mechanism} needs it`),
    isLogin && password === "" && missing("KAFKA_PASSWORD", `KAFKA_SASL=${mechanism} needs it`),
    mechanism === "plain" && !config.KAFKA_TLS && PLAIN_IN_CLEAR,
    config.KAFKA_CA !== undefined && !config.KAFKA_TLS && CA_WITHOUT_TLS,
  ].filter((fault) => fault !== false);
  if (faults.length > 0) throw new ConfigError(faults);
  return {
    brokers,
    ...(config.KAFKA_TLS ? { ssl: config.KAFKA_CA === undefined ? true : { ca: [config.KAFKA_CA] } } : {}),
    ...(mechanism === "none"
      ? {}
      : { sasl: { mechanism, username, password } as NonNullable<KafkaBusOptions["sasl"]> }),
  };
}

function missing(variable: string, why: string): ConfigFault {
  return { variable, allowed: why, sentence: `${variable} is missing: ${why}` };
}

const PLAIN_IN_CLEAR: ConfigFault = {
  variable: "KAFKA_TLS",
  allowed: "true with KAFKA_SASL=plain",
  sentence: "KAFKA_TLS is off: KAFKA_SASL=plain would send the password in clear; switch it on, or use scram-sha-512",
};

const CA_WITHOUT_TLS: ConfigFault = {
  variable: "KAFKA_TLS",
  allowed: "true with KAFKA_CA",
  sentence: "KAFKA_TLS is off, though KAFKA_CA names whom to trust: switch it on, or leave KAFKA_CA out",
};
