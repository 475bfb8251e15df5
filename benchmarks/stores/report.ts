import type { Figures } from "./race.ts";

/** weft's time ÷ the raw client's. */
export const goals: Readonly<Record<string, number>> = { get: 1.5, create: 2, update: 2, put: 2 };

export interface Report {
  /** Of a store: microseconds; what it stands beside follows its name in brackets, `get (raw)`. */
  note(store: string, figures: Figures): void;
  readonly results: Readonly<Record<string, Figures>>;
  readonly missed: readonly string[];
}

/** Prints as it goes. */
export function report(): Report {
  const results: Record<string, Record<string, number>> = {};
  const missed: string[] = [];

  function ratios(store: string, figures: Figures): Record<string, number> {
    const found: Record<string, number> = {};
    for (const [name, other] of Object.entries(figures)) {
      const [, operation = "", beside = ""] = /^(.*) \((.*)\)$/.exec(name) ?? [];
      const own = figures[operation];
      if (own === undefined) continue;
      const ratio = own / other;
      found[`${operation} ÷ ${beside}`] = ratio;
      const goal = beside === "raw" ? goals[operation] : undefined;
      if (goal !== undefined && ratio > goal)
        missed.push(`${operation} of ${store}: ${ratio.toFixed(2)}, goal ${goal}`);
    }
    return found;
  }

  return {
    results,
    missed,
    note(store, figures) {
      const compared = ratios(store, figures);
      results[store] = { ...results[store], ...figures, ...compared };
      const times = Object.entries(figures).map(([name, value]) => `${name} ${value.toFixed(0)}`);
      const shares = Object.entries(compared).map(([name, value]) => `${name} ${value.toFixed(2)}`);
      console.log(`  ${store.padEnd(24)} ${[...times, ...shares].join(" · ")}`);
    },
  };
}
