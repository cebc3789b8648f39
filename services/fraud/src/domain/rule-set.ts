import Type, { type Static, type TSchema } from "typebox";

const closed = { additionalProperties: false };

const Bound = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** Bounds of an amount in minor units; all that are given must hold. */
export const AmountBounds = Type.Object(
  {
    over: Type.Optional(Bound),
    at_least: Type.Optional(Bound),
    under: Type.Optional(Bound),
    at_most: Type.Optional(Bound),
  },
  { ...closed, minProperties: 1 },
);
export type AmountBounds = Static<typeof AmountBounds>;

/** Bounds by currency: an amount in another currency does not fit. */
export const AmountByCurrency = Type.Record(Type.String({ pattern: "^[A-Z]{3}$" }), AmountBounds, { minProperties: 1 });
export type AmountByCurrency = Static<typeof AmountByCurrency>;

/** Values, or lists by name: `$embargoed`. */
function valuesLike(value: TSchema) {
  return Type.Optional(Type.Array(Type.Union([value, ListReference]), { minItems: 1, maxItems: 10_000 }));
}

const ListReference = Type.String({ pattern: "^\\$[a-z][a-z0-9_]*$" });

/** What a payment can be asked about beside its amount: the member of a rule's `when`, and of the request. */
export const listedMembers = {
  currency: "currency",
  country: "country",
  bin: "bin",
  token: "token",
  brand: "brand",
  merchant: "merchant_id",
} as const;

export type ListedMember = keyof typeof listedMembers;

const Conditions = Type.Object(
  {
    // Which of the two forms is meant is told by its keys; it is checked against that form alone.
    amount: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { minProperties: 1 })),
    currency: valuesLike(Type.String({ pattern: "^[A-Z]{3}$" })),
    country: valuesLike(Type.String({ pattern: "^[A-Z]{2}$" })),
    bin: valuesLike(Type.String({ pattern: "^[0-9]{6,8}$" })),
    token: valuesLike(Type.String({ minLength: 1, maxLength: 128 })),
    brand: valuesLike(Type.String({ minLength: 1, maxLength: 32 })),
    merchant: valuesLike(Type.String({ minLength: 1, maxLength: 64 })),
  },
  { ...closed, minProperties: 1 },
);

/** One rule before its lists are resolved. */
export const RuleText = Type.Object(
  {
    name: Type.String({ pattern: "^[a-z][a-z0-9_]{0,99}$" }),
    decision: Type.Enum(["allow", "review", "deny"]),
    when: Conditions,
  },
  closed,
);

export type RuleText = Static<typeof RuleText>;

/** A file of rules without its rules: those are checked one by one, so that many faults in one hide none in another. */
export const RuleSetFrame = Type.Object(
  {
    version: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    lists: Type.Optional(
      Type.Record(
        Type.String({ pattern: "^[a-z][a-z0-9_]*$" }),
        Type.Array(Type.String({ minLength: 1, maxLength: 128 }), { maxItems: 100_000 }),
      ),
    ),
    rules: Type.Array(Type.Unknown(), { minItems: 1, maxItems: 1_000 }),
  },
  closed,
);

/** A whole file of rules before its lists are resolved. */
export type RuleSetText = Omit<Static<typeof RuleSetFrame>, "rules"> & { readonly rules: readonly RuleText[] };

export type Decision = "allow" | "review" | "deny";

/** A rule with its lists resolved. All conditions must hold. */
export type Rule = {
  readonly name: string;
  readonly decision: Decision;
  readonly amount: AmountBounds | undefined;
  readonly amountByCurrency: AmountByCurrency | undefined;
  readonly listed: Readonly<Partial<Record<ListedMember, readonly string[]>>>;
};

export type RuleSet = {
  /** As the file declares it, otherwise a hash of the file. At most 64 characters. */
  readonly version: string;
  readonly rules: readonly Rule[];
};
