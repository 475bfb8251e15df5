/** Python's `datetime` as far as expressions need it: times, days, spans and zones. A naive time counts as UTC. */
import { canonicalDatetime } from "../../model/datetime.ts";
import { isRefusal } from "./arithmetic.ts";
import { instantText, isDay } from "./relative-dates.ts";
import { dayMicros, floorDivide, type Refusal, timedelta } from "./time-arithmetic.ts";
import { type Argument, type Call, type Datetime, isKind, type Value } from "./values.ts";
import { dayMs, fixedZone, instantOf, utc, wallOf, type Zone, zoneOf } from "./zone.ts";

/** Asking the runtime for one is dear. */
const maxZones = 8;

/** RFC 3339 of the instant; undefined outside the calendar. */
export function datetimeText({ wall, zone = utc }: Datetime): string | undefined {
  const ms = floorDivide(wall, 1000n);
  return instantText(instantOf(Number(ms), zone), Number(wall - ms * 1000n));
}

/** The zone that an argument means: a zone, hours, an offset or a name; undefined for None. @throws QUERY_INVALID */
export function zoneArgument({ scope }: Call, argument: Argument | undefined): Zone | undefined {
  const { value, start } = argument ?? { value: null, start: 0 };
  if (value === null) return undefined;
  if (isKind(value, "zone")) return value.zone;
  const isSpelt = typeof value === "string" || typeof value === "number" || typeof value === "bigint";
  if (isSpelt && scope.zones.add(String(value)).size > maxZones) {
    throw scope.source.tooMuch(start, maxZones, `A QB expression names at most ${maxZones} time zones.`);
  }
  const zone = isSpelt ? zoneOf(typeof value === "bigint" ? Number(value) : value) : undefined;
  if (zone === undefined) throw scope.source.refuse(start, "Invalid timezone offset, and no name of a zone either.");
  return zone;
}

/** @throws QUERY_INVALID */
export function intArgument({ scope, start }: Call, argument: Argument | undefined): number {
  const value = argument?.value;
  if (typeof value === "bigint" && value >= -maxInt && value <= maxInt) return Number(value);
  throw scope.source.refuse(argument?.start ?? start, "An integer is needed here.");
}

const maxInt = BigInt(Number.MAX_SAFE_INTEGER);

/** @throws QUERY_INVALID where the value is a refusal */
export function accepted({ scope, start }: Call, value: Value | undefined | Refusal): Value {
  if (isRefusal(value)) throw scope.source.refuse(start, value.hint);
  return value ?? null;
}

/** Year, month, day, hour, minute, second, microsecond. @throws QUERY_INVALID unless the calendar has it */
export function datetimeOf(call: Call, parts: readonly (Argument | undefined)[], zone: Zone | undefined): Datetime {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, micro = 0] = parts.map((part) =>
    intArgument(call, part),
  );
  const date = dayOf(year, month, day);
  const isClock = inRange(hour, 23) && inRange(minute, 59) && inRange(second, 59) && inRange(micro, 999_999);
  if (date === undefined || !isClock) throw call.scope.source.refuse(call.start, "There is no such time.");
  const ms = date * dayMs + ((hour * 60 + minute) * 60 + second) * 1000;
  return { kind: "datetime", wall: BigInt(ms) * 1000n + BigInt(micro), zone };
}

/** Days since 1970-01-01; undefined unless the calendar has it. */
export function dayOf(year: number, month: number, day: number): number | undefined {
  if (!inRange(year, 9999) || !inRange(month, 12) || !inRange(day, 31)) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isReal && isDay(date.getTime() / dayMs) ? date.getTime() / dayMs : undefined;
}

function inRange(value: number, most: number): boolean {
  return value >= 0 && value <= most;
}

/** The operation's time as clocks in the zone show it. */
export function nowIn({ scope }: Call, zone: Zone | undefined): Datetime {
  return { kind: "datetime", wall: BigInt(wallOf(scope.context.now.getTime(), zone ?? utc)) * 1000n, zone };
}

export function dateOf({ wall }: Datetime): Value {
  return { kind: "date", day: Number(floorDivide(wall, dayMicros)) };
}

/** A time as other clocks show it. */
export function inZone({ wall, zone = utc }: Datetime, other: Zone): Datetime {
  const ms = floorDivide(wall, 1000n);
  const instant = instantOf(Number(ms), zone);
  return { kind: "datetime", wall: BigInt(wallOf(instant, other)) * 1000n + (wall - ms * 1000n), zone: other };
}

/** ISO 8601 as Python writes it: a day, or a day and a time, with or without a zone. @throws QUERY_INVALID */
export function datetimeFrom({ scope, start }: Call, argument: Argument | undefined): Datetime {
  const text = typeof argument?.value === "string" ? argument.value.replace(" ", "T") : "";
  const zoned = canonicalDatetime(text);
  const canonical = zoned ?? canonicalDatetime(`${text}Z`) ?? canonicalDatetime(`${text}T00:00:00Z`);
  const instant = Date.parse(canonical ?? "");
  if (canonical === undefined || !isDay(Math.floor(instant / dayMs))) {
    throw scope.source.refuse(argument?.start ?? start, "This is no time as ISO 8601 writes it.");
  }
  const micros = canonical.slice(0, -1).split(".")[1]?.padEnd(6, "0").slice(3, 6) ?? "0";
  return {
    kind: "datetime",
    wall: BigInt(instant) * 1000n + BigInt(micros),
    zone: zoned === undefined ? undefined : utc,
  };
}

const units = ["days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"];
const unitMicros = [86_400_000_000n, 1_000_000n, 1n, 1000n, 60_000_000n, 3_600_000_000n, 604_800_000_000n];

export const timedeltaParameters = units.map((name) => ({ name, defaultValue: 0 }));

/** The sum of the units. @throws QUERY_INVALID */
export function timedeltaOf(call: Call): Value {
  let micros = 0n;
  for (const [i, argument] of call.arguments.entries()) {
    const { value } = argument;
    const unit = unitMicros[i] ?? 0n;
    if (typeof value === "bigint") micros += value * unit;
    else if (typeof value === "number")
      micros += BigInt(Math.round(Math.min(Math.max(value, -1e15), 1e15) * Number(unit)));
    else throw call.scope.source.refuse(argument.start, "A number is needed here.");
  }
  return accepted(call, timedelta(micros));
}

/** `timezone(offset)`. @throws QUERY_INVALID */
export function timezoneOf(call: Call): Value {
  const [argument] = call.arguments;
  const offset = argument?.value ?? null;
  if (!isKind(offset, "timedelta")) {
    throw call.scope.source.refuse(argument?.start ?? call.start, "Method not allowed: timezone() takes a timedelta.");
  }
  const zone = fixedZone(Number(offset.micros / 1000n));
  if (zone === undefined) throw call.scope.source.refuse(call.start, "An offset is less than a day.");
  return { kind: "zone", zone };
}
