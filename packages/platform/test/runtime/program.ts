import { defineService, run } from "@kassa/platform/runtime";
import Type from "typebox";

/** A program for run.test.ts: what it does is told by its environment. */
await run(
  defineService({
    name: "program",
    config: Type.Object({
      FAIL: Type.Enum(["no", "start", "rejection", "drain", "hang", "away"], { default: "no" }),
      NEEDED: Type.Integer(),
    }),
    async start(context) {
      const { FAIL } = context.config;
      await context.reach({
        name: "the database",
        isAway: () => true,
        reach: async () => {
          if (FAIL === "away") throw new Error("connection refused");
        },
      });
      await context.start({
        name: "work",
        start() {
          if (FAIL === "start") throw new Error("cannot start");
          if (FAIL === "rejection") setTimeout(() => void Promise.reject(new Error("nobody caught me")), 20);
        },
        finish() {
          if (FAIL === "drain") throw new Error("cannot finish");
          return FAIL === "hang" ? new Promise(() => {}) : undefined;
        },
        close: () => context.log.info("closed work"),
      });
      // Keeps the process alive as a server would.
      const timer = setInterval(() => {}, 1000);
      await context.start({ name: "timer", close: () => clearInterval(timer) });
    },
  }),
);
