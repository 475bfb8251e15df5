/**
 * Datetimes as text. Documents hold one form: RFC 3339 in UTC with `Z`, seconds always there, at least three fraction digits and
 * no trailing zeros beyond them, so that equal instants are equal texts.
 */
const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,64}))?([Zz]|[+-]\d\d:\d\d)$/;

const canonical = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/**
 * The canonical form of an RFC 3339 datetime (§5.6); undefined where it is none: naive (without a zone), a date that the
 * calendar lacks, a leap second, or an instant outside the years 0000 to 9999 of UTC.
 * @param precision writes so many fraction digits instead, for a schema that demands them; more are kept where they are not 0
 */
export function canonicalDatetime(text: string, precision?: number): string | undefined {
  const match = rfc3339.exec(text);
  if (match === null) return undefined;
  const [, year = "", month = "", day = "", hour = "", minute = "", second = "", fraction = "", zone = ""] = match;
  if (!isDate(Number(year), Number(month), Number(day))) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  if (precision === undefined && canonical.test(text)) return text;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const utc = zone === "Z" || zone === "z" ? local : shifted(local, zone);
  return utc && `${utc}${canonicalFraction(fraction, precision)}Z`;
}

/** The canonical form of an instant; undefined for an invalid one, or one outside the years 0000 to 9999. */
export function datetimeText(time: Date): string | undefined {
  const ms = time.getTime();
  return ms >= earliestMs && ms <= latestMs ? time.toISOString() : undefined;
}

const earliestMs = Date.parse("0000-01-01T00:00:00.000Z");
const latestMs = Date.parse("9999-12-31T23:59:59.999Z");

function shifted(local: string, zone: string): string | undefined {
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  if (hours > 23 || minutes > 59) return undefined;
  const offsetMs = (hours * 60 + minutes) * 60_000 * (zone.startsWith("-") ? -1 : 1);
  return datetimeText(new Date(Date.parse(`${local}Z`) - offsetMs))?.slice(0, 19);
}

function canonicalFraction(digits: string, precision: number | undefined): string {
  if (precision !== undefined) {
    const significant = digits.replace(/0+$/, "");
    if (significant.length > precision) return `.${digits}`;
    return precision === 0 ? "" : `.${significant.padEnd(precision, "0")}`;
  }
  return `.${digits.slice(0, 3).padEnd(3, "0")}${digits.slice(3).replace(/0+$/, "")}`;
}

function isDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  return day <= days;
}
