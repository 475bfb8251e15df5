/** The page that browsers get, in a browser: it runs a query, a mutation and a subscription, and asks nobody but us. */
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { createGateway, type Gateway } from "../../../src/gateway.ts";

const executablePath = inject("chromiumPath");
if (executablePath === null) console.log("NOT TESTED: GraphiQL in a browser, because there is no Chromium");

describe.skipIf(executablePath === null)("GraphiQL (needs a Chromium)", () => {
  let gateway: Gateway;
  let url: string;
  let browser: Browser;
  beforeAll(async () => {
    gateway = createGateway({ meta: "memory:", payload: "memory:", blob: "memory:", logLevel: "warn" });
    gateway.addModel("TodoItem", z.object({ title: z.string() }), { indexedFields: ["title"] });
    ({ url } = await gateway.listen({ port: 0 }));
    const quiet = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
    const args = ["--no-sandbox", "--disable-gpu", ...quiet];
    browser = await chromium.launch({ executablePath: executablePath ?? "", headless: true, args });
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.close();
  });

  /** Opens the page with a document, and runs it. */
  async function run(document: string): Promise<{ page: Page; asked: string[]; complaints: string[] }> {
    const page = await browser.newPage();
    const asked: string[] = [];
    const complaints: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    page.on("websocket", (socket) => asked.push(socket.url()));
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(`${url}?query=${encodeURIComponent(document)}`);
    await page.getByRole("button", { name: /execute query/i }).click();
    return { page, asked, complaints };
  }

  const answered = (page: Page, text: string) =>
    page.locator(".graphiql-response, .result-window").filter({ hasText: text }).first().waitFor({ timeout: 15_000 });

  const origin = () => new URL(url).host;
  const isOwn = (address: string) => /^(data|blob):/.test(address) || new URL(address).host === origin();

  it("runs a query and a mutation, under the title weft", async () => {
    const { page, asked, complaints } = await run(
      'mutation { createTodoItem(data: { title: "mop" }) { data { title } } }',
    );
    expect(await page.title()).toBe("weft");
    await answered(page, "mop");
    const queried = await run("{ todoItemList { data { title } } }");
    await answered(queried.page, "mop");
    expect([...asked, ...queried.asked].filter((address) => !isOwn(address))).toEqual([]);
    expect([...complaints, ...queried.complaints]).toEqual([]);
  });

  it("sees the event of a subscription", async () => {
    const { page, asked, complaints } = await run(
      "subscription { todoItemChanged { action resource { data { title } } } }",
    );
    await expect.poll(() => asked.some((address) => address.startsWith("ws:"))).toBe(true);
    const write = gateway.resource("TodoItem");
    // The socket is open before the subscription has begun: writes until one of them shows.
    const writing = setInterval(() => void write.create({ title: "sweep" }), 200);
    await answered(page, "sweep").finally(() => clearInterval(writing));
    expect(asked.filter((address) => !isOwn(address))).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it("is not served to programs", async () => {
    const response = await fetch(`${url}?query={__typename}`);
    expect(await response.json()).toEqual({ data: { __typename: "Query" } });
  });
});
