import { run } from "@kassa/platform/runtime";
import { fraudService } from "./service.ts";

await run(fraudService);
