export type {
  Bus,
  BusLog,
  Delivered,
  Handler,
  HandlerFailure,
  Message,
  Outgoing,
  Publisher,
  SubscribeOptions,
  Subscription,
  Topic,
} from "./bus.ts";
export { BusUnavailable } from "./bus-unavailable.ts";
export { deadLetterTopic } from "./dead-letter.ts";
export { partitionOf } from "./partition-of.ts";
export { PoisonMessage } from "./poison-message.ts";
export { PublisherFenced } from "./publisher-fenced.ts";
export { isTransient, Transient } from "./transient.ts";
