import { proveRandomValues } from "./prove-random-values.ts";

proveRandomValues("kassa-backing");
