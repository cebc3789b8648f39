// Payments at a steady rate, each waited for: k6 run -e KASSA_URL=http://127.0.0.1:8080 -e KASSA_API_KEY=sk_test_... loadtests/payments.js
//
// KASSA_URL      base address; required
// KASSA_API_KEY  API key; required
// KASSA_HOST     Host header, where an ingress controller chooses by it
// RATE           payments a second; default 20
// DURATION       default 30s
// WAIT           seconds of Prefer: wait; default 5; 0: do not wait
import { check } from "k6";
import http from "k6/http";

const { KASSA_URL, KASSA_API_KEY, KASSA_HOST, RATE = "20", DURATION = "30s", WAIT = "5" } = __ENV;
if (!KASSA_URL || !KASSA_API_KEY) throw new Error("set KASSA_URL and KASSA_API_KEY with -e");

export const options = {
  scenarios: {
    payments: {
      executor: "constant-arrival-rate",
      rate: Number(RATE),
      timeUnit: "1s",
      duration: DURATION,
      preAllocatedVUs: Math.max(10, Number(RATE)),
      maxVUs: Math.max(50, Number(RATE) * 10),
    },
  },
  thresholds: { http_req_failed: ["rate<0.001"], checks: ["rate>0.999"] },
};

const body = JSON.stringify({ amount: 1999, currency: "EUR", payment_method: "pm_card_visa", capture: "automatic" });
const fixed = {
  "Content-Type": "application/json",
  Authorization: `Bearer ${KASSA_API_KEY}`,
  ...(KASSA_HOST ? { Host: KASSA_HOST } : {}),
  ...(WAIT === "0" ? {} : { Prefer: `wait=${WAIT}` }),
};

export default function pay() {
  const key = `${__VU}-${__ITER}-${Date.now()}-${Math.random()}`;
  const answer = http.post(`${KASSA_URL}/v1/payments`, body, { headers: { ...fixed, "Idempotency-Key": key } });
  check(answer, { "accepted with 202": ({ status }) => status === 202 });
}
