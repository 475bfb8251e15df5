/**
 * weft under the public audit of federation gateways, by hand: `npm run audit:federation -- FOLDER [SUITE…]`, where FOLDER holds
 * graphql-hive/federation-gateway-audit after `npm install`. Ends with code 1 below the goal.
 */
import { type Answer, faultOf, type Suite, startAudit } from "./audit.ts";
import { serveSupergraph } from "./gateway.ts";

/** Of the 199 cases that the audit had in June 2026. */
const goal = 197 / 199;

const [folder, ...only] = process.argv.slice(2);
if (folder === undefined) {
  console.error("Usage: npm run audit:federation -- FOLDER-OF-THE-AUDIT [SUITE…]");
  process.exit(2);
}

const audit = await startAudit(folder);
let passed = 0;
let total = 0;
try {
  for await (const suite of audit.suites(only.length > 0 ? only : undefined)) {
    const faults = await faultsIn(suite);
    total += suite.cases.length;
    passed += suite.cases.length - faults.size;
    console.log(
      `${faults.size === 0 ? "passed" : "FAILED"}  ${suite.cases.length - faults.size}/${suite.cases.length}  ${suite.id}`,
    );
    for (const [index, fault] of faults)
      console.log(`   ${suite.id}_${index}: ${suite.cases[index]?.query}\n   ${fault}`);
  }
} finally {
  audit.stop();
}
console.log(`\n${passed} of ${total} passed, ${total - passed} failed`);
process.exitCode = total > 0 && passed / total >= goal ? 0 : 1;

/** By the index of the case. */
async function faultsIn(suite: Suite): Promise<ReadonlyMap<number, string>> {
  const faults = new Map<number, string>();
  const gateway = await serveSupergraph(suite.sdl);
  try {
    for (const [index, one] of suite.cases.entries()) {
      const fault = faultOf(one, await asked(gateway.url, one.query));
      if (fault !== undefined) faults.set(index, fault);
    }
  } finally {
    await gateway.close();
  }
  return faults;
}

async function asked(url: string, query: string): Promise<Answer> {
  const response = await fetch(url, {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/json" },
    body: JSON.stringify({ query }),
    signal: AbortSignal.timeout(10_000),
  });
  return (await response.json()) as Answer;
}
