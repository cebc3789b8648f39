/** Units of memory in bytes. */
const memoryUnits: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  Ki: 2 ** 10,
  M: 1e6,
  Mi: 2 ** 20,
  G: 1e9,
  Gi: 2 ** 30,
};

const QUANTITY = /^([0-9.]+)([A-Za-z]*)$/;

/** Millicores of a quantity such as `250m` or `2`. @throws Error when it is none */
export function millicores(quantity: string): number {
  const [, digits, unit] = QUANTITY.exec(quantity) ?? [];
  if (digits === undefined || (unit !== "" && unit !== "m")) throw new Error(`${quantity} is no amount of CPU`);
  return Number(digits) * (unit === "m" ? 1 : 1000);
}

/** MiB of a quantity such as `192Mi` or `1Gi`. @throws Error when it is none */
export function mebibytes(quantity: string): number {
  const [, digits, unit = ""] = QUANTITY.exec(quantity) ?? [];
  const factor = memoryUnits[unit];
  if (digits === undefined || factor === undefined) throw new Error(`${quantity} is no amount of memory`);
  return (Number(digits) * factor) / 2 ** 20;
}
