import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { selectWorkspace } from "./select-workspace.ts";

const MAX_BYTES = 64 * 1024 * 1024;

/** Writes what one image holds of npm's packages, as CycloneDX JSON. It needs no image and no network: the lock says it all. */
export function writeSbom(root: string, service: string, file: string): void {
  const folder = mkdtempSync(join(tmpdir(), "kassa-sbom-"));
  try {
    selectWorkspace(root, service, folder);
    const { status, stdout, stderr } = spawnSync(
      "npm",
      ["sbom", "--package-lock-only", "--sbom-format=cyclonedx", "--sbom-type=application"],
      { cwd: join(folder, "manifests"), encoding: "utf8", maxBuffer: MAX_BYTES },
    );
    if (status !== 0) throw new Error(`npm sbom ended with ${status} for ${service}: ${stderr}`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
