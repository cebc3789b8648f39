/** A chart was described wrongly: the build must stop, and the message says where and what to write instead. */
export class ChartDefinitionError extends Error {
  override readonly name = "ChartDefinitionError";
}
