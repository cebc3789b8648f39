import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BrokerProcess, freePorts } from "./broker-process.ts";

/** A folder with Kafka's jars. Default: where scripts/install-brokers.sh puts them. */
export const KAFKA_LIBS_VARIABLE = "KASSA_TEST_KAFKA_LIBS";

/** Who may log in at a listener that speaks TLS, by SCRAM-SHA-512 and by PLAIN. */
export type KafkaLogin = { readonly username: string; readonly password: string };

export type TestKafka = {
  /** `127.0.0.1:port` */
  readonly brokers: readonly string[];
  /** The listener for those who log in, when a login was given. */
  readonly secured: { readonly brokers: readonly string[]; readonly ca: string } | undefined;
  readonly pid: number | undefined;
  /** SIGKILL: what a crash looks like. The data stays. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data; resolves when it serves. */
  restart(): Promise<void>;
  /** Freezes it, or lets it go on. */
  signal(signal: "SIGSTOP" | "SIGCONT"): Promise<void>;
  /** Ends it and deletes its data. */
  stop(): Promise<void>;
};

const START_TIMEOUT_MS = 90_000;
const HOST = "127.0.0.1";
/** Any 16 bytes in base64. */
const CLUSTER_ID = "5L6g3nShT-eMCtK--X86sw";
const HEAP = ["-Xmx512m", "-Xms128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];

/** True when Java and the jars are there. */
export function hasKafka(): boolean {
  try {
    execFileSync("java", ["-version"], { stdio: "ignore" });
    return readdirSync(kafkaLibs()).some((file) => file.startsWith("kafka_"));
  } catch {
    return false;
  }
}

/** A real broker and controller in one process (KRaft) with its data in a temporary folder. Takes about 5 s. */
export async function startKafka(login?: KafkaLogin): Promise<TestKafka> {
  const [port = 0, controllerPort = 0, securedPort = 0] = await freePorts(3);
  const folder = mkdtempSync(join(tmpdir(), "kassa-test-kafka-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const properties = join(folder, "server.properties");
  const secured = login && securedListener(login, securedPort, folder);
  writeFileSync(properties, serverProperties(port, controllerPort, join(folder, "data"), secured));
  writeFileSync(join(folder, "log4j2.properties"), LOGGING);
  const java = [...HEAP, `-Dlog4j2.configurationFile=${join(folder, "log4j2.properties")}`];
  const classes = ["-cp", join(kafkaLibs(), "*")];
  const format = [
    "kafka.tools.StorageTool",
    "format",
    "--cluster-id",
    CLUSTER_ID,
    "--config",
    properties,
    ...(secured?.format ?? []),
  ];
  execFileSync("java", [...java, ...classes, ...format], { stdio: "pipe" });
  const broker = new BrokerProcess({
    command: "java",
    args: [...java, ...classes, "kafka.Kafka", properties],
    logFile: join(folder, "kafka.log"),
    isReady: () => accepts(port),
    startTimeoutMs: START_TIMEOUT_MS,
  });
  await broker.start();
  return {
    brokers: [`${HOST}:${port}`],
    secured: secured && { brokers: [`${HOST}:${securedPort}`], ca: secured.ca },
    get pid() {
      return broker.pid;
    },
    kill: () => broker.end("SIGKILL"),
    restart: () => broker.start(),
    signal: (signal) => broker.end(signal),
    async stop() {
      await broker.end("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function kafkaLibs(): string {
  const given = process.env[KAFKA_LIBS_VARIABLE];
  if (given !== undefined && given !== "") return given;
  return join(import.meta.dirname, "..", "..", "..", ".cache", "kafka", "libs");
}

/** The broker opens its port once it has caught up with its controller. */
function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, HOST);
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

type SecuredListener = {
  readonly address: string;
  readonly properties: string;
  /** More arguments of the tool that formats the storage. */
  readonly format: readonly string[];
  readonly ca: string;
};

function securedListener({ username, password }: KafkaLogin, port: number, folder: string): SecuredListener {
  const [key, certificate, store] = ["key.pem", "certificate.pem", "store.pem"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-keyout", key, "-out", certificate];
  execFileSync("openssl", [...request, "-subj", "/CN=test", "-addext", `subjectAltName=IP:${HOST}`], { stdio: "pipe" });
  const ca = readFileSync(certificate, "utf8");
  writeFileSync(store, readFileSync(key, "utf8") + ca);
  const modules = "org.apache.kafka.common.security";
  return {
    address: `LOGIN://${HOST}:${port}`,
    properties: `listener.name.login.ssl.keystore.type=PEM
listener.name.login.ssl.keystore.location=${store}
listener.name.login.sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN
listener.name.login.scram-sha-512.sasl.jaas.config=${modules}.scram.ScramLoginModule required;
listener.name.login.plain.sasl.jaas.config=${modules}.plain.PlainLoginModule required user_${username}="${password}";
`,
    format: ["--add-scram", `SCRAM-SHA-512=[name=${username},password=${password}]`],
    ca,
  };
}

function serverProperties(port: number, controllerPort: number, dataDir: string, secured?: SecuredListener): string {
  const plain = `PLAINTEXT://${HOST}:${port}`;
  const advertised = secured === undefined ? plain : `${plain},${secured.address}`;
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@${HOST}:${controllerPort}
listeners=${advertised},CONTROLLER://${HOST}:${controllerPort}
advertised.listeners=${advertised}
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,LOGIN:SASL_SSL
${secured?.properties ?? ""}log.dirs=${dataDir}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
auto.create.topics.enable=false
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
num.network.threads=2
num.io.threads=2
log.cleaner.enable=false
`;
}

const LOGGING = `appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = [%d] %p %m (%c)%n
rootLogger.level = WARN
rootLogger.appenderRef.out.ref = out
`;
