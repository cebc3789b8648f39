/** One line of the report: a figure beside what the same machine does at best without us. */
export type Measure = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly floor: { readonly name: string; readonly value: number };
  /** value / floor.value. Whether more or less is better follows from the unit. */
  readonly ratio: number;
  readonly aim?: Aim;
  /** What else is worth knowing of this figure, by name. */
  readonly details?: Readonly<Record<string, number | string>>;
};

/** What the issue asks for, such as `ratio >= 0.5` or `value >= 3000`. */
export type Aim = `${"ratio" | "value"} ${">=" | "<="} ${number}`;

export type MeasureExtras = Pick<Measure, "aim" | "details">;

/** @throws Error when the value or its floor is no number above zero: then something went wrong that must not look like a result */
export function measure(
  name: string,
  [value, unit]: readonly [value: number, unit: string],
  [floorName, floorValue]: readonly [name: string, value: number],
  extras: MeasureExtras = {},
): Measure {
  for (const figure of [value, floorValue]) {
    if (!Number.isFinite(figure) || figure <= 0)
      throw new Error(`${name}: measured ${value} ${unit} beside ${floorValue} (${floorName})`);
  }
  const floor = { name: floorName, value: rounded(floorValue) };
  return { name, value: rounded(value), unit, floor, ratio: rounded(value / floorValue), ...extras };
}

/** The middle one; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined) throw new RangeError("the median of nothing");
  return (low + high) / 2;
}

/** True, false, or undefined when nothing is aimed at. */
export function meetsAim(found: Measure): boolean | undefined {
  if (found.aim === undefined) return undefined;
  const [of, comparison, bound] = found.aim.split(" ");
  const figure = of === "ratio" ? found.ratio : found.value;
  return comparison === ">=" ? figure >= Number(bound) : figure <= Number(bound);
}

const VERDICTS = new Map([
  [true, "met"],
  [false, "MISSED"],
]);

/** The report for a person at a terminal. */
export function table(measures: readonly Measure[]): string {
  const rows = measures.map((found) => [
    found.name,
    `${found.value} ${found.unit}`,
    `${found.floor.value}  ${found.floor.name}`,
    String(found.ratio),
    found.aim === undefined ? "" : `${found.aim} ${VERDICTS.get(meetsAim(found) ?? false)}`,
    Object.entries(found.details ?? {})
      .map(([name, value]) => `${name}=${value}`)
      .join(" "),
  ]);
  const all = [["measure", "value", "floor", "ratio", "aim", "details"], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "))
    .map((line) => line.trimEnd())
    .join("\n");
}

/** The report as a table for docs/performance.md. */
export function markdownTable(measures: readonly Measure[]): string {
  const rows = measures.map((found) => {
    const verdict = found.aim === undefined ? "" : `${found.aim}: ${VERDICTS.get(meetsAim(found) ?? false)}`;
    const details = Object.entries(found.details ?? {}).map(([name, value]) => `${name} ${value}`);
    const floor = `${found.floor.value} (${found.floor.name})`;
    return [
      `\`${found.name}\``,
      `${found.value} ${found.unit}`,
      floor,
      String(found.ratio),
      verdict,
      details.join(", "),
    ];
  });
  const head = ["measure", "value", "floor", "ratio", "aim", "details"];
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** Four significant digits; all of them before the decimal point. */
export function rounded(value: number): number {
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(4));
}
