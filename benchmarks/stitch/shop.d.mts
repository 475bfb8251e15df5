export interface Product {
  readonly upc: string;
  readonly name: string;
  readonly price: number;
}
export interface Review {
  readonly id: string;
  readonly stars: number;
  readonly body: string;
}
export interface Note {
  readonly title: string;
  readonly shelf: string;
  readonly rank: number;
  readonly productUpc: string;
}
export declare const productCount: number;
export declare const notesPerShelf: number;
export declare const shelfCount: number;
export declare function upcOf(index: number): string;
export declare function shelfOf(index: number): string;
export declare const products: ReadonlyMap<string, Product>;
export declare const reviews: ReadonlyMap<string, { readonly upc: string; readonly reviews: readonly Review[] }>;
export declare const notes: ReadonlyMap<string, readonly Note[]>;
export declare const catalogSdl: string;
export declare const reviewsSdl: string;
export declare const notesSdl: string;
export declare function withLink(sdl: string): string;
export declare function withoutKeys(sdl: string): string;
export declare function asSubgraph(sdl: string): string;
