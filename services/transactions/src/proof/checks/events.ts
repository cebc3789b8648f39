import { type PaymentEventType, paymentEventSchemas } from "@kassa/contracts/payment-events";
import { publicId, type Uuid } from "@kassa/kernel/id";
import { Compile } from "typebox/compile";
import { apply } from "../../domain/apply.ts";
import type { Payment, RecordedEvent } from "../../domain/payment.ts";
import { Findings } from "../findings.ts";
import type { Check } from "../proof.ts";
import type { Stream } from "../read-streams.ts";

/** A stream whose events tell one possible story, and the payment that they add up to. */
export type SoundStream = { readonly payment: Payment; readonly events: readonly RecordedEvent[] };

/** Streams at fault that other checks leave out, so that one fault is not reported as many. */
const MAX_BROKEN = 10_000;

const validators = new Map(
  Object.entries(paymentEventSchemas).map(([type, schema]) => [type, Compile(schema)] as const),
);

/**
 * Each stream has versions 1 to n without a gap, begins with payment.created, holds events that match the contracts'
 * schemas, and `apply` finds no impossible transition in it.
 */
export class EventsCheck {
  readonly #findings = new Findings("events");
  readonly #broken: Uuid[] = [];
  #versions = 0n;

  /** The sound ones among the streams. */
  sift(streams: readonly Stream[]): SoundStream[] {
    const sound: SoundStream[] = [];
    for (const { id, events } of streams) {
      this.#findings.compare(events.length);
      this.#versions += BigInt(events.at(-1)?.version ?? 0);
      const payment = this.#fold(id, events);
      if (payment !== undefined) sound.push({ payment, events });
      else if (this.#broken.length < MAX_BROKEN) this.#broken.push(id);
    }
    return sound;
  }

  /** Streams that do not add up to a payment. */
  get broken(): readonly Uuid[] {
    return this.#broken;
  }

  /** The sum of all streams' last versions: how many events there must have been. */
  get versions(): bigint {
    return this.#versions;
  }

  end(): Check {
    return this.#findings.check();
  }

  #fold(id: Uuid, events: readonly RecordedEvent[]): Payment | undefined {
    let payment: Payment | undefined;
    for (const [index, event] of events.entries()) {
      const fault = faultOf(event, index, events[index - 1]);
      if (fault !== undefined) {
        this.#findings.add(fault.what, publicId("payment", id), fault.expected, fault.found);
        return undefined;
      }
      try {
        payment = apply(payment, event);
      } catch (error) {
        const expected = `an event that may follow at version ${event.version}`;
        this.#findings.add("impossible_event", publicId("payment", id), expected, `${event.type}: ${messageOf(error)}`);
        return undefined;
      }
    }
    return payment;
  }
}

function faultOf(event: RecordedEvent, index: number, before: RecordedEvent | undefined) {
  if (event.version !== index + 1) {
    return { what: "version_gap", expected: `version ${index + 1}`, found: `version ${event.version}` };
  }
  if (index === 0 && event.type !== "payment.created") {
    return { what: "wrong_beginning", expected: "payment.created", found: event.type };
  }
  if (before !== undefined && event.merchantId !== before.merchantId) {
    return { what: "merchant_changes", expected: before.merchantId, found: event.merchantId };
  }
  if (before !== undefined && event.occurredAtMs < before.occurredAtMs) {
    const expected = `version ${event.version} not before ${instant(before)}`;
    return { what: "time_runs_back", expected, found: instant(event) };
  }
  return schemaFault(event);
}

// The value itself is not shown: nobody knows what a spoilt event holds.
function schemaFault(event: RecordedEvent) {
  const validator = validators.get(event.type as PaymentEventType);
  if (validator === undefined) return { what: "unknown_type", expected: "a type of the contracts", found: event.type };
  if (validator.Check(event.data)) return undefined;
  const [first] = validator.Errors(event.data);
  const found = `version ${event.version}: ${first?.instancePath ?? ""} ${first?.message ?? "does not match"}`;
  return { what: "schema_violation", expected: `data of ${event.type}`, found };
}

function instant({ occurredAtMs }: RecordedEvent): string {
  return new Date(occurredAtMs).toISOString();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
