/** One process: `DATABASE_URL` and `PORT` in, "ready" on standard output, ends on SIGTERM. */
import { createServer } from "node:http";
import { PrismaPg } from "@prisma/adapter-pg";
import { createYoga } from "graphql-yoga";
import { PrismaClient } from "./generated/client/client.ts";
import { buildSchema } from "./schema.ts";

const connectionString = process.env["DATABASE_URL"];
const port = Number(process.env["PORT"]);
const connections = Number(process.env["CONNECTIONS"] ?? 10);

const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString, max: connections }) });
await prisma.$connect();

const yoga = createYoga({ schema: buildSchema(prisma), logging: false, graphiql: false, landingPage: false });
const server = createServer(yoga);
server.listen(port, "127.0.0.1", () => console.log("ready"));

process.once("SIGTERM", () => {
  server.close(() => void prisma.$disconnect().then(() => process.exit(0)));
  server.closeAllConnections();
});
