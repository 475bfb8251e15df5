/** Apollo Gateway in Apollo Server on the supergraph; the notes are executed in its process. */
import { ApolloGateway, LocalGraphQLDataSource, RemoteGraphQLDataSource } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { notesSchema } from "./notes.mjs";
import { composeSupergraph } from "./supergraph.mjs";

const gateway = new ApolloGateway({
  supergraphSdl: composeSupergraph(),
  buildService: ({ name, url }) =>
    name === "notes" ? new LocalGraphQLDataSource(notesSchema) : new RemoteGraphQLDataSource({ url }),
});
const quiet = { debug() {}, info() {}, warn: console.error, error: console.error };
const server = new ApolloServer({ gateway, logger: quiet });
await startStandaloneServer(server, { listen: { port: Number(process.env.PORT), host: "127.0.0.1" } });
console.log("ready");
process.once("SIGTERM", () => process.exit(0));
