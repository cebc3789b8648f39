import { PaymentCommand } from "@kassa/contracts/payment-events";
import { Problem } from "@kassa/contracts/problem";
import { topics } from "@kassa/contracts/topics";
import {
  type Bus,
  type Delivered,
  PoisonMessage,
  type SubscribeOptions,
  type Subscription,
  Transient,
} from "@kassa/platform/bus";
import type { Logger } from "@kassa/platform/log";
import { counter } from "@kassa/platform/metrics";
import { currentTraceparent, inSpan, SpanKind } from "@kassa/platform/telemetry";
import Compile from "typebox/compile";
import { type AdvanceDependencies, advancePayment, CONSUMER, UnknownPayment } from "../commands/advance-payment.ts";

const command = Compile(PaymentCommand);
const handled = counter("kassa_commands_handled_total", "Commands that the worker handled", ["reason"]);

/** Reads `payments.commands`: each message sends a worker to its payment. */
export function consumePaymentCommands(
  bus: Bus,
  dependencies: AdvanceDependencies,
  options: { readonly window: number; readonly log: Logger },
): Promise<Subscription> {
  // There from the start: to an autoscaler a series that is missing is a fault, not a zero.
  for (const { const: reason } of PaymentCommand.properties.reason.anyOf) handled.inc({ reason }, 0);
  const onFailure: SubscribeOptions["onFailure"] = ({ message, error, attempts, next }) => {
    options.log.warn(
      { err: error, key: message.key, offset: message.offset, attempts, next: next.kind },
      "command failed",
    );
  };
  return bus.subscribe({
    group: CONSUMER,
    topics: [topics.paymentCommands.name],
    window: options.window,
    onFailure,
    handle: (message) =>
      inSpan(
        "payments.commands process",
        {
          kind: SpanKind.CONSUMER,
          parent: message.headers.traceparent,
          attributes: { "messaging.message.key": message.key },
        },
        () => handle(dependencies, message),
      ),
  });
}

async function handle(dependencies: AdvanceDependencies, message: Delivered): Promise<void> {
  const parsed = parse(message.value);
  try {
    await advancePayment(dependencies, parsed, currentTraceparent());
    handled.inc({ reason: parsed.reason });
  } catch (error) {
    // The database is away or full: no fault of the message, it waits.
    if (error instanceof Problem && error.status === 503) throw new Transient(error.message, { cause: error });
    if (error instanceof UnknownPayment) throw new PoisonMessage(error.message);
    throw error;
  }
}

function parse(value: string): PaymentCommand {
  let json: unknown;
  try {
    json = JSON.parse(value);
  } catch {
    throw new PoisonMessage("not JSON");
  }
  if (!command.Check(json)) throw new PoisonMessage("not a command of payments.commands");
  return json as PaymentCommand;
}
