import { Transient } from "./transient.ts";

/** The broker did not answer in time, or the publisher's queue is full. Whether a message was stored is unknown. */
export class BusUnavailable extends Transient {
  override readonly name = "BusUnavailable";
}
