/**
 * The event bus as the services see it: topics of partitions, ordered by key, delivered at least once to each consumer
 * group. Two adapters keep these promises and pass one suite of tests: PostgreSQL and Kafka.
 */

/** One message. Messages of equal key are handled in the order in which they were published. */
export type Message = {
  /** Up to 1,024 characters; decides the partition. */
  readonly key: string;
  /** JSON text. */
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
};

/** A message on its way to a topic. */
export type Outgoing = Message & { readonly topic: string };

/** A message as a handler gets it. `offset` is a decimal number that grows within the partition. */
export type Delivered = Message & { readonly topic: string; readonly partition: number; readonly offset: string };

/** `partitions` is 1 to 1,000 and fixed for ever: another number would move keys and break their order. */
export type Topic = { readonly name: string; readonly partitions: number };

/**
 * Handles one message; resolved means acknowledged. Throws PoisonMessage for what can never be handled, Transient
 * while something it needs is away, anything else for a failure worth a bounded number of attempts.
 */
export type Handler = (message: Delivered) => Promise<void>;

/** What became of a handler's error: tried again after `delayMs`, or moved to the dead-letter topic. */
export type HandlerFailure = {
  readonly message: Delivered;
  readonly group: string;
  readonly error: unknown;
  /** How often the handler was called for this message by this member, from 1. */
  readonly attempts: number;
  readonly next: { readonly kind: "retry"; readonly delayMs: number } | { readonly kind: "dead-letter" };
};

export type SubscribeOptions = {
  /** Members of one group share the partitions; each group sees every message. */
  readonly group: string;
  readonly topics: readonly string[];
  readonly handle: Handler;
  /** Most messages handed out and not finished at any time, of this member. 1 to 100,000; default 1,000. */
  readonly window?: number;
  /** Most messages of a partition between the oldest unfinished one and the newest handed out. Default 10,000. */
  readonly reach?: number;
  /** Calls of the handler before a message that fails with an ordinary error is dead-lettered. Default 8. */
  readonly maxAttempts?: number;
  /** Back-off before the second attempt, doubled for each further one. Default 100 ms. */
  readonly backoffMs?: number;
  /** Upper bound of the back-off. Default 10,000 ms. */
  readonly maxBackoffMs?: number;
  /** How long `stop` and a rebalance wait for handlers in flight. Default 10,000 ms. */
  readonly drainMs?: number;
  /** Told about each failure of the handler; must not throw. Default: the bus's log. */
  readonly onFailure?: (failure: HandlerFailure) => void;
};

export type Subscription = {
  /** Starts nothing new, waits up to `drainMs` for what is in flight, commits, and leaves the group. */
  stop(): Promise<void>;
  /** Messages published to the topics and not yet acknowledged by the group, over all its members. */
  lag(): Promise<number>;
};

export type Publisher = {
  /**
   * Durable once resolved; keeps the order of the array, and of calls, within a key. All or nothing.
   * Rejects with PublisherFenced once a newer publisher of the name exists, with BusUnavailable within a bounded time
   * while the broker is away (the outcome is then unknown: publish again), with RangeError for a message that can
   * never be stored (U+0000, key too long) or an unknown topic.
   */
  publish(topic: string, messages: readonly Message[]): Promise<void>;
  /** The same for messages of several topics, in one step. */
  publishAll(messages: readonly Outgoing[]): Promise<void>;
  /** Waits for what is being published. */
  close(): Promise<void>;
};

export type Bus = {
  /** Creates what is missing, each with its dead-letter topic. Safe when several pods call it at once. */
  ensureTopics(topics: readonly Topic[]): Promise<void>;
  /** The only publisher of that name from now on: older ones fail with PublisherFenced. */
  publisher(name: string): Promise<Publisher>;
  subscribe(options: SubscribeOptions): Promise<Subscription>;
  /** Stops every subscription, closes every publisher and connection. */
  close(): Promise<void>;
};

/** Where an adapter reports what nobody waits for: reconnections, rebalances, failed commits. */
export type BusLog = (
  level: "debug" | "info" | "warn" | "error",
  message: string,
  fields: Readonly<Record<string, unknown>>,
) => void;
