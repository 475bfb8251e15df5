/**
 * Ceph's S3 gateway out of Debian's packages, unpacked into a folder of its own: nothing is installed, and neither root nor a container
 * engine is needed, but apt is. About 160 MB are downloaded once; later runs find the folder.
 */
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../programs.ts";

/** Older gateways than Debian's newest answer conditional writes wrongly. */
const suite = "sid";

const packages = ["radosgw", "ceph-mon", "ceph-osd", "ceph-common"];
/** What the script that starts them needs, since nothing of the machine is seen from inside. */
const tools = ["bash", "coreutils", "sed", "libc-bin", "python3", "debianutils", "hostname", "grep", "util-linux"];

const downloadMs = 300_000;

/** The root directory that holds the programs. @throws Error saying why they cannot be had */
export async function unpackedGateway(): Promise<string> {
  const cache = await cacheDirectory();
  const root = join(cache, `ceph-${suite}`);
  if (await exists(join(root, "usr/bin/radosgw"))) return root;
  const work = await mkdtemp(join(cache, "unpacking-"));
  try {
    await download(work);
    await unpack(join(work, "cache/archives"), join(work, "root"));
    // Whole or not there; who comes second keeps what is there.
    await rename(join(work, "root"), root).catch((error: unknown) => unlessThere(root, error));
    return root;
  } catch (error) {
    throw new Error(`Ceph's packages cannot be had: ${reasonOf(error)}`);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Below the user's cache, or the temporary directory for users without a home. */
async function cacheDirectory(): Promise<string> {
  const usual = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "weft-tests");
  const other = join(tmpdir(), `weft-tests-${process.getuid?.() ?? 0}`);
  const made = (path: string) => mkdir(path, { recursive: true, mode: 0o700 }).then(() => path);
  return made(usual).catch(() => made(other));
}

async function download(work: string): Promise<void> {
  for (const folder of ["lists/partial", "cache/archives/partial", "etc/preferences.d"]) {
    await mkdir(join(work, folder), { recursive: true });
  }
  await writeFile(join(work, "status"), "");
  const keys = "/usr/share/keyrings/debian-archive-keyring.gpg";
  await writeFile(join(work, "sources.list"), `deb [signed-by=${keys}] ${await mirror()} ${suite} main\n`);
  const options = [
    `Dir::Etc=${join(work, "etc")}`,
    `Dir::Etc::sourcelist=${join(work, "sources.list")}`,
    "Dir::Etc::sourceparts=-",
    "Dir::Etc::trustedparts=-",
    `Dir::State=${work}`,
    `Dir::State::lists=${join(work, "lists")}`,
    `Dir::State::status=${join(work, "status")}`,
    `Dir::Cache=${join(work, "cache")}`,
    "APT::Sandbox::User=",
    "Debug::NoLocking=1",
    "Acquire::Languages=none",
    "Acquire::Retries=3",
    // A mirror may lag behind.
    "Acquire::Check-Valid-Until=false",
  ].flatMap((option) => ["-o", option]);
  const apt = (...args: readonly string[]) =>
    run("apt-get", [...options, "-qq", ...args], { timeout: downloadMs, killSignal: "SIGKILL", maxBuffer: 64 << 20 });
  await apt("update");
  await apt("--yes", "--download-only", "--no-install-recommends", "install", ...packages, ...tools);
}

/** The mirror that this machine uses already. */
async function mirror(): Promise<string> {
  const format = ["--format", "$(REPO_URI)", "Created-By: Packages"];
  const { stdout } = await run("apt-get", ["indextargets", ...format]).catch(() => ({ stdout: "" }));
  const main = stdout.split("\n").find((uri) => /\/debian\/?$/.test(uri));
  return main ?? "http://deb.debian.org/debian/";
}

async function unpack(archives: string, root: string): Promise<void> {
  for (const folder of ["bin", "sbin", "lib", "lib64"]) {
    await mkdir(join(root, "usr", folder), { recursive: true });
    await symlink(`usr/${folder}`, join(root, folder));
  }
  const left = ["./dev/*", "./usr/share/doc/*", "./usr/share/man/*", "./usr/share/locale/*"];
  const names = (await readdir(archives)).filter((name) => name.endsWith(".deb"));
  if (names.length === 0) throw new Error("apt-get has downloaded nothing");
  const pipe = `set -o pipefail; dpkg-deb --fsys-tarfile "$1" | tar x -C "$2" --keep-directory-symlink --no-same-owner "\${@:3}"`;
  const limits = { timeout: 60_000, killSignal: "SIGKILL" } as const;
  for (const name of names) {
    const excluded = left.map((path) => `--exclude=${path}`);
    await run("bash", ["-c", pipe, "unpack", join(archives, name), root, ...excluded], limits);
  }
  const version = names.map((name) => /^radosgw_([0-9.]+)/.exec(name)?.[1]).find(Boolean);
  await writeFile(join(root, "version"), version ?? "of unknown version");
  for (const folder of ["proc", "dev", "tmp", "etc", "run", "root", "srv"]) {
    await mkdir(join(root, folder), { recursive: true });
  }
  await writeFile(join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534::/:/bin/false\n");
  await writeFile(join(root, "etc/group"), "root:x:0:\n");
  await writeFile(join(root, "etc/hosts"), "127.0.0.1 localhost\n");
  // Without it the programs find their libraries all the same, only slower.
  await run("ldconfig", ["-r", root], limits).catch(() => undefined);
}

export function gatewayVersion(root: string): Promise<string> {
  return readFile(join(root, "version"), "utf8");
}

async function unlessThere(root: string, error: unknown): Promise<void> {
  if (!(await exists(join(root, "usr/bin/radosgw")))) throw error;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function reasonOf(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message?: string };
  return (stderr?.trim() || message || String(error)).split("\n")[0] ?? "";
}
