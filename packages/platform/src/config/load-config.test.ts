import assert from "node:assert/strict";
import { describe, it } from "node:test";
import Type from "typebox";
import { ConfigError, loadConfig } from "./index.ts";

const schema = Type.Object({
  HTTP_PORT: Type.Integer({ minimum: 1, maximum: 65_535, default: 8080, description: "port of the API" }),
  RATIO: Type.Number({ minimum: 0, maximum: 1, default: 0.5 }),
  PRETTY: Type.Boolean({ default: false }),
  MODE: Type.Union([Type.Literal("open"), Type.Literal("closed")], { default: "open" }),
  LEVEL: Type.Enum(["info", "debug"], { default: "info" }),
  ROLES: Type.Array(Type.Enum(["api", "worker"]), { default: ["api"] }),
  NAME: Type.String({ minLength: 3 }),
  NICK: Type.Optional(Type.String()),
  DATABASE_URL: Type.String({ secret: true, pattern: "^postgres://" }),
});

const valid = { NAME: "kassa", DATABASE_URL: "postgres://localhost/kassa" };

function faultsOf(env: Record<string, string>, readFile?: (path: string) => string) {
  try {
    loadConfig(schema, env, readFile);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error;
  }
  throw new Error("no fault was found");
}

describe("loadConfig", () => {
  it("takes defaults for what is missing or blank and leaves out what is optional", () => {
    assert.deepEqual(loadConfig(schema, { ...valid, HTTP_PORT: "", PATH: "/bin" }), {
      HTTP_PORT: 8080,
      RATIO: 0.5,
      PRETTY: false,
      MODE: "open",
      LEVEL: "info",
      ROLES: ["api"],
      ...valid,
    });
  });

  it("turns texts into integers, numbers, booleans, choices and lists", () => {
    const env = {
      HTTP_PORT: "9000",
      RATIO: "0.25",
      PRETTY: "true",
      MODE: "closed",
      LEVEL: "debug",
      ROLES: "api, worker",
    };
    assert.deepEqual(loadConfig(schema, { ...valid, ...env }), {
      ...valid,
      HTTP_PORT: 9000,
      RATIO: 0.25,
      PRETTY: true,
      MODE: "closed",
      LEVEL: "debug",
      ROLES: ["api", "worker"],
    });
  });

  it("reports every fault at once, with the variable, what was given and what is allowed", () => {
    const error = faultsOf({
      HTTP_PORT: "70000",
      RATIO: "1e3",
      PRETTY: "yes",
      MODE: "ajar",
      LEVEL: "loud",
      ROLES: "api,cook",
      NAME: "ab",
    });
    assert.deepEqual(
      error.faults.map((fault) => [fault.variable, fault.given, fault.allowed]),
      [
        ["HTTP_PORT", "70000", "an integer from 1 to 65535"],
        ["RATIO", "1e3", "a number from 0 to 1"],
        ["PRETTY", "yes", "true or false"],
        ["MODE", "ajar", "one of open, closed"],
        ["LEVEL", "loud", "one of info, debug"],
        ["ROLES", "api,cook", "a list, separated by commas, of which each is one of api, worker"],
        ["NAME", "ab", "a text of at least 3 characters"],
        ["DATABASE_URL", undefined, "a text that matches ^postgres://"],
      ],
    );
    assert.match(
      error.message,
      /HTTP_PORT "70000" is not valid: it must be an integer from 1 to 65535 \(port of the API\)/,
    );
  });

  it("refuses integers that are fractional, hexadecimal or too large to be exact", () => {
    for (const text of ["1.5", "0x10", "9007199254740993", " 8", "8a", "-"]) {
      assert.equal(faultsOf({ ...valid, HTTP_PORT: text }).faults[0]?.variable, "HTTP_PORT", text);
    }
  });

  it("reads a secret from the file that <NAME>_FILE names, without its last line break", () => {
    const env = { NAME: "kassa", DATABASE_URL_FILE: "/run/secrets/url" };
    const config = loadConfig(schema, env, (path) => `postgres://from${path}\n`);
    assert.equal(config.DATABASE_URL, "postgres://from/run/secrets/url");
  });

  it("names a secret's file that cannot be read, and refuses the variable and its file together", () => {
    const unreadable = faultsOf({ NAME: "kassa", DATABASE_URL_FILE: "/none" }, () => {
      throw new Error("no such file");
    });
    assert.match(unreadable.message, /DATABASE_URL_FILE names "\/none", which cannot be read: no such file/);
    assert.match(faultsOf({ ...valid, DATABASE_URL_FILE: "/x" }).message, /give one of them/);
  });

  it("never shows a secret", () => {
    const error = faultsOf({ NAME: "kassa", DATABASE_URL: "hunter2" });
    assert.doesNotMatch(JSON.stringify(error.faults) + error.message, /hunter2/);
  });

  it("cannot be changed afterwards", () => {
    assert.ok(Object.isFrozen(loadConfig(schema, valid)));
  });
});
