/** Who may import whom (src/README.md, "Floors" and "Rules of the house"), checked on every import of `src/`. */
import { posix } from "node:path";
import { describe, expect, test } from "vitest";
import { read } from "./files.ts";
import { cyclesOf, type Edge, importEdges, partOf, readFloorTable, sourceFiles, wiringFloor } from "./floors.ts";
import { importsOf, packageOf } from "./imports.ts";

const parts = readFloorTable();
const files = sourceFiles();
const edges = importEdges(files);
const shown = (list: readonly Edge[]): string[] => list.map(({ from, to }) => `${from} imports ${to}`);
const floorOf = (file: string): number => partOf(parts, file)?.floor ?? Number.NaN;

/** The drivers folder that a file lies in, if it does. */
function driversFolder(file: string): string | undefined {
  return /^(src\/.*?\bdrivers\/)/.exec(file)?.[1];
}

describe("the floor table", () => {
  test("has a row for every file of src, and files for every row", () => {
    const strangers = files.filter((file) => partOf(parts, file) === undefined);
    const empty = parts.filter((part) => !files.some((file) => partOf(parts, file) === part)).map((part) => part.path);
    expect({ strangers, empty }).toEqual({ strangers: [], empty: [] });
  });

  test("names each part once", () => {
    expect(parts.length).toBeGreaterThan(0);
    expect(new Set(parts.map((part) => part.path)).size).toBe(parts.length);
  });
});

describe("imports", () => {
  test("name files that exist", () => {
    const generated = /\/generated\//;
    expect(shown(edges.filter(({ to }) => !files.includes(to) && !generated.test(to)))).toEqual([]);
  });

  test("never go up", () => {
    expect(shown(edges.filter(({ from, to }) => floorOf(to) > floorOf(from)))).toEqual([]);
  });

  test("never go sideways, from a part to another one of its floor", () => {
    const sideways = edges.filter(
      ({ from, to }) =>
        floorOf(from) === floorOf(to) && floorOf(from) !== wiringFloor && partOf(parts, from) !== partOf(parts, to),
    );
    expect(shown(sideways)).toEqual([]);
  });

  test("open a drivers folder from itself and from the wiring only", () => {
    const opened = edges.filter(({ from, to }) => {
      const folder = driversFolder(to);
      return folder !== undefined && driversFolder(from) !== folder && floorOf(from) !== wiringFloor;
    });
    expect(shown(opened)).toEqual([]);
    const openers = edges.filter(({ from, to }) => driversFolder(to) && !driversFolder(from)).map(({ from }) => from);
    expect([...new Set(openers)]).toEqual(["src/drivers.ts"]);
  });

  test("never name the public index from inside", () => {
    expect(shown(edges.filter(({ to }) => to === "src/index.ts"))).toEqual([]);
  });

  test("make no cycle at run time", () => {
    expect(cyclesOf(edges.filter((edge) => !edge.isType))).toEqual([]);
  });

  test("make no cycle across folders, types included", () => {
    const folders = (group: readonly string[]): number => new Set(group.map((file) => posix.dirname(file))).size;
    expect(cyclesOf(edges).filter((group) => folders(group) > 1)).toEqual([]);
  });
});

interface VendorRule {
  readonly vendor: RegExp;
  /** Below `src/`: where it may be imported, */
  readonly homes: RegExp;
  /** and where its types may be, too. */
  readonly typesIn?: RegExp;
}

const vendorRules: readonly VendorRule[] = [
  { vendor: /^jose$/, homes: /^authentication\// },
  {
    vendor: /^(@pothos\/.*|@graphql-yoga\/.*|graphql-yoga)$/,
    homes: /^faces\/graphql\//,
    typesIn: /^gateway/,
  },
  { vendor: /^(graphql-ws|graphql-sse)$/, homes: /^faces\/(graphql|stitch\/remote)\// },
  { vendor: /^@graphql-tools\//, homes: /^faces\/stitch\// },
  { vendor: /^undici$/, homes: /^faces\/stitch\/remote\// },
  { vendor: /^rate-limiter-flexible$/, homes: /^faces\/graphql\/transport\// },
  { vendor: /^@opentelemetry\//, homes: /^(faces\/|metrics|gateway)/ },
  // cli: a config module that imports graphql must get this very copy.
  { vendor: /^graphql$/, homes: /^(faces\/(graphql|stitch)|cli)\//, typesIn: /^(gateway|stitching|options|index)/ },
  { vendor: /^(ws|node:http|node:https|node:http2)$/, homes: /^faces\//, typesIn: /^gateway/ },
  { vendor: /^(@prisma\/.*|pglite-prisma-adapter|@electric-sql\/.*|pg)$/, homes: /^stores\/meta\/drivers\// },
  { vendor: /^libsql$/, homes: /^stores\/meta\/drivers\/sqlite/ },
  { vendor: /^ioredis$/, homes: /^(messaging\/(brokers|bus\/drivers|queue\/drivers)|stores\/meta\/drivers\/redis)/ },
  { vendor: /^amqplib$/, homes: /^messaging\/(brokers|bus\/drivers|queue\/drivers)\// },
  { vendor: /^@aws-sdk\//, homes: /^stores\/(s3|payload\/drivers|blob\/drivers)\// },
  { vendor: /^msgpackr$/, homes: /^codec\// },
  {
    vendor: /^pino$/,
    homes: /^(faces\/http\/|gateway|environment|cli\/)/,
    typesIn: /^(faces\/|options|stitching|stores\.ts)/,
  },
  { vendor: /^(commander|jiti)$/, homes: /^cli\// },
];

describe("packages", () => {
  const uses = files.flatMap((file) =>
    importsOf(read(file)).flatMap(({ specifier, isType }) => {
      const name = packageOf(specifier);
      return name === undefined ? [] : [{ file, name, isType }];
    }),
  );

  test.each(vendorRules)("$vendor stays in $homes", ({ vendor, homes, typesIn }) => {
    const astray = uses.filter(({ file, name, isType }) => {
      const path = file.slice("src/".length);
      return vendor.test(name) && !homes.test(path) && !(isType && typesIn?.test(path));
    });
    expect(astray.map(({ file, name }) => `${file} imports ${name}`)).toEqual([]);
  });

  test("are listed in package.json for those who install weft", () => {
    const { dependencies, optionalDependencies, peerDependencies } = JSON.parse(read("package.json"));
    const listed = new Set(Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }));
    const strangers = uses.filter(({ name }) => !name.startsWith("node:") && !listed.has(name));
    expect(strangers.map(({ file, name }) => `${file} imports ${name}`)).toEqual([]);
  });

  test("the environment is read on the wiring floor only", () => {
    const readers = files.filter((file) => /\bprocess\.env\b/.test(read(file)) && floorOf(file) !== wiringFloor);
    expect(readers).toEqual([]);
  });
});

describe("the search for cycles", () => {
  const edge = (from: string, to: string): Edge => ({ from, to, isType: false });

  test("finds a circle, a pair and a file that imports itself, and nothing in a tree", () => {
    expect(cyclesOf([edge("a", "b"), edge("b", "c"), edge("c", "a"), edge("c", "d")])).toEqual([["a", "b", "c"]]);
    expect(cyclesOf([edge("x", "y"), edge("y", "x"), edge("z", "z")])).toEqual([["x", "y"], ["z"]]);
    expect(cyclesOf([edge("a", "b"), edge("a", "c"), edge("b", "d"), edge("c", "d")])).toEqual([]);
  });
});
