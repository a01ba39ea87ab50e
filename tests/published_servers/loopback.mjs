// Preloaded into servers of npm, some of which listen on every address and at a port of their own choice: they listen at
// PORT of 127.0.0.1 instead, and what they start beside themselves at MCP_AUTH_PORT.
import net from "node:net";

const { listen } = net.Server.prototype;
const { PORT, MCP_AUTH_PORT } = process.env;

net.Server.prototype.listen = function (port, ...rest) {
  const chosen = String(port) === MCP_AUTH_PORT ? MCP_AUTH_PORT : PORT;
  const listening = rest.find((value) => typeof value === "function");
  return listen.call(this, { port: Number(chosen), host: "127.0.0.1" }, listening);
};
