import { run } from "@kassa/platform/runtime";
import { acquirerService } from "./service.ts";

await run(acquirerService);
