export { arbitraryValues, randomValues } from "./arbitrary-values.ts";
export { cornerCases, type ProofCase, randomCases } from "./proof-cases.ts";
export { type ProofOptions, type ProofReport, proveChart } from "./prove-chart.ts";
