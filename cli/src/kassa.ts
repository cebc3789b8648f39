import { Command, InvalidArgumentError, Option } from "commander";
import { endProcess } from "./end-process.ts";
import { sentenceOf } from "./installation/refusal.ts";

const DEFAULT_PORT = 8080;
const MAX_PORT = 65_535;

const program = new Command("kassa")
  .description("Payments for teams that run their own Kubernetes")
  .showHelpAfterError("(kassa --help lists the commands)");

/** Each command's code is read when it is asked for: the others cost no time. */
program
  .command("start")
  .description("start the whole product on this machine")
  .addOption(dataOption())
  .addOption(
    new Option("--port <port>", "port of the API; 0: any free one")
      .env("KASSA_PORT")
      .default(DEFAULT_PORT)
      .argParser(integerFrom(0, MAX_PORT)),
  )
  .option("--verbose", "log to standard output in place of a file", false)
  .action(run("Starting Kassa", async (options) => (await import("./commands/start.ts")).start(options)));

program
  .command("merchant <name>")
  .description("make a merchant and an API key for it in the transactions service's database")
  .requiredOption("--database-url <url>", "the transactions service's database")
  .addOption(
    new Option("--api-key <key>", "a key of your own choice, sk_test_...; default: a new one").env("KASSA_API_KEY"),
  )
  .option("--expires <time>", "when the key ends, such as 2027-06-30T00:00:00Z; default: never")
  .option("--json", "one JSON object in place of text", false)
  .action(
    run("Making the merchant", async (name, options) =>
      (await import("./commands/merchant.ts")).merchant({ name, ...options }),
    ),
  );

booksCommand("prove", "show that no money was lost or doubled; exit code 0 only when the books are right")
  .option("--head <block:hash>", "a head of the chain that an earlier proof printed: it must still be there")
  .action(run("Proving the books", async (options) => (await import("./commands/prove.ts")).prove(options)));

booksCommand("replay", "rebuild the projections from their sources, and compare them with the live ones")
  .option("--apply", "put what was rebuilt in the place of the live rows; Kassa must be stopped", false)
  .action(run("Replaying the events", async (options) => (await import("./commands/replay.ts")).replay(options)));

booksCommand("trace", "tell one payment's story: requests, events, calls to the provider, postings, messages")
  .argument("<payment id>", "pay_…")
  .action(
    run("Tracing the payment", async (paymentId: string, options) =>
      (await import("./commands/trace.ts")).trace(paymentId, options),
    ),
  );

program
  .command("traffic")
  .description("make realistic payments: test and fault cards, captures, cancels, refunds, repeated requests")
  .addOption(dataOption())
  .option("--target <url>", "the API; default: the local installation")
  .addOption(new Option("--key <key>", "API key; default: the local installation's").env("KASSA_API_KEY"))
  .option("--rps <number>", "payments a second", numberFrom(0.01, 100_000), 20)
  .option("--duration <seconds>", "how long", numberFrom(0.1, 86_400 * 7), 60)
  .option("--settle <seconds>", "how long to look for outcomes afterwards", numberFrom(0, 3_600), 30)
  .option("--max-in-flight <number>", "payments at work at once at most", integerFrom(1, 1_000_000), 10_000)
  .addOption(new Option("--mix <name>", "which cards").choices(["default", "happy", "faults"]).default("default"))
  .option("--seed <number>", "repeats a run's payments", integerFrom(0, 2 ** 31))
  .option("--json", "one JSON object in place of text", false)
  .action(run("Traffic", async (options) => (await import("./commands/traffic.ts")).traffic(options)));

await program.parseAsync();

/** A command that looks at the books: beside a running product, on a stopped one, or on any database. */
function booksCommand(name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .addOption(dataOption())
    .option("--database-url <url>", "the transactions service's database; default: the local installation's")
    .option("--acquirer-url <url>", "the sandbox acquirer; without it another database is proved without the provider")
    .addOption(new Option("--acquirer-token <token>", "its bearer token").env("ACQUIRER_TOKEN"))
    .option("--json", "one JSON object in place of text", false);
}

function dataOption(): Option {
  return new Option("--data <folder>", "the data folder").env("KASSA_DATA").default(".kassa");
}

/** A parser of numbers between two bounds. */
function numberFrom(least: number, most: number, kind = "number"): (text: string) => number {
  return (text) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (value >= least && value <= most && (kind === "number" || Number.isInteger(value))) return value;
    throw new InvalidArgumentError(`It must be a ${kind} from ${least} to ${most}.`);
  };
}

function integerFrom(least: number, most: number): (text: string) => number {
  return numberFrom(least, most, "whole number");
}

/** Runs a command, ends the process with its exit code, and says in one sentence why it could not be done. */
function run<A extends readonly unknown[]>(
  doing: string,
  command: (...args: A) => Promise<number>,
): (...args: A) => Promise<void> {
  return async (...args) => {
    let code = 1;
    try {
      code = await command(...args);
    } catch (error) {
      console.error(`kassa: ${sentenceOf(error, doing)}`);
      if (process.env.LOG_LEVEL === "debug") console.error(error);
    }
    await endProcess(code);
  };
}
