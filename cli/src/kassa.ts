import { Command, InvalidArgumentError, Option } from "commander";
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

await program.parseAsync();

function dataOption(): Option {
  return new Option("--data <folder>", "the data folder").env("KASSA_DATA").default(".kassa");
}

/** A parser of whole numbers between two bounds. */
function integerFrom(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most && text.trim() !== "") return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

/** Runs a command, ends the process with its exit code, and says in one sentence why it could not be done. */
function run<O>(doing: string, command: (options: O) => Promise<number>): (options: O) => Promise<void> {
  return async (options) => {
    try {
      process.exit(await command(options));
    } catch (error) {
      console.error(`kassa: ${sentenceOf(error, doing)}`);
      if (process.env.LOG_LEVEL === "debug") console.error(error);
      process.exit(1);
    }
  };
}
