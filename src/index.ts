/** weft: the public surface. */
export { z } from "zod";
export { type ApiKey, type ApiKeysOptions, apiKeys } from "./authentication/api-keys.ts";
export type {
  Authenticate,
  AuthenticateCall,
  Authenticated,
  IncomingRequest,
} from "./authentication/authenticate.ts";
export { firstOf } from "./authentication/first-of.ts";
export { type JwtClaims, type JwtOptions, jwt } from "./authentication/jwt.ts";
export type { JwtAlgorithm } from "./authentication/jwt-keys.ts";
export { type TrustedHeaderOptions, trustedHeader } from "./authentication/trusted-header.ts";
export { ConfigurationError, type ErrorCode, type Issue, WeftError } from "./base/errors.ts";
export type { Finding } from "./base/finding.ts";
export type { IdGenerator } from "./base/ids.ts";
export type { Json, JsonObject } from "./base/json.ts";
export type { Diagnosis } from "./diagnosis.ts";
export type { GatewayPlugin } from "./faces/graphql/transport/plugins.ts";
export type {
  BreakerOptions,
  ExtendField,
  ExtendOptions,
  HeaderOptions,
  MergeOptions,
  RemoteOptions,
  SupergraphOptions,
  TransformOptions,
} from "./faces/stitch/options.ts";
export type { RemoteCaller } from "./faces/stitch/remote/remote.ts";
export type { ReloadedService } from "./faces/stitch/stitch.ts";
export {
  type CustomCall,
  type CustomOperation,
  operation,
  type UntypedManager,
} from "./features/custom-operations/custom-operation.ts";
export type { GcOptions, GcProgress } from "./features/gc/collect.ts";
export { actionBased, type CheckersByAction } from "./features/permissions/action-based.ts";
export { type CompositeOptions, composite } from "./features/permissions/composite.ts";
export { conditional, during } from "./features/permissions/conditional.ts";
export { type OwnerOptions, owner } from "./features/permissions/owner.ts";
export type {
  Admins,
  Checker,
  Decision,
  PermissionRequest,
  ResourceDecision,
} from "./features/permissions/permission.ts";
export { allowAll, rootOnly } from "./features/permissions/plain.ts";
export { acl } from "./features/permissions/rules/acl.ts";
export { type RbacOptions, rbac } from "./features/permissions/rules/rbac.ts";
export type { RulesOptions } from "./features/permissions/rules/rules-checker.ts";
export { type CheckersByStatus, statusBased } from "./features/permissions/status-based.ts";
export type { ReindexProgress, UnreadableState } from "./features/reindex/reindex.ts";
export type { FieldOptions } from "./features/switches/field-access.ts";
export type { Switches } from "./features/switches/switches.ts";
export { createGateway, type Gateway, isGateway, type RegisteredManager } from "./gateway.ts";
export type { Bus } from "./messaging/bus/bus.ts";
export type { Queue } from "./messaging/queue/queue.ts";
export { type BinaryInput, type BinaryOptions, type BinaryValue, binary } from "./model/binary.ts";
export type { ByteSource } from "./model/byte-source.ts";
export type { ResourceAction } from "./model/change.ts";
export type { PatchOperation } from "./model/patch.ts";
export { ref } from "./model/reference.ts";
export type { ResourceMeta } from "./model/resource-meta.ts";
export type { RevisionInfo, RevisionStatus } from "./model/revision.ts";
export type { GatewayOptions, ListenOptions, ModelRegistration } from "./options.ts";
export { QB } from "./query/qb/builder.ts";
export type { QbField, QbRoot, QbSearch, QbSort } from "./query/qb/builder-types.ts";
export type { Order, ResourceQuery, SearchCondition, SearchSort, Where } from "./query/resource-query.ts";
export type { Actor } from "./resource/actor.ts";
export type {
  AfterSetRelations,
  BeforeSetRelations,
  ControllerContext,
  ControllerHook,
  ControllerRequest,
  EventHandler,
  Handle,
  Phase,
  RelationScope,
  RelationsSet,
  ResourceEvent,
  SetRelations,
} from "./resource/event.ts";
export type { ControllerSlot, EventSlot, Hooks } from "./resource/events/hooks.ts";
export { type On, type OnHandlers, type OnOptions, on } from "./resource/events/on.ts";
export type { Limits } from "./resource/limits.ts";
export type {
  BlobContent,
  BlobOptions,
  CreateOptions,
  ExistingOptions,
  GetOptions,
  Modification,
  Rehearsal,
  ResourceChange,
  ResourceManager,
  WriteOptions,
} from "./resource/manager.ts";
export type {
  FieldMask,
  Policy,
  PolicyChains,
  PolicyDecision,
  PolicyRequest,
  PolicyResult,
} from "./resource/policy.ts";
export type { Referrer } from "./resource/referrer.ts";
export type {
  ListRelationInput,
  NestedData,
  NestedUpdate,
  OneRelationInput,
  RelationInputs,
  RelationSwitches,
} from "./resource/relation-input.ts";
export type { Page, PageArguments, Resource } from "./resource/resource.ts";
export type { Complaint, Validation, Validator } from "./resource/validator.ts";
export type { BlobStore } from "./stores/blob/blob-store.ts";
export type { MetaStore } from "./stores/meta/meta-store.ts";
export type { ByteRange, ListedPayload, PayloadStore, ReadHint } from "./stores/payload/payload-store.ts";
