import { counter } from "@kassa/platform/metrics";

export const screenings = counter("kassa_fraud_screenings_total", "Payments screened", ["decision"]);
