import { type Clock, systemClock } from "@kassa/kernel/clock";
import type { Static, TObject } from "typebox";
import Type from "typebox";
import { type Env, loadConfig } from "../config/index.ts";
import type { Logger } from "../log/index.ts";
import type { Component } from "./component.ts";
import { drain } from "./drain.ts";
import type { RunningService, Service, ServiceContext } from "./service.ts";
import { runtimeSettings, serviceConfigSchema } from "./settings.ts";
import { type Need, waitUntilReached } from "./wait-until-reached.ts";

export type StartOptions = {
  readonly env: Env;
  readonly log: Logger;
  /** Default: the system's. */
  readonly clock?: Clock;
};

const runtimeSchema = Type.Object({ ...runtimeSettings, ROLES: Type.Optional(Type.Array(Type.String())) });
export type RuntimeConfig = Static<typeof runtimeSchema>;

/**
 * Starts a service inside this process, without touching its signals, its exit code or its telemetry: `kassa start` and tests run several so.
 * @throws ConfigError with every fault of the environment
 */
export function startService<S extends TObject>(service: Service<S>, options: StartOptions): RunningService {
  const config = loadConfig(serviceConfigSchema(service), options.env) as Static<S> & RuntimeConfig;
  return new Running<S>(service, config, options);
}

class Running<S extends TObject> implements RunningService {
  readonly name: string;
  readonly ready: Promise<void>;
  readonly #started: Component[] = [];
  readonly #config: Static<S> & RuntimeConfig;
  readonly #log: Logger;
  #state: "starting" | "ready" | "stopping" = "starting";
  #stopped: Promise<boolean> | undefined;
  readonly #stopping = new AbortController();
  readonly #startUp: Promise<void>;

  constructor(service: Service<S>, config: Static<S> & RuntimeConfig, options: StartOptions) {
    this.name = service.name;
    this.#config = config;
    this.#log = options.log;
    this.#startUp = this.#startAll(service, options.clock ?? systemClock);
    this.ready = this.#startUp.catch(async (error: unknown) => {
      await this.stop();
      throw error;
    });
    // Whoever only stops the service need not listen for its start.
    this.ready.catch(() => {});
  }

  isStarted(): boolean {
    return this.#state !== "starting";
  }

  isReady(): boolean {
    return this.#state === "ready";
  }

  checks() {
    return this.#started.flatMap(({ name, check }) => (check === undefined ? [] : [{ name, check }]));
  }

  stop(): Promise<boolean> {
    this.#stopped ??= this.#drain();
    return this.#stopped;
  }

  async #startAll(service: Service<S>, clock: Clock): Promise<void> {
    const context: ServiceContext<Static<S>> = {
      config: this.#config,
      log: this.#log,
      clock,
      roles: new Set(this.#config.ROLES ?? service.roles ?? []),
      isReady: () => this.isReady(),
      start: (component) => this.#startOne(component),
      reach: (need) => this.#reach(need),
    };
    await service.start(context);
    if (this.#state === "starting") this.#state = "ready";
  }

  async #startOne<T extends Component>(component: T): Promise<T> {
    if (this.#state === "stopping") throw new Error(`${this.name} is stopping; ${component.name} is not started`);
    // A component that failed half-way is closed like the others.
    this.#started.push(component);
    await component.start?.();
    return component;
  }

  #reach<T>(need: Need<T>): Promise<T> {
    return waitUntilReached(need, this.#config.START_WAIT_MS, this.#log, this.#stopping.signal);
  }

  async #drain(): Promise<boolean> {
    this.#state = "stopping";
    this.#stopping.abort(new Error(`${this.name} is stopping`));
    // What is starting now must have settled before it can be stopped; the bound of the drain holds for it too.
    const startUp = this.#startUp.catch(() => {});
    const bounds = { pauseMs: this.#config.SHUTDOWN_PAUSE_MS, boundMs: this.#config.SHUTDOWN_BOUND_MS };
    return drain(startUp, this.#started, bounds, this.#log);
  }
}
