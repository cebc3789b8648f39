import { readFileSync } from "node:fs";
import { createServer } from "@kassa/platform/http";
import { defineService } from "@kassa/platform/runtime";
import { defaultRulesFile, fraudConfig } from "./config.ts";
import { parseRuleSet } from "./domain/parse-rule-set.ts";
import { compileRules, type Screener } from "./domain/screen.ts";
import { bearerAuthenticator } from "./http/authenticate.ts";
import { screenPayments } from "./http/screen-payments.ts";
import { screenings } from "./metrics.ts";

/** Screens payments by rules, without a memory of its own for now. */
export const fraudService = defineService({
  name: "fraud",
  config: fraudConfig,
  async start({ config, log, clock, isReady, start }) {
    const file = config.RULES_FILE ?? defaultRulesFile;
    const ruleSet = parseRuleSet(readFileSync(file, "utf8"), file);
    log.info({ rule_set: ruleSet.version, rules: ruleSet.rules.length }, "rules loaded");
    const screen = counted(compileRules(ruleSet));
    const routes = [screenPayments({ screen, clock, budgetMs: config.SCREENING_BUDGET_MS })];
    const authenticate = { internal: bearerAuthenticator(config.INTERNAL_TOKEN) };
    const server = createServer({ routes, authenticate, config, log, isReady, title: "Kassa fraud" });
    await start(server);
    log.info({ url: server.address.url }, "listening");
  },
});

function counted(screen: Screener): Screener {
  return (request) => {
    const screening = screen(request);
    screenings.inc({ decision: screening.decision });
    return screening;
  };
}
