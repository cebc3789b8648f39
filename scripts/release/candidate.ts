import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "./command.ts";

/** What a release goes to, and from where. */
export type Target = {
  /** Name of the umbrella's release. */
  readonly release: string;
  readonly namespace: string;
  /** Name of a service with routes: a chart of the umbrella. */
  readonly service: string;
  /** Folder of the umbrella chart that is installed. */
  readonly stableChart: string;
  /** Folder of the umbrella chart that is to come; the service's chart lies beside it. */
  readonly candidateChart: string;
  /** Minutes that Helm waits for pods. */
  readonly timeoutMinutes: number;
  /** How long a proxy may take to follow a change of weights, in milliseconds. */
  readonly settleMs: number;
};

type Values = { [key: string]: unknown };
type Route = { spec: { rules: { backendRefs: { name: string }[] }[] } };

export class Candidate {
  readonly #target: Target;
  /** Name of the release beside the umbrella's. */
  readonly name: string;

  constructor(target: Target) {
    this.#target = target;
    this.name = `${target.release}-${target.service}-candidate`;
  }

  /**
   * Installs the pods that serve the routes once more, from the new chart and with `settings` (`key=value`, as `helm --set`), and
   * gives them no request yet. Again changes them.
   * @throws Error when the HTTPRoute is not switched on, or the installed chart is another than the one given
   */
  start(settings: readonly string[]): void {
    const { namespace, service, candidateChart } = this.#target;
    this.#assertStableChart();
    const stable = this.#stableService();
    const chart = join(dirname(candidateChart), service);
    if (!existsSync(join(chart, "Chart.yaml"))) throw new Error(`there is no chart in ${chart}`);
    const file = ["--values", "-"];
    const set = settings.flatMap((setting) => ["--set", setting]);
    this.#helm(
      ["upgrade", "--install", this.name, chart, "--namespace", namespace, "--wait", ...file, ...set],
      JSON.stringify(this.#candidateValues(stable, settings)),
    );
    this.shift(0);
  }

  /** Gives the candidate so many percent of the requests. @throws Error when there is none */
  shift(weight: number): void {
    this.#assertStableChart();
    const service = this.#candidateService();
    this.#upgradeStable(this.#target.stableChart, this.#share(service, weight));
  }

  /** Brings the umbrella to the candidate's chart and settings, while the candidate serves; then the candidate goes. */
  async promote(): Promise<void> {
    const { service, candidateChart } = this.#target;
    const settings = this.#settings();
    const share = this.#share(this.#candidateService(), 100);
    this.#upgradeStable(candidateChart, [...settings.map((setting) => `${service}.${setting}`), ...share]);
    await this.#takeBack(candidateChart);
  }

  /** Gives every request back and removes the candidate. Nothing to do is no error. */
  async abort(): Promise<void> {
    this.#assertStableChart();
    await this.#takeBack(this.#target.stableChart);
  }

  /**
   * The weight first, and only when the proxies follow it the candidate itself: a proxy that is told of the backend's end before it is
   * told of the route answers 503 (Envoy takes clusters and routes from separate streams).
   */
  async #takeBack(chart: string): Promise<void> {
    const candidate = this.#candidateServices()[0];
    if (candidate !== undefined) {
      this.#upgradeStable(chart, this.#share(candidate, 0));
      await sleep(this.#target.settleMs);
    }
    this.#upgradeStable(chart, this.#share("", 0));
    this.#uninstall();
  }

  /** What is wrong with the candidate's pods; none when all are ready and none was started anew. */
  complaints(): string[] {
    const selector = `app.kubernetes.io/instance=${this.name}`;
    const { items } = this.#get<{ items: Pod[] }>("pods", "--selector", selector);
    if (items.length === 0) return [`${this.name} has no pods`];
    return items.flatMap(({ metadata: { name }, status: { containerStatuses = [] } }) =>
      containerStatuses.flatMap((container) => [
        ...(container.ready ? [] : [`${name}: ${container.name} is not ready`]),
        ...(container.restartCount === 0 ? [] : [`${name}: ${container.name} ended ${container.restartCount} times`]),
      ]),
    );
  }

  /** The stable's own values, less what there must be only once. */
  #candidateValues(stable: string, settings: readonly string[]): Values {
    const { release, service } = this.#target;
    const all = this.#valuesOf(release);
    const section = (all[service] ?? {}) as Values;
    const roles = (section.roles ?? {}) as Record<string, Values>;
    const { data } = this.#get<{ data: Record<string, string> }>("configmap", stable);
    // Its peers are found by the name of the umbrella's release.
    const peers = Object.entries(data).filter(
      ([name, url]) => name.endsWith("_URL") && url.startsWith(`http://${release}-`),
    );
    const { idle, account } = this.#deployments(stable);
    return {
      ...section,
      fullnameOverride: `${stable}-candidate`,
      // The same identity: what a cloud grants, it grants to a service account by name.
      serviceAccount: { create: false, name: account },
      config: { ...(section.config as Values), ...Object.fromEntries(peers) },
      roles: { ...roles, ...Object.fromEntries(idle.map((role) => [role, { ...roles[role], enabled: false }])) },
      ingress: { enabled: false },
      gateway: { enabled: false },
      kong: { enabled: false },
      global: { ...(all.global as Values), candidate: { settings } },
    };
  }

  /** The roles that are not behind the Service, and the service account of those that are. */
  #deployments(stable: string): { idle: string[]; account: string } {
    const { release, service } = this.#target;
    const { spec } = this.#get<{ spec: { selector: Labels } }>("service", stable);
    const { items } = this.#get<{ items: Deployment[] }>(
      "deployments",
      "--selector",
      `app.kubernetes.io/instance=${release},app.kubernetes.io/name=${service}`,
    );
    const roleOf = ({ spec: { selector } }: Deployment) => selector.matchLabels[COMPONENT] ?? "";
    const serving = spec.selector[COMPONENT] ?? "";
    const found = items.find((deployment) => roleOf(deployment) === serving);
    if (found === undefined) throw new Error(`no Deployment is behind the Service ${stable}`);
    const idle = items.map(roleOf).filter((role) => role !== serving);
    return { idle, account: found.spec.template.spec.serviceAccountName };
  }

  /** The Service that the HTTPRoute names first: the umbrella's own. */
  #stableService(): string {
    const { release, service } = this.#target;
    const selector = `app.kubernetes.io/instance=${release},app.kubernetes.io/name=${service}`;
    const { items } = this.#get<{ items: Route[] }>("httproutes.gateway.networking.k8s.io", "--selector", selector);
    const name = items[0]?.spec.rules[0]?.backendRefs[0]?.name;
    if (name === undefined)
      throw new Error(
        `no HTTPRoute of ${release}: requests are shared by one, so set ${service}.gateway.enabled=true first`,
      );
    return name;
  }

  #candidateService(): string {
    const name = this.#candidateServices()[0];
    if (name === undefined) throw new Error(`there is no candidate ${this.name}: start one first`);
    return name;
  }

  #candidateServices(): string[] {
    const selector = `app.kubernetes.io/instance=${this.name}`;
    const { items } = this.#get<{ items: { metadata: { name: string } }[] }>("services", "--selector", selector);
    return items.map(({ metadata: { name } }) => name);
  }

  /** What was given to `start`, kept with the release itself. */
  #settings(): readonly string[] {
    const { candidate } = this.#valuesOf(this.name).global as { candidate: { settings: readonly string[] } };
    return candidate.settings;
  }

  #valuesOf(release: string): Values {
    const text = run("helm", ["get", "values", release, "--namespace", this.#target.namespace, "--output", "json"]);
    return (JSON.parse(text) as Values | null) ?? {};
  }

  /** The chart of the umbrella's release has to be the one that is installed: a share of requests must not change anything else. */
  #assertStableChart(): void {
    const { release, namespace, stableChart } = this.#target;
    const found = JSON.parse(
      run("helm", ["list", "--namespace", namespace, "--filter", `^${release}$`, "--output", "json"]),
    ) as { chart: string }[];
    const installed = found[0]?.chart;
    if (installed === undefined) throw new Error(`there is no release ${release} in the namespace ${namespace}`);
    const given = `${basename(installed).replace(/-[0-9].*$/, "")}-${versionOf(stableChart)}`;
    if (given !== installed)
      throw new Error(
        `${release} was installed from ${installed}, but ${stableChart} holds ${given}: name the installed one with --chart`,
      );
  }

  #share(candidate: string, weight: number): string[] {
    const at = `${this.#target.service}.gateway.canary`;
    return [`${at}.service=${candidate}`, `${at}.weight=${weight}`];
  }

  #upgradeStable(chart: string, settings: readonly string[]): void {
    const { release, namespace } = this.#target;
    const set = settings.flatMap((setting) => ["--set", setting]);
    this.#helm(["upgrade", release, chart, "--namespace", namespace, "--wait", "--reset-then-reuse-values", ...set]);
  }

  #uninstall(): void {
    run("helm", ["uninstall", this.name, "--namespace", this.#target.namespace, "--ignore-not-found", "--wait"]);
  }

  #helm(words: readonly string[], input = ""): void {
    run("helm", [...words, "--timeout", `${this.#target.timeoutMinutes}m`], input);
  }

  #get<T>(...words: readonly string[]): T {
    return JSON.parse(
      run("kubectl", ["get", ...words, "--namespace", this.#target.namespace, "--output", "json"]),
    ) as T;
  }
}

type Pod = {
  metadata: { name: string };
  status: { containerStatuses?: { name: string; ready: boolean; restartCount: number }[] };
};
type Labels = Readonly<Record<string, string>>;
type Deployment = {
  spec: { selector: { matchLabels: Labels }; template: { spec: { serviceAccountName: string } } };
};

const COMPONENT = "app.kubernetes.io/component";

function versionOf(chart: string): string {
  const text = readFileSync(join(chart, "Chart.yaml"), "utf8");
  const version = /^version: "?([^"\s]+)"?$/m.exec(text)?.[1];
  if (version === undefined) throw new Error(`${chart}/Chart.yaml names no version`);
  return version;
}
