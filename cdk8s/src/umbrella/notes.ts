import { type Expr, release, text } from "@kassa/helm-emitter";

/** What a newcomer does until the first payment. */
export function notes(fullname: Expr<string>): Expr<string> {
  const n = release.namespace;
  return text`Kassa is being installed as ${release.name} in the namespace ${n}.

1. Wait until every pod is ready:

     kubectl -n ${n} rollout status deployment -l app.kubernetes.io/instance=${release.name} --timeout 3m

2. Make a merchant; its API key is printed once:

     kubectl -n ${n} create job first-merchant --from=cronjob/${fullname}-merchant
     kubectl -n ${n} wait --for=condition=complete job/first-merchant --timeout 1m
     kubectl -n ${n} logs job/first-merchant

3. Pay, through the Ingress or from here:

     kubectl -n ${n} port-forward service/${release.name}-transactions 8081:8080 &
     curl http://127.0.0.1:8081/v1/payments \\
       -H 'Authorization: Bearer <the API key>' -H 'Idempotency-Key: first-payment' \\
       -H 'Content-Type: application/json' -H 'Prefer: wait=10' \\
       -d '{"amount":1999,"currency":"EUR","payment_method":"pm_card_visa","capture":"automatic"}'

4. Prove, now and whenever you like, that no money was lost or doubled:

     kubectl -n ${n} create job prove-now --from=cronjob/${fullname}-prove
     kubectl -n ${n} logs -f job/prove-now --pod-running-timeout 1m
`;
}
