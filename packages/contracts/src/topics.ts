/** Every topic of the bus. Workers are never more than the partitions of what they read (a chart test). */
export const topics = {
  paymentCommands: { name: "payments.commands", partitions: 16 },
  paymentEvents: { name: "payments.events", partitions: 16 },
} as const;
