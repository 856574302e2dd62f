// Anthropic's Node SDK for Bedrock.
import AnthropicBedrock from "@anthropic-ai/bedrock-sdk";
import { order, origin, report, router } from "./harness.mjs";

const client = new AnthropicBedrock({ baseURL: origin, apiKey: router.apiKey, awsRegion: "us-east-1", maxRetries: 0 });
const models = [
  "us.anthropic.claude-sonnet-5-5",
  "us.anthropic.claude-haiku-4-5-20251001-v1:0",
  "us.anthropic.claude-3-haiku-20240307-v1:0",
];
const ask = (text, directive) => [{ role: "user", content: order(text, directive) }];
const seenIn = ({ content: [{ text }], usage }) => ({ text, tokens: [usage.input_tokens, usage.output_tokens] });

async function failure(run) {
  try {
    return await run();
  } catch (error) {
    return { name: error.constructor.name, status: error.status, message: error.message };
  }
}

const scenarios = {
  message: async (model) =>
    seenIn(await client.messages.create({ model, max_tokens: 100, messages: ask("Hi", { say: "Hello there" }) })),
  streamed: async (model) => {
    const messages = ask("Hi", { say: "one two three" });
    return seenIn(await client.messages.stream({ model, max_tokens: 100, messages }).finalMessage());
  },
  tool: async (model) => {
    const tools = [{ name: "get_weather", input_schema: { type: "object", properties: { city: { type: "string" } } } }];
    const call = { name: "get_weather", input: { city: "Rome" } };
    const messages = ask("Rome?", { tool: call });
    const first = await client.messages.stream({ model, max_tokens: 100, messages, tools }).finalMessage();
    const results = first.content
      .filter(({ type }) => type === "tool_use")
      .map(({ id, input }) => ({
        type: "tool_result",
        tool_use_id: id,
        content: order("18 degrees.", { say: `${input.city} is warm.` }),
      }));
    messages.push({ role: "assistant", content: first.content }, { role: "user", content: results });
    return seenIn(await client.messages.create({ model, max_tokens: 100, messages, tools }));
  },
  refusal: (model) => failure(() => client.messages.create({ model, max_tokens: 100, messages: [] })),
  unknownBeta: (model) =>
    failure(() => {
      const messages = ask("Hi", { say: "Hello there" });
      return client.beta.messages.create({ model, betas: ["no-such-beta-2026-01-01"], max_tokens: 100, messages });
    }),
};

await report(
  Object.fromEntries(
    models.flatMap((model) => Object.entries(scenarios).map(([name, run]) => [`${name} ${model}`, () => run(model)])),
  ),
);
