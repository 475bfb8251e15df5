import { it } from "vitest"; import { startFixture } from "./fixture.ts";
it("x", async () => { const f = await startFixture(); console.log(await f.post({ query: "{ me }" }).catch(e=>e)); console.log(JSON.stringify(f.lines).slice(0,3000)); const r = await fetch(f.url+"?query={__typename}"); console.log(r.status, await r.text()); await f.close(10); });
