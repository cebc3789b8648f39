/** What every adapter of the bus guarantees. */
import { after, before, describe } from "node:test";
import { type Broker, BusFixture } from "./bus-fixture.ts";
import { failuresTests } from "./bus-suite-failures.ts";
import { membershipTests } from "./bus-suite-membership.ts";
import { orderingTests } from "./bus-suite-ordering.ts";
import { publishingTests } from "./bus-suite-publishing.ts";

export function busSuite(adapter: string, startBroker: () => Promise<Broker>): void {
  describe(`bus on ${adapter}`, { timeout: 240_000 }, () => {
    const fixture = new BusFixture();
    before(() => fixture.open(startBroker));
    after(() => fixture.close());
    publishingTests(fixture);
    orderingTests(fixture);
    membershipTests(fixture);
    failuresTests(fixture);
  });
}
