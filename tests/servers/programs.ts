/** Finds programs that tests need, and on Debian, as root, installs the package of one that is missing. */
import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

export const run = promisify(execFile);

export interface Program {
  readonly name: string;
  /** Directories to look into before PATH. */
  directories?(): Promise<readonly string[]>;
  /** The Debian package that brings it. */
  readonly package: string;
}

const installMs = 300_000;

export type Found = { readonly path: string } | { readonly missing: string };

/** The program's path, or why it cannot be had. */
export async function find(program: Program): Promise<Found> {
  const path = await locate(program);
  if (path !== undefined) return { path };
  const refusal = await install(program.package);
  const installed = refusal === undefined ? await locate(program) : undefined;
  return installed === undefined
    ? { missing: refusal ?? `package ${program.package} holds no ${program.name}` }
    : { path: installed };
}

async function locate({ name, directories = async () => [] }: Program): Promise<string | undefined> {
  for (const directory of [...(await directories()), ...(process.env.PATH ?? "").split(delimiter)]) {
    const path = join(directory, name);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}

let installing: Promise<unknown> = Promise.resolve();

/** One at a time, as apt wants it. @returns why it could not be installed; undefined where it was */
function install(name: string): Promise<string | undefined> {
  const installed = installing.then(() => installNow(name));
  installing = installed;
  return installed;
}

async function installNow(name: string): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return `not installed, and only root can install the package ${name}`;
  const aptGet = (...args: readonly string[]) =>
    // Limited, because a mirror may never answer, and a service that the package starts may keep our pipes open.
    run("apt-get", ["-qq", ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      timeout: installMs,
      killSignal: "SIGKILL",
    });
  try {
    await aptGet("update");
    await aptGet("install", "--yes", "--no-install-recommends", name);
    return undefined;
  } catch (error) {
    return `not installed, and apt-get install ${name} failed: ${firstLine(error)}`;
  }
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split("\n")[0] ?? "";
}
