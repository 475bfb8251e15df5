/** The columns that the tables of heads have for meta fields, under one name in every SQL driver. */
const columns: Readonly<Record<string, string>> = {
  resourceId: "resource_id",
  resourceName: "resource_name",
  currentRevisionId: "current_revision_id",
  etag: "etag",
  schemaVersion: "schema_version",
  totalRevisionCount: "total_revision_count",
  createdTime: "created_time",
  updatedTime: "updated_time",
  createdBy: "created_by",
  updatedBy: "updated_by",
  isDeleted: "is_deleted",
};

/** Of numbers, times and truth values. */
const lengthless: ReadonlySet<string> = new Set(["totalRevisionCount", "createdTime", "updatedTime", "isDeleted"]);

export function headColumnOf(path: string): string {
  const column = Object.hasOwn(columns, path) ? columns[path] : undefined;
  if (column === undefined) throw new TypeError(`${path} is no column of a head`);
  return column;
}

export function hasLength(path: string): boolean {
  return !lengthless.has(path);
}
