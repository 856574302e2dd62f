// Anthropic's Node SDK.
import Anthropic from "@anthropic-ai/sdk";
import { betaTool } from "@anthropic-ai/sdk/helpers/beta/json-schema";
import { zodOutputFormat } from "@anthropic-ai/sdk/helpers/zod";
import { z } from "zod";
import { forecasts, order, origin, perModel, report, router, task, weatherTool } from "./harness.mjs";

const client = new Anthropic({ baseURL: origin, apiKey: router.apiKey, maxRetries: 0 });
const routes = ["claude-sonnet-5-5", "nova-pro"];
const Forecast = z.object({ city: z.string(), degrees: z.number().int() });
const ask = (text, directive) => [{ role: "user", content: order(text, directive) }];
const input_schema = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};
const tokens = ({ input_tokens, output_tokens }) => [input_tokens, output_tokens];
const textOf = ({ content }) => content.filter(({ type }) => type === "text").map(({ text }) => text).join("");

async function runTools(model, stream) {
  const { asked, run } = weatherTool();
  const runner = client.beta.messages.toolRunner({
    model,
    stream,
    max_tokens: 1000,
    messages: [{ role: "user", content: task.question }],
    tools: [betaTool({ name: "get_weather", description: "The weather in a city", inputSchema: input_schema, run })],
    thread: false,
  });
  return { answer: textOf(await runner), asked };
}

// Without a helper, as users do who want to see every step.
async function think(model, thinking) {
  const tools = [{ name: "get_weather", input_schema }];
  const call = { name: "get_weather", input: { city: "Rome" } };
  const messages = ask("Why?", { reasoning: "It may rain.", tool: call });
  const thoughts = [];
  for (;;) {
    const message = await client.messages.stream({ model, max_tokens: 4000, thinking, messages, tools }).finalMessage();
    thoughts.push(...message.content.filter(({ type }) => type === "thinking").map(({ thinking }) => thinking));
    if (message.stop_reason !== "tool_use") return { answer: textOf(message), thoughts };
    const results = message.content
      .filter(({ type }) => type === "tool_use")
      .map(({ id }) => ({
        type: "tool_result",
        tool_use_id: id,
        content: order("It rains.", { reasoning: "It does.", say: "Because." }),
      }));
    messages.push({ role: "assistant", content: message.content }, { role: "user", content: results });
  }
}

const named = (scenario, models, run) =>
  Object.fromEntries(models.map((model) => [`${scenario} ${model}`, () => run(model)]));

async function failure(run) {
  try {
    return await run();
  } catch (error) {
    return { name: error.constructor.name, status: error.status, type: error.type, requestId: Boolean(error.requestID) };
  }
}

await report({
  ...named("message", routes, async (model) => {
    const message = await client.messages.create({ model, max_tokens: 100, messages: ask("Hi", { say: "one two three" }) });
    return { text: textOf(message), stopReason: message.stop_reason, model: message.model, tokens: tokens(message.usage) };
  }),
  ...named("streamedMessage", routes, async (model) => {
    const stream = client.messages.stream({ model, max_tokens: 100, messages: ask("Hi", { say: "one two three" }) });
    let text = "";
    stream.on("text", (delta) => (text += delta));
    const message = await stream.finalMessage();
    return { text, stopReason: message.stop_reason, model: message.model, tokens: tokens(message.usage) };
  }),
  ...named("authToken", routes, async (model) => {
    const bearer = new Anthropic({ baseURL: origin, apiKey: null, authToken: router.apiKey, maxRetries: 0 });
    return textOf(await bearer.messages.create({ model, max_tokens: 100, messages: ask("Hi", { say: "Hello" }) }));
  }),
  ...named("count", routes, async (model) => {
    const { input_tokens } = await client.messages.countTokens({ model, messages: ask("Hi", { say: "Hello" }) });
    return input_tokens;
  }),
  ...named("notFound", ["no-such-model"], (model) =>
    failure(() => client.messages.create({ model, max_tokens: 100, messages: ask("Hi", {}) })),
  ),
  ...named("overloaded", routes, (model) =>
    failure(() => client.messages.create({ model, max_tokens: 100, messages: ask("Hi", { status: 503 }) })),
  ),
  ...named("broken", routes, (model) =>
    failure(() => {
      const messages = ask("Hi", { words: 9, exception: "throttlingException", after: 3 });
      return client.messages.stream({ model, max_tokens: 100, messages }).finalMessage();
    }),
  ),
  models: async () => {
    const ids = [];
    for await (const { id } of client.models.list({ limit: 7 })) ids.push(id);
    const retrieved = await client.models.retrieve(routes[0]);
    return { listed: routes.every((id) => ids.includes(id)), distinct: new Set(ids).size === ids.length, retrieved: retrieved.id };
  },
  ...named("thinking", ["claude-sonnet-5-5", "claude-sonnet-4-6"], (model) =>
    think(model, { type: "adaptive", display: "summarized" }),
  ),
  ...named("thinking", ["claude-haiku-4-5", "gpt-oss-120b"], (model) =>
    think(model, { type: "enabled", budget_tokens: 1024 }),
  ),
  ...perModel({
    tools: (model) => runTools(model, false),
    streamedTools: (model) => runTools(model, true),
    parsed: async (model) => {
      const message = await client.messages.parse({
        model,
        max_tokens: 1000,
        messages: [{ role: "user", content: forecasts[model] }],
        output_config: { format: zodOutputFormat(Forecast) },
      });
      return message.parsed_output;
    },
  }),
});
