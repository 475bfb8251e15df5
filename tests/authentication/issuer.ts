/** An issuer of tokens on 127.0.0.1: signs with keys of its own, and serves their public halves as a JSON Web Key Set. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import type { AuthenticateCall } from "../../src/authentication/authenticate.ts";

export interface Issuer extends AsyncDisposable {
  readonly jwksUrl: string;
  /** How often the set was asked for. */
  readonly fetches: number;
  /** "silent" takes requests and answers none. */
  mode: "answer" | "fail" | "silent" | "nonsense";
  /** Makes a new key, which signs from now on; the set holds it alone. */
  rotate(): Promise<void>;
  sign(claims?: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
}

export async function startIssuer(algorithm = "ES256"): Promise<Issuer> {
  let fetches = 0;
  let keys: JWK[] = [];
  let signing: { readonly key: CryptoKey; readonly kid: string } | undefined;
  const server = createServer((_request, response) => {
    fetches += 1;
    if (started.mode === "silent") return;
    response.writeHead(started.mode === "fail" ? 500 : 200, { "content-type": "application/json" });
    response.end(started.mode === "nonsense" ? "<html>" : JSON.stringify({ keys }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const started: Issuer = {
    jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`,
    mode: "answer",
    get fetches() {
      return fetches;
    },
    async rotate() {
      const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
      const kid = crypto.randomUUID();
      keys = [{ ...(await exportJWK(publicKey)), kid, alg: algorithm, use: "sig" }];
      signing = { key: privateKey, kid };
    },
    async sign(claims = {}, header = {}) {
      if (signing === undefined) throw new Error("the issuer has no key yet");
      const token = new SignJWT({ ...standard(), ...claims });
      return token.setProtectedHeader({ alg: algorithm, kid: signing.kid, ...header }).sign(signing.key);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  await started.rotate();
  return started;
}

export const issuer = "https://login.example";
export const audience = "weft";

/** What a good token says. */
export function standard(): Record<string, unknown> {
  return { iss: issuer, aud: audience, sub: "ann", exp: Math.floor(Date.now() / 1000) + 60 };
}

export interface Brought {
  readonly headers?: Record<string, string>;
  readonly params?: Record<string, unknown>;
  readonly remoteAddress?: string;
}

/** What `authenticate` is called with. */
export function callOf({ headers = {}, params, remoteAddress }: Brought): AuthenticateCall {
  const request = {
    method: "POST",
    url: "http://gateway.example/graphql",
    headers: new Headers(headers),
    remoteAddress,
  };
  return params === undefined ? { request } : { request, connectionParams: params };
}

export const bearer = (token: string) => callOf({ headers: { authorization: `Bearer ${token}` } });
