/** The floor: Node's bare http server with one constant answer per path, given as JSON in `ANSWERS`. */
import { createServer } from "node:http";

const answers = new Map(
  Object.entries(JSON.parse(process.env.ANSWERS)).map(([path, body]) => [path, Buffer.from(body)]),
);

const server = createServer((request, response) => {
  const body = answers.get(request.url);
  response.writeHead(200, { "content-type": "application/json", "content-length": body.length }).end(body);
});
server.listen(Number(process.env.PORT), "127.0.0.1", () => console.log("ready"));
process.once("SIGTERM", () => process.exit(0));
