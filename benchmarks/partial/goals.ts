/** What is asked, and how many times faster than msgpackr's full decode the answer has to be. */
export interface Task {
  readonly document: "hero" | "order";
  /** Of an order. */
  readonly items?: number;
  readonly paths: readonly string[];
  readonly finds?: readonly (readonly (string | number)[])[];
  /** From the ranges that the offset index names instead of the whole bytes. */
  readonly isIndexed?: boolean;
  /** Undefined: measured without a goal. */
  readonly goal?: number;
}

const heroHead: Task = { document: "hero", paths: ["name", "level"], finds: [["name"], ["level"]] };
const firstIds = [0, 1].map((index) => ["artifacts", index, "id"]);

export const largeTasks: readonly Task[] = [
  { ...heroHead, goal: 100 },
  { ...heroHead, isIndexed: true, goal: 20_000 },
  { document: "hero", paths: ["artifacts/:2/id"], finds: firstIds, goal: 10_000 },
  { document: "hero", paths: ["artifacts/-/power"], goal: 80 },
  { document: "hero", paths: ["artifacts/-/id", "artifacts/-/power"], goal: 45 },
];

/** Items that make orders of about 0.3, 0.8, 1.5, 3, 13 and 54 KB. */
export const orderItems = [1, 9, 19, 41, 205, 880] as const;
/** The one of 822 bytes, for which there are goals. */
const measured = 9;

export const smallTasks: readonly Task[] = orderItems.flatMap((items) => {
  const goals = items === measured ? [60, 12, 12] : [undefined, undefined, undefined];
  const paths = [["number", "total"], ["status", "customer", "email"], ["items/-/qty"]];
  return paths.map((each, place) => {
    const finds = place < 2 ? { finds: each.map((path) => [path]) } : {};
    const goal = goals[place] === undefined ? {} : { goal: goals[place] };
    return { document: "order" as const, items, paths: each, ...finds, ...goal };
  });
});

/** The full decoder itself, on orders up to 3 KB. */
export const fullDecodeGoal = 2.5;
export const isSmall = (bytes: number) => bytes <= 4_000;

export const subsets = { count: 500, items: measured, maxShareSlower: 0.02 } as const;

/** From the disk: of reading the file and decoding it with msgpackr. */
export const diskGoal = { maxBytes: 64, share: 1 / 300 } as const;
