export { arbitraryValues, cornerValues, randomValues } from "./arbitrary-values.ts";
export { type ProofCase, type ProofReport, proveChart } from "./prove-chart.ts";
