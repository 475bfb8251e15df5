/** Hive Gateway on the supergraph, its runtime on Node's http server; the notes are executed in its process. */
import { createGatewayRuntime } from "@graphql-hive/gateway";
import { createDefaultExecutor } from "@graphql-tools/delegate";
import { notesSchema } from "./notes.mjs";
import { serve } from "./serve.mjs";
import { composeSupergraph } from "./supergraph.mjs";

const executeNotes = createDefaultExecutor(notesSchema);

serve(
  createGatewayRuntime({
    supergraph: composeSupergraph(),
    logging: false,
    healthCheckEndpoint: "/healthcheck",
    plugins: () => [
      {
        onSubgraphExecute({ subgraphName, setExecutor }) {
          if (subgraphName.toLowerCase() === "notes") setExecutor(executeNotes);
        },
      },
    ],
  }),
);
