/**
 * weft in front of two services beside Hive Gateway, Apollo Gateway and bare stitchSchemas under Yoga, and a stitched weft beside an unstitched one:
 * `npm run bench:stitch [-- --quick] [--only weft,hive] [--questions "two remotes,own get"] [--profile FOLDER]`. README.md says how to
 * read what it prints.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { machineFacts } from "./http/report.ts";
import {
  type Contender,
  installRivals,
  rivalNames,
  type Services,
  startRival,
  startServices,
  startWeft,
} from "./stitch/contenders.ts";
import { type QuestionName, questionNames } from "./stitch/questions.ts";
import { judge, print, type Rows } from "./stitch/report.ts";
import { ask, runSlice, type Slice } from "./stitch/slices.ts";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    questions: { type: "string" },
    profile: { type: "string" },
  },
});
const settings = options.quick
  ? { warmRequests: 1_500, slices: 4, sliceMs: 500, connections: 16 }
  : { warmRequests: 10_000, slices: 12, sliceMs: 2_000, connections: 16 };
const wanted = (name: string): boolean => options.only?.split(",").includes(name) ?? true;
const questions = questionNames.filter((name) => options.questions?.split(",").includes(name) ?? true);

const cleanUp: (() => Promise<void>)[] = [];

try {
  await main();
} finally {
  for (const step of cleanUp.reverse()) await step();
}

async function main(): Promise<void> {
  const services = await startServices();
  cleanUp.push(services.stop);
  if (options.profile !== undefined) return profile(services, options.profile);
  const facts = machineFacts();
  console.log(facts, settings);
  const measured: Partial<Record<QuestionName, Rows>> = {};
  const weft = wanted("weft") ? [await started(startWeft(services, { isStitched: true }))] : [];
  const spanning = questions.filter((name) => !name.startsWith("own"));
  const own = questions.filter((name) => name.startsWith("own"));
  if (spanning.length > 0) {
    const rivals = await startRivals(services);
    for (const question of spanning) measured[question] = await measure(question, [...weft, ...rivals], services);
    // Two processors are few: who has been measured makes room.
    for (const { server } of rivals) await server.stop();
  }
  if (own.length > 0 && wanted("unstitched")) {
    const unstitched = await started(startWeft(services, { isStitched: false }));
    for (const question of own) measured[question] = await measure(question, [...weft, unstitched], services);
  }
  finish(facts, measured);
}

async function started(starting: Promise<Contender>): Promise<Contender> {
  const contender = await starting;
  cleanUp.push(contender.server.stop);
  return contender;
}

async function startRivals(services: Services): Promise<Contender[]> {
  const names = rivalNames.filter(wanted);
  if (names.length > 0) installRivals();
  const rivals: Contender[] = [];
  for (const name of names) rivals.push(await started(startRival(name, services)));
  return rivals;
}

/** Contenders take turns, slice by slice, and who is first in a round takes turns, too. */
async function measure(question: QuestionName, contenders: readonly Contender[], services: Services): Promise<Rows> {
  const { connections, warmRequests, sliceMs } = settings;
  for (const contender of contenders)
    await ask(contender, question, { connections, seed: 7, until: { requests: warmRequests } });
  const rows: Record<string, Slice[]> = Object.fromEntries(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < settings.slices; round++)
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
      const until = { milliseconds: sliceMs };
      const slice = await runSlice(contender, question, { services, connections, seed: 1_000 + round, until });
      rows[contender.name]?.push(slice);
    }
  print(question, rows);
  return rows;
}

function finish(facts: object, measured: Readonly<Partial<Record<QuestionName, Rows>>>): void {
  const verdicts = Object.fromEntries(
    Object.entries(measured).map(([question, rows]) => [question, judge(question as QuestionName, rows)]),
  );
  const isWhole = options.only === undefined && options.questions === undefined;
  if (options.quick || !isWhole) return;
  if (Object.values(verdicts).some((verdict) => verdict?.isReached !== true)) process.exitCode = 1;
  const results = join(import.meta.dirname, "results");
  mkdirSync(results, { recursive: true });
  writeFileSync(join(results, "stitch.json"), `${JSON.stringify({ facts, settings, verdicts, measured }, null, 2)}\n`);
}

/** weft alone under load, with V8's sampling profiler: a .cpuprofile in the folder, for each question. */
async function profile(services: Services, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const question of questions) {
    const name = `${question.replaceAll(" ", "-")}.cpuprofile`;
    const nodeArgs = ["--cpu-prof", `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${name}`];
    const weft = await started(startWeft(services, { isStitched: true, nodeArgs }));
    const { connections, warmRequests } = settings;
    const { requests, seconds } = await ask(weft, question, {
      connections,
      seed: 7,
      until: { requests: warmRequests * 3 },
    });
    await weft.server.stop();
    console.log(`${question}: ${(requests / seconds).toFixed(0)} requests/s under the profiler, ${join(folder, name)}`);
  }
}
