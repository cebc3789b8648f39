import Type, { type Static } from "typebox";

/** The environment of every service that speaks on the bus; `...busSettings` in its schema. */
export const busSettings = {
  BUS: Type.Enum(["postgres", "kafka"], { default: "postgres", description: "which event bus" }),
  BUS_DATABASE_URL: Type.Optional(
    Type.String({
      secret: true,
      pattern: "^postgres(ql)?://",
      description: "with BUS=postgres: where the bus lives; default DATABASE_URL",
    }),
  ),
  KAFKA_BROKERS: Type.Optional(Type.String({ description: "with BUS=kafka: host:port, comma separated" })),
  KAFKA_TLS: Type.Boolean({ default: false, description: "whether the brokers speak TLS" }),
  KAFKA_CA: Type.Optional(
    Type.String({
      pattern: "^-----BEGIN CERTIFICATE-----",
      description:
        "with KAFKA_TLS: PEM of the authority that signed the brokers' certificates; default: those Node trusts",
    }),
  ),
  KAFKA_SASL: Type.Enum(["none", "plain", "scram-sha-256", "scram-sha-512"], {
    default: "none",
    description: "how to log in to the brokers",
  }),
  KAFKA_USERNAME: Type.Optional(Type.String({ minLength: 1, description: "with KAFKA_SASL: who logs in" })),
  KAFKA_PASSWORD: Type.Optional(
    Type.String({ secret: true, minLength: 1, description: "with KAFKA_SASL: the password" }),
  ),
};

const schema = Type.Object(busSettings);
export type BusConfig = Static<typeof schema>;
