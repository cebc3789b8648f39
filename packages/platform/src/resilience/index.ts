export { classifyHttp } from "./classify-http.ts";
export {
  breakers,
  type CallOptions,
  createExecutor,
  type Executor,
  type ExecutorOptions,
  type Verdict,
} from "./executor.ts";
export { type ExecutorFigures, executorFigures, resilienceSettings } from "./figures.ts";
export {
  createJsonClient,
  type JsonAnswer,
  type JsonClient,
  type JsonClientOptions,
  type JsonRequest,
} from "./json-client.ts";
export { NotSent, type NotSentReason } from "./not-sent.ts";
export { TimedOut } from "./timed-out.ts";
export { UnexpectedStatus } from "./unexpected-status.ts";
