/** The example gateway: `npm start` serves it. A model is a Zod schema; everything else follows from it. */
import { createGateway } from "weft";
import { Country } from "./schema/country.ts";
import { Currency } from "./schema/currency.ts";
import { Hero } from "./schema/hero.ts";
import { Language } from "./schema/language.ts";
import { seed, seedChanges } from "./schema/seed.ts";
import { TodoItem } from "./schema/todo-item.ts";

const gateway = createGateway({ defaultUser: "anonymous", seed, seedChanges });

gateway.addModel("Country", Country, {
  indexedFields: ["code", "name", "continent", "capital", "currencyIds", "languageIds", "sovereignId"],
});
gateway.addModel("Currency", Currency, { indexedFields: ["code", "name", "decimals"] });
gateway.addModel("Language", Language, { indexedFields: ["code", "name", "isRightToLeft"] });
gateway.addModel("TodoItem", TodoItem, {
  indexedFields: ["title", "done", "priority", "due", "tags"],
  defaultStatus: "draft",
});
gateway.addModel("Hero", Hero, { indexedFields: ["name", "level"] });

export default gateway;
