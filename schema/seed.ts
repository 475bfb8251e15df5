/** What a first start holds: the world's countries, currencies and languages (npm's countries-list, MIT), some heroes, some things to do. */
import { continents, countries, getEmojiFlag, languages, type TCountryCode } from "countries-list";
import { currencies } from "countries-list/currencies";
import type { Gateway, z } from "weft";
import { Continent, type Country } from "./country.ts";
import type { Currency } from "./currency.ts";
import type { Hero } from "./hero.ts";
import type { Language } from "./language.ts";
import type { TodoItem } from "./todo-item.ts";

/** Writes under way at once: enough that they share commits. */
const concurrency = 32;

/** Makes what is missing: a start that was cut off leaves some of it. */
export async function seed(gateway: Gateway): Promise<void> {
  const languageManager = gateway.resource<typeof Language>("Language");
  const currencyManager = gateway.resource<typeof Currency>("Currency");
  const countryManager = gateway.resource<typeof Country>("Country");
  const todoManager = gateway.resource<typeof TodoItem>("TodoItem");
  const heroManager = gateway.resource<typeof Hero>("Hero");

  await makeEach(languageRecords(), (data) => languageManager.create(data, { resourceId: `language:${data.code}` }));
  await makeEach(currencyRecords(), (data) => currencyManager.create(data, { resourceId: `currency:${data.code}` }));
  await makeEach(countryRecords(), (data) => countryManager.create(data, { resourceId: `country:${data.code}` }));
  await makeEach(heroes(), ({ id, ...data }) => heroManager.create(data, { resourceId: `hero:${id}` }));
  await makeEach(todoItems, ({ id, ...data }) => todoManager.create(data, { resourceId: `todo-item:${id}` }));
  // One item has been through the whole workflow: it has a stable revision, and a draft of the next one.
  const { meta, revision } = await todoManager.get("todo-item:welcome");
  if (meta.totalRevisionCount > 1) return;
  if (revision.status === "draft") await todoManager.modify("todo-item:welcome", { status: "stable" });
  await todoManager.patch("todo-item:welcome", [{ op: "add", path: "/tags/-", value: "history" }]);
}

/** Creates them, but for those that are there. */
async function makeEach<Item>(items: readonly Item[], create: (item: Item) => Promise<unknown>): Promise<void> {
  const rest = items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (const item of rest) {
      await create(item).catch((error: { readonly code?: string }) => {
        if (error.code !== "RESOURCE_EXISTS") throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

function languageRecords(): z.input<typeof Language>[] {
  return Object.entries(languages).map(([code, { name, native, rtl }]) => ({
    code,
    name,
    nativeName: native,
    isRightToLeft: rtl === 1,
  }));
}

function currencyRecords(): z.input<typeof Currency>[] {
  return Object.entries(currencies).map(([code, { numeric, name, native, symbol, decimals }]) => ({
    code,
    numericCode: numeric,
    name,
    nativeName: native,
    symbol,
    decimals,
  }));
}

function countryRecords(): z.input<typeof Country>[] {
  return Object.entries(countries).map(([code, country]) => ({
    code,
    name: country.name,
    nativeName: country.native,
    capital: country.capital || null,
    continent: Continent.parse(continents[country.continent].toUpperCase().replace(" ", "_")),
    callingCodes: country.phone,
    flag: getEmojiFlag(code as TCountryCode),
    currencyIds: country.currency.map((currency) => `currency:${currency}`),
    languageIds: country.languages.map((language) => `language:${language}`),
    sovereignId: country.partOf ? `country:${country.partOf}` : null,
  }));
}

interface SeededHero extends z.input<typeof Hero> {
  readonly id: string;
}

function heroes(): SeededHero[] {
  const artifact = (type: string, power: number) => ({ id: type.toLowerCase().replaceAll(/\W+/g, "-"), type, power });
  return [
    {
      id: "arthur",
      name: "Arthur",
      epithet: "King of the Britons",
      level: 60,
      artifacts: [artifact("Excalibur", 900), artifact("Scabbard", 990)],
    },
    {
      id: "perseus",
      name: "Perseus",
      epithet: "Slayer of Medusa",
      level: 48,
      artifacts: [
        artifact("Mirrored shield", 310),
        artifact("Winged sandals", 270),
        artifact("Cap of invisibility", 420),
      ],
    },
    {
      id: "sun-wukong",
      name: "Sun Wukong",
      epithet: "Great Sage Equal to Heaven",
      level: 99,
      artifacts: [artifact("As-you-will cudgel", 1350), artifact("Golden chain mail", 640)],
    },
    {
      id: "penelope",
      name: "Penelope",
      epithet: "Who wove by day and unwove by night",
      level: 20,
      artifacts: [artifact("Shroud of Laertes", 1000)],
    },
    { id: "collector", name: "The Collector", level: 1, artifacts: hoard(1_000) },
  ];
}

/** The same on every machine: nothing here is random. */
function hoard(size: number): z.input<typeof Hero>["artifacts"] {
  const kinds = ["amulet", "blade", "chalice", "dagger", "effigy", "flute", "gem", "helm", "icon", "jar"];
  return Array.from({ length: size }, (_, index) => ({
    id: `item-${String(index + 1).padStart(4, "0")}`,
    type: `${kinds[index % kinds.length]} of chamber ${Math.floor(index / kinds.length) + 1}`,
    power: (index * 7919) % 1_000,
  }));
}

interface SeededTodo extends z.input<typeof TodoItem> {
  readonly id: string;
}

const todoItems: readonly SeededTodo[] = [
  {
    id: "welcome",
    title: "Look around in GraphiQL",
    notes: "This item has a history: ask for its revisions.",
    tags: ["first"],
  },
  { id: "edit", title: "Modify this draft in place", priority: "HIGH", tags: ["first", "drafts"] },
  { id: "publish", title: "Make a draft stable", due: "2027-01-15T09:00:00Z", tags: ["drafts"] },
  { id: "subscribe", title: "Subscribe to todoItemChanged and change something in another tab", priority: "LOW" },
  { id: "model", title: "Add a model of your own to weft.config.ts" },
];

/** What `seed` writes in all: each resource, and two steps of the workflow. */
export const seedChanges =
  languageRecords().length +
  currencyRecords().length +
  countryRecords().length +
  heroes().length +
  todoItems.length +
  2;
