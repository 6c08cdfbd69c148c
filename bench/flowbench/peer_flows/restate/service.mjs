// The three-step flow as a durable service: each call is journaled by ctx.run before the next is made.
import http from "node:http";
import http2 from "node:http2";
import * as restate from "@restatedev/restate-sdk";

const agent = new http.Agent({ keepAlive: true });

function post(address, body, key) {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body);
    const headers = { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text), "Idempotency-Key": key };
    const request = http.request(address, { method: "POST", agent, headers }, (response) => {
      const parts = [];
      response.on("error", reject);
      response.on("data", (part) => parts.push(part));
      response.on("end", () => {
        if (response.statusCode >= 300) reject(new Error(`${address}: ${response.statusCode}`));
        else resolve(JSON.parse(Buffer.concat(parts)));
      });
    });
    request.on("error", reject);
    request.end(text);
  });
}

async function three(ctx, order) {
  const { STOCK_URL, PAYMENTS_URL, MAIL_URL } = process.env;
  const call = (name, address, body) => {
    const key = ctx.rand.uuidv4();
    return ctx.run(name, () => post(address, body, key));
  };
  const lines = order.lines.map(({ sku, qty }) => ({ sku, qty }));
  await call("reserve", `${STOCK_URL}/reservations`, { orderId: order.id, lines });
  const charge = await call("charge", `${PAYMENTS_URL}/charges`,
    { amount: order.total, currency: order.currency, token: order.cardToken, reference: order.id });
  const message = await call("email", `${MAIL_URL}/messages`, { to: order.customer.email, template: "paid", order: order.id });
  return { order: order.id, charge: charge.id, message: message.id };
}

const handler = restate.endpoint().bind(restate.service({ name: "orders", handlers: { three } })).http2Handler();
http2.createServer(handler).listen(Number(process.env.PORT), "127.0.0.1");
