/** The names that an expression may use. There are no others, so that nothing of the process can be reached. */
import { metaFields } from "../fields.ts";
import { snakeCase } from "../operators.ts";
import {
  accepted,
  dateOf,
  datetimeFrom,
  datetimeOf,
  dayOf,
  intArgument,
  nowIn,
  timedeltaOf,
  timedeltaParameters,
  timezoneOf,
  zoneArgument,
} from "./datetimes.ts";
import { everything } from "./search.ts";
import { searchesOf, united } from "./searches.ts";
import type { Call, FunctionValue, Parameter, Value } from "./values.ts";
import { utc } from "./zone.ts";

type Members = readonly (readonly [string, Value])[];

function define(
  parameters: readonly (string | Parameter)[],
  call: FunctionValue["call"],
  members: Members = [],
): FunctionValue {
  const named = parameters.map((one) => (typeof one === "string" ? { name: one } : one));
  return { kind: "function", parameters: named, call, members: new Map(members) };
}

const zone: Parameter = { name: "tz", defaultValue: null };
const utcZone: Value = { kind: "zone", zone: utc };

const now = define([zone], (call) => nowIn(call, zoneArgument(call, call.arguments[0])));
const today = define([], (call) => nowIn(call, undefined));
const fromIso = define(["date_string"], (call) => datetimeFrom(call, call.arguments[0]));

const clockParameters = ["hour", "minute", "second", "microsecond"].map((name) => ({ name, defaultValue: 0 }));

const datetimeClass = define(
  ["year", "month", "day", ...clockParameters, { name: "tzinfo", defaultValue: null }],
  (call) => datetimeOf(call, call.arguments.slice(0, 7), zoneArgument(call, call.arguments[7])),
  [
    ["now", now],
    ["utcnow", define([], (call) => nowIn(call, utc))],
    ["today", today],
    ["fromisoformat", fromIso],
  ],
);

const dateClass = define(["year", "month", "day"], dateFromParts, [
  ["today", define([], (call) => dateOf(nowIn(call, undefined)))],
  ["fromisoformat", define(["date_string"], (call) => dateOf(datetimeFrom(call, call.arguments[0])))],
]);

const timezone = define(
  ["offset", "name"].map((name) => ({ name, defaultValue: null })),
  timezoneOf,
  [["utc", utcZone]],
);

/** Python's module and the class of the same name at once: guides write `datetime.now()` as well as `datetime.datetime.now()`. */
const datetime: FunctionValue = {
  ...datetimeClass,
  members: new Map<string, Value>([
    ...(datetimeClass.members ?? []),
    ["datetime", datetimeClass],
    ["date", dateClass],
    ["timedelta", define(timedeltaParameters, timedeltaOf)],
    ["timezone", timezone],
    ["UTC", utcZone],
  ]),
};

const zoneInfo = define(["key"], (call) => {
  const found = zoneArgument(call, call.arguments[0]);
  return found ? { kind: "zone", zone: found } : accepted(call, { hint: "A time zone has a name." });
});

export const qb: FunctionValue = {
  kind: "function",
  parameters: [],
  call: undefined,
  members: new Map<string, Value>([
    ["all", { ...define([], allOf), isVariadic: true }],
    ["any", { ...define([], anyOf), isVariadic: true }],
    ...[...metaFields.keys()].flatMap((key) =>
      [...new Set([key, snakeCase(key)])].map((spelling) => [spelling, metaField(spelling)] as const),
    ),
  ]),
};

export const names: ReadonlyMap<string, Value> = new Map<string, Value>([
  ["QB", qb],
  ["datetime", datetime],
  ["dt", datetime],
  ["timezone", timezone],
  ["ZoneInfo", zoneInfo],
]);

function metaField(fieldPath: string): FunctionValue {
  return define([], ({ start }) => ({ kind: "field", target: { fieldPath }, start }));
}

function allOf(call: Call): Value {
  return { kind: "search", search: call.arguments.length === 0 ? everything : united(call, "AND", searchesOf(call)) };
}

function anyOf(call: Call): Value {
  if (call.arguments.length === 0) throw call.scope.source.refuse(call.start, "any() requires at least one condition.");
  return { kind: "search", search: united(call, "OR", searchesOf(call)) };
}

function dateFromParts(call: Call): Value {
  const [year = 0, month = 0, day = 0] = call.arguments.map((argument) => intArgument(call, argument));
  const found = dayOf(year, month, day);
  return accepted(call, found === undefined ? { hint: "There is no such day." } : { kind: "date", day: found });
}
