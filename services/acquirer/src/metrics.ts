import { counter, histogram } from "@kassa/platform/metrics";

const BATCH_SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/** Operations committed together. */
export const batchSize = histogram("kassa_acquirer_batch_operations", "Operations in a batch", [], BATCH_SIZES);

export const batchSeconds = histogram("kassa_acquirer_batch_duration_seconds", "Time to commit a batch");

export const webhookDeliveries = counter("kassa_acquirer_webhook_deliveries_total", "Deliveries of webhooks", [
  "outcome",
]);
