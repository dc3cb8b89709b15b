// The way in: one address for portal, identity and callbacks, and one for the counterparts' pages, as a gateway's routes say.
// gateway.mjs EDGE_PORT PORTAL IDENTITY CALLBACK COUNTERPARTS_PORT COUNTERPARTS, each of the others as address:port.
import http from "node:http";

const [edge, portal, identity, callback, foreign, counterparts] = process.argv.slice(2);
const SILENT_MS = 30_000;

function serve(port, choose) {
  const server = http.createServer((request, response) => {
    const [host, to] = choose(request.url).split(":");
    const from = request.socket.remoteAddress.replace(/^::ffff:/, "");
    const headers = { ...request.headers };
    headers["x-forwarded-for"] = [headers["x-forwarded-for"], from].filter(Boolean).join(", ");
    const onward = http.request({ host, port: to, method: request.method, path: request.url, headers, agent: false });
    const broken = () => {
      if (!response.headersSent) response.writeHead(502);
      response.end();
    };
    onward.on("error", broken);
    // Whose pod was killed is never told so; gateways give up by themselves.
    onward.setTimeout(SILENT_MS, () => {
      console.error(`${new Date().toISOString()} ${request.method} ${request.url}: nobody answers`);
      onward.destroy(new Error("nobody answers"));
    });
    onward.on("response", (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.on("error", () => response.destroy());
      answer.pipe(response);
    });
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  });
  server.listen(Number(port), "127.0.0.1");
}

const under = (url, prefix) => url === prefix || url.startsWith(`${prefix}/`) || url.startsWith(`${prefix}?`);
serve(edge, (url) => {
  if (under(url, "/identity")) return identity;
  return under(url, "/callback") ? callback : portal;
});
serve(foreign, () => counterparts);
