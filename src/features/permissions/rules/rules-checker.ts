/** A checker whose rules are resources: reads those about an actor once, and keeps them until one of them changes. */
import { LRUCache } from "lru-cache";
import { ConfigurationError } from "../../../base/errors.ts";
import type { ModelSchema } from "../../../model/definition.ts";
import { type Actor, actorId } from "../../../resource/actor.ts";
import type { Model } from "../../../resource/registry.ts";
import type { Services } from "../../../resource/services.ts";
import type { Checker, Decision, PermissionHost, PermissionRequest } from "../permission.ts";
import { type AccessRule, isAbout, rolePrefix } from "./access-rule.ts";
import { decisionOn, type Verdict, verdictOf } from "./verdict.ts";
import { createWatch } from "./watch.ts";

export interface RulesOptions {
  /** The model of the rules. @default "AccessRule" */
  readonly model?: string;
  /** Roles that an actor has by its claims, as of a token, without "role:". Called for each operation. @default none */
  readonly roles?: (actor: Actor) => readonly string[];
  /** Who may read and write rules and memberships. @default rootOnly(): admins, and calls as root */
  readonly permission?: Checker;
  /** Actors whose rules are kept. @default 1000 */
  readonly cacheSize?: number;
  /** How long rules are kept at most, in ms, whatever the log says. @default 60000 */
  readonly maxAgeMs?: number;
}

/** Who asks. */
export interface Subject {
  readonly actor: string | undefined;
  readonly roles: readonly string[];
}

export interface RulesCheckerOptions extends RulesOptions {
  /** For messages. */
  readonly name: string;
  /** By model name. */
  readonly schemas: Readonly<Record<string, ModelSchema>>;
  /** @param models in the order of `schemas` */
  readonly read: (services: Services, models: readonly Model[], subject: Subject) => Promise<AccessRule[][]>;
}

/** What is kept of an actor. */
interface Known {
  readonly levels: readonly (readonly AccessRule[])[];
  readonly verdicts: Map<string, { readonly verdict: Verdict; readonly decision: Decision }>;
}

/** Above as many single resources a decision about one is made for that one. */
const wholeDecisionSize = 100;

export function rulesChecker(options: RulesCheckerOptions): Checker {
  const { cacheSize = 1000, maxAgeMs = 60_000, name } = options;
  if (!(Number.isSafeInteger(cacheSize) && cacheSize > 0 && maxAgeMs > 0))
    throw new ConfigurationError(`${name}: cacheSize is an integer above 0, maxAgeMs a number of ms above 0.`);
  const unbound: Checker = () => {
    throw new Error(`${name}() decides within a gateway only`);
  };
  return Object.assign(unbound, { bind: (host: PermissionHost) => bound(options, { host, cacheSize, maxAgeMs }) });
}

interface Binding {
  readonly host: PermissionHost;
  readonly cacheSize: number;
  readonly maxAgeMs: number;
}

function bound(options: RulesCheckerOptions, { host, cacheSize, maxAgeMs }: Binding): Checker {
  const { schemas, read, roles = () => [], permission } = options;
  const cache = new LRUCache<string, Known | Promise<Known>>({ max: cacheSize, ttl: maxAgeMs });
  const onChange = () => cache.clear();
  const models = Object.entries(schemas).map(([modelName, schema]) =>
    host.rules({
      modelName,
      schema,
      permission,
      options: { indexedFields: Object.keys(schema.shape) },
      onChange,
    }),
  );
  const watch = createWatch({ services: host.services, models, onChange });

  async function knownOf(subject: Subject, key: string): Promise<Known> {
    // First the watch, then the reading: a change in between is told.
    await watch.follow();
    const cached = cache.get(key);
    if (cached) return cached;
    const reading = readKnown(subject);
    cache.set(key, reading);
    const isKept = () => cache.peek(key) === reading;
    reading.then(
      (known) => isKept() && cache.set(key, known, { noUpdateTTL: true }),
      () => isKept() && cache.delete(key),
    );
    return reading;
  }

  async function readKnown(subject: Subject): Promise<Known> {
    const levels = await read(await host.services(), models, subject);
    return { levels, verdicts: new Map() };
  }

  return (request) => {
    const subject = subjectOf(request.actor, roles);
    const key = JSON.stringify([subject.actor ?? null, subject.roles]);
    const known = watch.isFollowing ? cache.get(key) : undefined;
    if (known !== undefined && !(known instanceof Promise)) return decide(known, request);
    return knownOf(subject, key).then((read) => decide(read, request));
  };
}

function subjectOf(actor: Actor, roles: NonNullable<RulesOptions["roles"]>): Subject {
  const id = actorId(actor) ?? undefined;
  // An actor that calls itself a role is not in it.
  return { actor: id?.startsWith(rolePrefix) ? undefined : id, roles: actor === null ? [] : roles(actor) };
}

function decide({ levels, verdicts }: Known, request: PermissionRequest): Decision {
  const { resourceName, action, now, resourceId } = request;
  const key = `${resourceName} ${action}`;
  const time = now.getTime();
  let known = verdicts.get(key);
  if (known === undefined || time < known.verdict.from || time >= known.verdict.until) {
    const verdict = verdictOf(
      levels.map((rules) => rules.filter((rule) => isAbout(rule, request))),
      time,
    );
    known = { verdict, decision: decisionOn(verdict) };
    verdicts.set(key, known);
  }
  const isLong = known.verdict.byResource.size > wholeDecisionSize;
  return isLong && resourceId !== undefined ? decisionOn(known.verdict, resourceId) : known.decision;
}
