/** What a drain does, in order; within a phase the component that started last goes first. */
export const drainPhases = ["unready", "stopAccepting", "finish", "flush", "close"] as const;

export type DrainPhase = (typeof drainPhases)[number];

type Step = () => Promise<void> | void;

/** A part of a service that starts and stops: a server, a pool, a consumer, a relay. It has only the steps it needs. */
export type Component = {
  readonly name: string;
  /** Rejects when the service cannot run without it. */
  readonly start?: Step;
  /** Tell callers to go elsewhere; work goes on. */
  readonly unready?: Step;
  /** Take no new work. */
  readonly stopAccepting?: Step;
  /** Resolve when the work at hand is done. */
  readonly finish?: Step;
  /** Send what is still buffered. */
  readonly flush?: Step;
  /** Let go of connections, files and timers. Called even when an earlier phase failed or took too long. */
  readonly close?: Step;
  /** Reported at /readyz?verbose; rejects with what is wrong. */
  readonly check?: () => Promise<void>;
};
