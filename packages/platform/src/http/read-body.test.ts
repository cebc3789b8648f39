import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { test } from "node:test";
import { ClientGone, readBody } from "./read-body.ts";

const REQUEST = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 12\r\n\r\n{"amount":1}';

test("a client that left before its body was looked at is noticed, though all of the body had arrived", async (t) => {
  const server = createServer().listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.write(REQUEST);
  const [request] = (await once(server, "request")) as [IncomingMessage];
  socket.destroy();
  await new Promise((resolve) => request.once("close", resolve));
  await assert.rejects(readBody(request, 1_024), ClientGone);
});
