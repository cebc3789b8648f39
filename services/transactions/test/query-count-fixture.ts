import pg from "pg";

export type QueryCount = {
  readonly total: number;
  /** As many as were at work at the same time. */
  readonly most: number;
};

type Done = (error: unknown, result: unknown) => void;

/** Counts the prepared statements of that name that pools of this process run, until `stop`. */
export function countQueries(name: string): { stop(): QueryCount } {
  const original = pg.Client.prototype.query;
  let total = 0;
  let atWork = 0;
  let most = 0;
  const counting = function (this: pg.Client, query: { name?: string }, values: unknown, done?: Done) {
    if (query?.name !== name || done === undefined) return Reflect.apply(original, this, [query, values, done]);
    total += 1;
    atWork += 1;
    most = Math.max(most, atWork);
    const counted: Done = (error, result) => {
      atWork -= 1;
      done(error, result);
    };
    return Reflect.apply(original, this, [query, values, counted]);
  };
  pg.Client.prototype.query = counting as typeof original;
  return {
    stop() {
      pg.Client.prototype.query = original;
      return { total, most };
    },
  };
}
