import { run } from "@kassa/platform/runtime";
import { transactionsService } from "./service.ts";

await run(transactionsService);
