/** Prints at the end of a run which driver has passed which conformance suite, and on the last line what was skipped. */
import type { Reporter, TestModule, TestSuite } from "vitest/node";

/** Titles of conformance suites: `payload store: disk`, `bus with outages: redis`. */
const suiteTitle =
  /^(meta store|searches|payload store|payload cache|blob store|bus|queue)( against the oracle| [a-z ]+)?: (.+)$/;

interface Cell {
  passed: number;
  failed: number;
  skipped: number;
}

export function matrix(): Reporter {
  return {
    onTestRunEnd(modules) {
      const cells = collect(modules);
      if (cells.size > 0) console.log(`\nDrivers × conformance suites (tests passed)\n${linesOf(cells).join("\n")}`);
      console.log(lastLine(modules));
    },
  };
}

/** By suite, then by driver. */
type Cells = Map<string, Map<string, Cell>>;

function collect(modules: readonly TestModule[]): Cells {
  const cells: Cells = new Map();
  for (const suite of modules.flatMap((module) => [...module.children.allSuites()])) {
    const [, contract, kind = "", driver] = suiteTitle.exec(suite.name) ?? [];
    if (contract === undefined || driver === undefined) continue;
    const column = contract + kind;
    const drivers = cells.get(column) ?? new Map<string, Cell>();
    cells.set(column, drivers.set(driver, sum(drivers.get(driver), count(suite))));
  }
  return cells;
}

function count(suite: TestSuite): Cell {
  const cell = { passed: 0, failed: 0, skipped: 0 };
  for (const test of suite.children.allTests()) {
    const { state } = test.result();
    if (state !== "pending") cell[state] += 1;
  }
  return cell;
}

function sum(a: Cell = { passed: 0, failed: 0, skipped: 0 }, b: Cell): Cell {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

function linesOf(cells: Cells): string[] {
  return [...cells].map(([suite, drivers]) => {
    const each = [...drivers].map(([driver, cell]) => `${driver} ${textOf(cell)}`);
    return `  ${suite.padEnd(32)} ${each.join(" · ")}`;
  });
}

function textOf({ passed, failed, skipped }: Cell): string {
  const rest = [failed > 0 ? `${failed} FAILED` : "", skipped > 0 ? `${skipped} skipped` : ""].filter(Boolean);
  return passed === 0 && failed === 0 ? "SKIPPED" : [passed, ...rest].join(", ");
}

/** Titles of what may be left out say why. */
function lastLine(modules: readonly TestModule[]): string {
  const skipped = modules.flatMap((module) => [...module.children.allTests("skipped")]);
  const reasons = new Map<string, number>();
  for (const { fullName } of skipped) {
    const reason = /\(((?:skipped|needs)[^)]*)\)/.exec(fullName)?.[1] ?? fullName;
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  const each = [...reasons].map(([reason, times]) => `${times} × ${reason}`);
  return `Skipped: ${each.length === 0 ? "nothing" : each.join("; ")}`;
}
