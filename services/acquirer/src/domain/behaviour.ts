/** What moves money, and so what can go wrong. */
export type OperationKind = "authorize" | "capture" | "void" | "refund";

/** How the answer to an operation travels once the operation is durable. */
export type AnswerWay =
  | "at_once"
  /** The connection is held, then closed without an answer. */
  | "never"
  /** 500, although the operation was made. */
  | "error"
  /** After a delay. */
  | "slow"
  /** After the webhook has been delivered. */
  | "after_webhook";

/** What the issuer says to an authorization. */
export type AuthorizeBehaviour =
  | { readonly kind: "approve" }
  | { readonly kind: "decline"; readonly code: string; readonly declineCode: string }
  | { readonly kind: "approve_later" }
  | { readonly kind: "pending_for_ever" };

export type RefundBehaviour = "succeed" | "succeed_later" | "fail" | "fail_later";

/** All that a test card does. */
export type Behaviour = {
  /** For the table of cards in the README. */
  readonly summary: string;
  readonly authorize: AuthorizeBehaviour;
  readonly refund: RefundBehaviour;
  /** How answers travel; what is not named travels at once. */
  readonly answers: Readonly<Partial<Record<OperationKind, AnswerWay>>>;
  /** Webhooks for each finished operation, beside those that the mode `all` and asynchronous ends ask for. */
  readonly webhookCopies: 0 | 1 | 2;
  /** True: look-ups and replays of the authorization do not see it for a while. */
  readonly isVisibleLate: boolean;
  /** True: the cardholder disputes the charge some time after its capture. */
  readonly isDisputed: boolean;
};

const approved: Behaviour = {
  summary: "Succeeds",
  authorize: { kind: "approve" },
  refund: "succeed",
  answers: {},
  webhookCopies: 0,
  isVisibleLate: false,
  isDisputed: false,
};

function declined(summary: string, code: string, declineCode: string): Behaviour {
  return { ...approved, summary, authorize: { kind: "decline", code, declineCode } };
}

/** Every behaviour by the name under which a stored card remembers it. */
export const behaviours = {
  approve: approved,
  generic_decline: declined("Declined without a reason", "card_declined", "generic_decline"),
  insufficient_funds: declined("Declined: insufficient funds", "card_declined", "insufficient_funds"),
  lost_card: declined("Declined: the card was reported lost", "card_declined", "lost_card"),
  stolen_card: declined("Declined: the card was reported stolen", "card_declined", "stolen_card"),
  expired_card: declined("Declined: the card has expired", "expired_card", "expired_card"),
  incorrect_cvc: declined("Declined: the CVC is wrong", "incorrect_cvc", "incorrect_cvc"),
  processing_error: declined("Declined: the issuer could not process it", "processing_error", "processing_error"),
  authentication_required: declined(
    "Declined: the cardholder must authenticate",
    "authentication_required",
    "authentication_required",
  ),
  dispute: { ...approved, summary: "Succeeds; disputed some time after the capture", isDisputed: true },
  refund_fail: { ...approved, summary: "Succeeds; refunds are `pending` and then fail", refund: "fail_later" },
  refund_fail_at_once: { ...approved, summary: "Succeeds; refunds fail at once", refund: "fail" },
  refund_pending: { ...approved, summary: "Succeeds; refunds are `pending` and then succeed", refund: "succeed_later" },
  fault_timeout_after_charge: {
    ...approved,
    summary: "The charge is made, its answer never comes",
    answers: { authorize: "never" },
  },
  fault_error_after_charge: {
    ...approved,
    summary: "The charge is made, the answer is 500",
    answers: { authorize: "error" },
  },
  fault_late_look_up: {
    ...approved,
    summary: "The charge is made, the answer is 500; look-ups say 404 and re-sent requests 409 for a while",
    answers: { authorize: "error" },
    webhookCopies: 1,
    isVisibleLate: true,
  },
  fault_slow: {
    ...approved,
    summary: "The charge is made at once, the answer is slow",
    answers: { authorize: "slow" },
  },
  fault_webhook_before_answer: {
    ...approved,
    summary: "The webhook is delivered before the answer",
    answers: { authorize: "after_webhook" },
    webhookCopies: 1,
  },
  fault_webhook_twice: { ...approved, summary: "Each webhook is delivered twice", webhookCopies: 2 },
  fault_webhook_only: {
    ...approved,
    summary: "The answer is `pending`; the charge is made a little later and a webhook tells of it",
    authorize: { kind: "approve_later" },
  },
  fault_webhook_never: {
    ...approved,
    summary: "The answer is `pending` for ever; nothing is charged and no webhook comes",
    authorize: { kind: "pending_for_ever" },
  },
  fault_capture_timeout: {
    ...approved,
    summary: "The capture is made, its answer never comes",
    answers: { capture: "never" },
  },
  fault_refund_timeout: {
    ...approved,
    summary: "The refund is made, its answer never comes",
    answers: { refund: "never" },
  },
} as const satisfies Record<string, Behaviour>;

export type BehaviourName = keyof typeof behaviours;

/** The behaviour of that name. @throws RangeError for a name that no release has had */
export function behaviourNamed(name: BehaviourName): Behaviour {
  const behaviour: Behaviour | undefined = behaviours[name];
  if (behaviour === undefined) throw new RangeError(`there is no card behaviour ${JSON.stringify(name)}`);
  return behaviour;
}
