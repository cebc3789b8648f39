export { kafkaBus } from "./kafka-bus.ts";
export { type KafkaBusOptions, type KafkaBusSettings, kafkaBusDefaults } from "./options.ts";
