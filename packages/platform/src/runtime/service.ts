import type { Clock } from "@kassa/kernel/clock";
import type { Static, TObject } from "typebox";
import type { HealthCheck } from "../http/index.ts";
import type { Logger } from "../log/index.ts";
import type { Component } from "./component.ts";
import type { Need } from "./wait-until-reached.ts";

/** What a service is started with. */
export type ServiceContext<C = unknown> = {
  readonly config: C;
  readonly log: Logger;
  readonly clock: Clock;
  /** The roles of this process; all of the service's unless ROLES names some. */
  readonly roles: ReadonlySet<string>;
  /** True from the end of start to the beginning of the drain. */
  isReady(): boolean;
  /** Starts a component now and stops it, in reverse order, when the service stops. Rejects when it cannot start or the service is stopping. */
  start<T extends Component>(component: T): Promise<T>;
  /**
   * Waits up to START_WAIT_MS for something that the service cannot start without; alive and unready meanwhile.
   * Rejects with NotReached when it stays away, at once when waiting would not help or the service is stopping.
   */
  reach<T>(need: Need<T>): Promise<T>;
};

/** A program of Kassa: its name, the schema of its environment, and its wiring. */
export type Service<S extends TObject = TObject> = {
  readonly name: string;
  /** What this image can be; without roles it is one thing. */
  readonly roles?: readonly string[];
  /** Its own variables; the runtime adds LOG_LEVEL, PROBE_PORT and the like. */
  readonly config: S;
  start(context: ServiceContext<Static<S>>): Promise<void>;
};

/** Gives `start` the type of its configuration. */
export function defineService<S extends TObject>(service: Service<S>): Service<S> {
  return service;
}

/** A service that is starting, running or stopping. */
export type RunningService = {
  readonly name: string;
  /** Resolves when the service has started; rejects with the reason when it cannot, after what had started is stopped. */
  readonly ready: Promise<void>;
  isStarted(): boolean;
  isReady(): boolean;
  checks(): readonly HealthCheck[];
  /** Drains; later calls join the first. Resolves to true when all went well within SHUTDOWN_BOUND_MS. Never rejects. */
  stop(): Promise<boolean>;
};
