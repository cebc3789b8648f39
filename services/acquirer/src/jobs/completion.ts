import type { Clock } from "@kassa/kernel/clock";
import type { Logger } from "@kassa/platform/log";
import type { OperationBook } from "../ports.ts";
import { PollLoop } from "./poll-loop.ts";

/** Pending operations brought to their end in one turn at most. */
const TURN_MAX = 200;

/** The job that ends what was answered with `pending`. Two processes may both try: the second finds nothing left to do. */
export function createCompletion(options: {
  readonly book: OperationBook;
  readonly clock: Clock;
  readonly log: Logger;
  readonly pollMs: number;
}): PollLoop {
  const { book, clock } = options;
  return new PollLoop({
    name: "completion",
    intervalMs: options.pollMs,
    log: options.log,
    async turn() {
      const due = await book.dueCompletions(clock.now(), TURN_MAX);
      await Promise.all(due.map((request) => book.record(request)));
      return due.length === TURN_MAX;
    },
  });
}
