/**
 * A list that was read in part ends behind the last element read, and remembers how long it is in the document: to make
 * room for a thousand elements that nobody wants takes longer than to read the first.
 */
const trueLength = Symbol("true length");

interface PartialList {
  [trueLength]?: number;
}

/** How long the list is in the document. */
export function listLength(list: readonly unknown[]): number {
  return (list as PartialList)[trueLength] ?? list.length;
}

export function setListLength(list: readonly unknown[], length: number): void {
  if (list.length !== length) (list as PartialList)[trueLength] = length;
}
