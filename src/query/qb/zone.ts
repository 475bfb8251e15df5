/** Time zones: fixed offsets, and IANA's as the runtime knows them (ECMA-402). */

const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

export interface Zone {
  readonly name: string;
  /** What its clocks are ahead of UTC at an instant. Both in milliseconds. */
  offsetAt(instant: number): number;
}

export const utc: Zone = { name: "UTC", offsetAt: () => 0 };

/** Python's bound: less than a day to either side; undefined beyond. */
export function fixedZone(offsetMs: number): Zone | undefined {
  if (!(Math.abs(offsetMs) < dayMs)) return undefined;
  return { name: `UTC${offsetMs < 0 ? "-" : "+"}${Math.abs(offsetMs) / hourMs}`, offsetAt: () => offsetMs };
}

/** Hours (`8`, `-3.5`), an offset (`"+8"`, `"-03:30"`) or a name (`"Asia/Taipei"`); undefined for what is none. */
export function zoneOf(value: string | number): Zone | undefined {
  if (typeof value === "number") return fixedZone(Math.round(value * hourMs));
  const offset = /^([-+]?)(\d{1,2})(?::?(\d\d))?$/.exec(value);
  if (offset === null) return ianaZone(value);
  const [, sign, hours, minutes = "0"] = offset;
  if (Number(minutes) > 59) return undefined;
  return fixedZone((Number(hours) * hourMs + Number(minutes) * 60_000) * (sign === "-" ? -1 : 1));
}

/** The instant at which clocks show this; where they show it twice, the first; where never, as far behind the gap as it would have been. */
export function instantOf(wall: number, zone: Zone): number {
  const [before, after] = [zone.offsetAt(wall - dayMs), zone.offsetAt(wall + dayMs)];
  const isShown = (offset: number) => zone.offsetAt(wall - offset) === offset;
  return wall - (isShown(before) || !isShown(after) ? before : after);
}

/** What clocks show, as if it were UTC. */
export function wallOf(instant: number, zone: Zone): number {
  return instant + zone.offsetAt(instant);
}

/** Making one takes as long as parsing a whole expression. Names are many, since case does not matter. */
const zones = new Map<string, Zone>();
const maxZones = 1000;
const maxOffsets = 64;

function ianaZone(name: string): Zone | undefined {
  const cached = zones.get(name);
  if (cached !== undefined) return cached;
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/.test(name) || name.length > 64) return undefined;
  const zone = intlZone(name);
  if (zone === undefined) return undefined;
  if (zones.size >= maxZones) zones.clear();
  zones.set(name, zone);
  return zone;
}

function intlZone(name: string): Zone | undefined {
  const format = dateFormat(name);
  if (format === undefined) return undefined;
  /** The days around now are asked for again and again, and an answer takes 10 µs. */
  const offsets = new Map<number, number>();
  return {
    name,
    offsetAt(instant) {
      const second = Math.floor(instant / 1000) * 1000;
      const known = offsets.get(second);
      if (known !== undefined) return known;
      const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second: s = 0 } = partsOf(format, second);
      const wall = new Date(0);
      wall.setUTCFullYear(year, month - 1, day);
      wall.setUTCHours(hour, minute, s);
      if (offsets.size >= maxOffsets) offsets.clear();
      offsets.set(second, wall.getTime() - second);
      return wall.getTime() - second;
    },
  };
}

function dateFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  const numeric = "numeric";
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: numeric,
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
      second: numeric,
    });
  } catch {
    return undefined; // a RangeError: there is no such zone
  }
}

function partsOf(format: Intl.DateTimeFormat, instant: number): Partial<Record<Intl.DateTimeFormatPartTypes, number>> {
  return Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
}
