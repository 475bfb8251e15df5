/**
 * The media type of content, by its first bytes: a short table of common signatures (https://mimesniff.spec.whatwg.org, and the
 * formats' own specifications). What comes with bytes is a claim: it stands where the bytes have no signature, and where they
 * could be that too, as a .docx is a zip.
 */

/** As many of the first bytes as a signature needs. */
export const sniffedBytes = 512;

interface Signature {
  readonly type: string;
  /** Latin-1. */
  readonly bytes: string;
  /** @default 0 */
  readonly at?: number;
  /** A second part that must be there too. */
  readonly and?: { readonly at: number; readonly bytes: string };
  /** Claims that such bytes may bear out, beside `type`. */
  readonly or?: RegExp;
}

const inZip = /^application\/(vnd\.|epub\+zip$|java-archive$|x-zip|.*\+zip$)/;
const isoVideo = /^(video|audio|image)\/(mp4|quicktime|3gpp2?|x-m4[av]|heic|heif|avif)$/;

const signatures: readonly Signature[] = [
  { type: "image/png", bytes: "\x89PNG\r\n\x1a\n", or: /^image\/(apng|vnd\.mozilla\.apng)$/ },
  { type: "image/jpeg", bytes: "\xff\xd8\xff", or: /^image\/(jpg|pjpeg)$/ },
  { type: "image/gif", bytes: "GIF87a" },
  { type: "image/gif", bytes: "GIF89a" },
  { type: "image/webp", bytes: "RIFF", and: { at: 8, bytes: "WEBP" } },
  { type: "image/bmp", bytes: "BM", and: { at: 6, bytes: "\0\0\0\0" } },
  { type: "image/tiff", bytes: "II*\0", or: /^image\// },
  { type: "image/tiff", bytes: "MM\0*", or: /^image\// },
  { type: "image/x-icon", bytes: "\0\0\x01\0", or: /^image\/(vnd\.microsoft\.icon|ico)$/ },
  { type: "image/avif", at: 4, bytes: "ftypavif", or: isoVideo },
  { type: "image/heic", at: 4, bytes: "ftyphei", or: isoVideo },
  { type: "image/heif", at: 4, bytes: "ftypmif1", or: isoVideo },
  { type: "video/quicktime", at: 4, bytes: "ftypqt  ", or: isoVideo },
  { type: "audio/mp4", at: 4, bytes: "ftypM4A", or: isoVideo },
  { type: "video/mp4", at: 4, bytes: "ftyp", or: isoVideo },
  { type: "video/webm", bytes: "\x1a\x45\xdf\xa3", or: /^(video|audio)\/(webm|matroska|x-matroska)$/ },
  { type: "video/x-msvideo", bytes: "RIFF", and: { at: 8, bytes: "AVI " }, or: /^video\/avi$/ },
  { type: "video/mpeg", bytes: "\0\0\x01\xba" },
  { type: "audio/wav", bytes: "RIFF", and: { at: 8, bytes: "WAVE" }, or: /^audio\/(x-wav|wave|vnd\.wave)$/ },
  { type: "audio/mpeg", bytes: "ID3", or: /^audio\// },
  { type: "audio/mpeg", bytes: "\xff\xfb", or: /^audio\/mp3$/ },
  { type: "audio/aac", bytes: "\xff\xf1" },
  { type: "audio/flac", bytes: "fLaC", or: /^audio\/x-flac$/ },
  { type: "audio/midi", bytes: "MThd" },
  { type: "application/ogg", bytes: "OggS", or: /^(audio|video)\/(ogg|opus)$/ },
  { type: "application/pdf", bytes: "%PDF-", or: /^application\/(illustrator|postscript)$/ },
  { type: "application/zip", bytes: "PK\x03\x04", or: inZip },
  { type: "application/zip", bytes: "PK\x05\x06", or: inZip },
  { type: "application/gzip", bytes: "\x1f\x8b\x08", or: /^application\/(x-gzip|x-tgz|.*\+gzip)$/ },
  { type: "application/zstd", bytes: "\x28\xb5\x2f\xfd" },
  { type: "application/x-bzip2", bytes: "BZh" },
  { type: "application/x-xz", bytes: "\xfd7zXZ\0" },
  { type: "application/x-7z-compressed", bytes: "7z\xbc\xaf\x27\x1c" },
  { type: "application/vnd.rar", bytes: "Rar!\x1a\x07", or: /^application\/x-rar-compressed$/ },
  { type: "application/x-tar", at: 257, bytes: "ustar" },
  { type: "application/vnd.sqlite3", bytes: "SQLite format 3\0", or: /^application\/x-sqlite3$/ },
  { type: "application/wasm", bytes: "\0asm" },
  {
    type: "application/x-msdownload",
    bytes: "MZ",
    or: /^application\/(x-dosexec|vnd\.microsoft\.portable-executable)$/,
  },
  { type: "application/x-elf", bytes: "\x7fELF", or: /^application\/x-(executable|sharedlib|object)$/ },
  {
    type: "application/x-ole-storage",
    bytes: "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    or: /^application\/(msword|vnd\.ms-)/,
  },
  { type: "font/woff2", bytes: "wOF2" },
  { type: "font/woff", bytes: "wOFF" },
  { type: "font/otf", bytes: "OTTO", or: /^font\/sfnt$/ },
  { type: "font/ttf", bytes: "\0\x01\0\0\0", or: /^font\/sfnt$/ },
];

interface Markup {
  readonly type: string;
  isAt(begin: string): boolean;
  readonly or: RegExp;
}

/** What a browser could take for a page, or run, however it begins; such text may also be shown as what it is, plain text. */
const markup: readonly Markup[] = [
  {
    type: "image/svg+xml",
    isAt: (begin) => /^<(svg[\s>]|\?xml|!--|!doctype svg)/i.test(begin) && /<svg[\s>]/i.test(begin),
    or: /^(text|application)\/(plain|xml)$/,
  },
  { type: "application/xml", isAt: (begin) => /^<\?xml\s/i.test(begin), or: /^(text\/|application\/.*xml|.*\+xml$)/ },
  {
    type: "text/html",
    isAt: (begin) =>
      /^<(!--|!doctype html|(html|head|script|iframe|body|h1|div|font|table|a|style|title|b|br|p)[\s>])/i.test(begin),
    or: /^(text\/|application\/xhtml\+xml$)/,
  },
];

const unknownType = "application/octet-stream";

/**
 * What content is.
 * @param head its first bytes, `sniffedBytes` of them where it has as many
 * @param claimed what its bringer says
 * @returns the type, and whether the bytes bear it out: false for a claim of a type whose signature is not there
 */
export function mediaTypeOf(
  head: Uint8Array,
  claimed: string | undefined,
): { readonly type: string; readonly isShown: boolean } {
  const found = signatureIn(head);
  const essence = essenceOf(claimed ?? unknownType);
  if (found) {
    const isClaimed = found.type === essence || found.or?.test(essence) === true;
    return { type: isClaimed && claimed !== undefined ? claimed : found.type, isShown: true };
  }
  return { type: claimed ?? unknownType, isShown: !hasSignature(essence) };
}

/** Without parameters, in lower case. */
export function essenceOf(contentType: string): string {
  return (contentType.split(";")[0] ?? "").trim().toLowerCase();
}

/** @param patterns such as `image/png` and `image/*` */
export function isOfTypes(contentType: string, patterns: readonly string[]): boolean {
  const essence = essenceOf(contentType);
  return patterns.some((pattern) => {
    const wanted = pattern.toLowerCase();
    return wanted === essence || (wanted.endsWith("/*") && essence.startsWith(wanted.slice(0, -1)));
  });
}

function signatureIn(head: Uint8Array): { readonly type: string; readonly or?: RegExp } | undefined {
  const text = Buffer.from(head.subarray(0, sniffedBytes)).toString("latin1");
  const found = signatures.find(
    ({ bytes, at = 0, and }) => text.startsWith(bytes, at) && (!and || text.startsWith(and.bytes, and.at)),
  );
  if (found) return found;
  const begin = text.replace(/^\xef\xbb\xbf/, "").trimStart();
  return markup.find(({ isAt }) => isAt(begin));
}

function hasSignature(essence: string): boolean {
  return (
    signatures.some(({ type }) => type === essence) ||
    markup.some(({ type }) => type === essence && type.startsWith("image/"))
  );
}
