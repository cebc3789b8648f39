/** What all charts of a release have in common. */
export const release = {
  version: "0.1.0",
  appVersion: "0.1.0",
  kubeVersion: ">=1.30.0-0",
  generator: "npm run charts",
  keywords: ["payments", "ledger"],
} as const;
