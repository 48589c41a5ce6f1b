/**
 * What stands in front of the Workers in a deployment and not on this machine: it compresses what is text. By gzip, where Cloudflare's edge
 * gives a browser something denser.
 */
import { Agent, createServer, request } from "node:http";
import { once } from "node:events";
import { gzipSync } from "node:zlib";

const TEXT = /^(text\/|application\/(json|problem\+json)|image\/svg)/;
/** Cloudflare compresses no answer that is shorter. */
const BYTES_MIN = 48;

/**
 * Starts it.
 *
 * @param {string} url the deployment
 * @returns {Promise<{url: string, stop: () => void}>}
 */
export async function edge(url) {
  const { hostname, port } = new URL(url);
  const agent = new Agent({ keepAlive: true });
  const server = createServer((asked, answer) => {
    // The name that the browser knows is passed on: a session belongs to it.
    const onward = request({ agent, hostname, port, method: asked.method, path: asked.url, headers: asked.headers }, async (got) => {
      const chunks = [];
      for await (const chunk of got) chunks.push(chunk);
      let body = Buffer.concat(chunks);
      const headers = { ...got.headers };
      delete headers["transfer-encoding"];
      const isText = TEXT.test(headers["content-type"] ?? "") && !headers["content-encoding"];
      if (isText && body.length >= BYTES_MIN && /\bgzip\b/.test(asked.headers["accept-encoding"] ?? "")) {
        body = gzipSync(body);
        headers["content-encoding"] = "gzip";
      }
      answer.writeHead(got.statusCode, { ...headers, "content-length": body.length });
      answer.end(body);
    });
    onward.on("error", () => answer.destroy());
    asked.pipe(onward);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop: () => {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
}
