import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RenderedObject } from "../chart/synthesize.ts";
import { ChecksumLedger } from "./checksum-ledger.ts";

const file = "templates/config-map.yaml";

function configMap(chart: string, level: string): RenderedObject {
  return { chart, file, object: { kind: "ConfigMap", data: { LOG_LEVEL: level } } };
}

describe("checksums over many cases", () => {
  it("that change with the objects of their file, and stay with them, are right", () => {
    const ledger = new ChecksumLedger();
    const seen = ["info", "warn", "info"].map((level) =>
      ledger.record([configMap("till", level)], [{ chart: "till", file, digest: `digest of ${level}` }]),
    );
    assert.deepEqual(seen.flat(), []);
  });

  it("that stay when the objects change are named", () => {
    const ledger = new ChecksumLedger();
    ledger.record([configMap("till", "info")], [{ chart: "till", file, digest: "one" }]);
    assert.deepEqual(ledger.record([configMap("till", "warn")], [{ chart: "till", file, digest: "one" }]), [
      `till/${file}: two contents have one checksum`,
    ]);
  });

  it("that change although the objects stay are named", () => {
    const ledger = new ChecksumLedger();
    ledger.record([configMap("till", "info")], [{ chart: "till", file, digest: "one" }]);
    assert.deepEqual(ledger.record([configMap("till", "info")], [{ chart: "till", file, digest: "two" }]), [
      `till/${file}: the same objects have two checksums`,
    ]);
  });

  it("of files that two subcharts have under one path are told apart", () => {
    const ledger = new ChecksumLedger();
    const objects = [configMap("till", "info"), configMap("safe", "info")];
    const checksums = [
      { chart: "till", file, digest: "of the till's labels" },
      { chart: "safe", file, digest: "of the safe's labels" },
    ];
    assert.deepEqual(ledger.record(objects, checksums), []);
    const changed = [configMap("till", "warn"), configMap("safe", "info")];
    assert.deepEqual(ledger.record(changed, [{ chart: "till", file, digest: "of the till's labels" }]), [
      `till/${file}: two contents have one checksum`,
    ]);
  });
});
