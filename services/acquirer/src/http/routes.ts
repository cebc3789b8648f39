import type { BoundRoute } from "@kassa/platform/http";
import type { SettlementPorts } from "../commands/list-settlement.ts";
import type { CardPorts } from "../commands/tokenize-card.ts";
import type { AnsweringPorts } from "./answer-operation.ts";
import { captureCharge } from "./capture-charge.ts";
import { createCharge } from "./create-charge.ts";
import { getToken } from "./get-token.ts";
import { listSettlement } from "./list-settlement.ts";
import { lookUpOperation } from "./look-up-operation.ts";
import { refundCharge } from "./refund-charge.ts";
import { tokenizeCard } from "./tokenize-card.ts";
import { voidCharge } from "./void-charge.ts";

export type AcquirerPorts = AnsweringPorts & CardPorts & SettlementPorts;

/** The table of routes with what answers them. */
export function boundRoutes(ports: AcquirerPorts): readonly BoundRoute[] {
  return [
    tokenizeCard(ports),
    getToken(ports),
    createCharge(ports),
    captureCharge(ports),
    voidCharge(ports),
    refundCharge(ports),
    lookUpOperation(ports),
    listSettlement(ports),
  ];
}
