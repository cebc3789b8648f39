export { createLogger, type Logger, type LoggerOptions, logSettings } from "./create-logger.ts";
export { scrub } from "./scrub.ts";
