// OpenAI's Node SDK.
import OpenAI from "openai";
import { zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { z } from "zod";
import { forecasts, order, perModel, report, router, task, weatherTool } from "./harness.mjs";

const client = new OpenAI({ ...router, maxRetries: 0 });
const model = "claude-sonnet-5-5";
const Forecast = z.object({ city: z.string(), degrees: z.number().int() });
const ask = (text, directive) => [{ role: "user", content: order(text, directive) }];
const parameters = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};

async function runTools(model, stream) {
  const { asked, run } = weatherTool();
  const runner = client.chat.completions.runTools({
    model,
    stream,
    messages: [{ role: "user", content: task.question }],
    tools: [
      {
        type: "function",
        function: { name: "get_weather", parameters, parse: JSON.parse, function: run },
      },
    ],
  });
  return { answer: await runner.finalContent(), asked };
}

// The SDK has no runner for the Responses API: its users write this loop.
async function respond(model) {
  const { asked, run } = weatherTool();
  const input = [{ role: "user", content: task.question }];
  for (;;) {
    const response = await client.responses
      .stream({
        model,
        input,
        store: false,
        include: ["reasoning.encrypted_content"],
        tools: [{ type: "function", name: "get_weather", parameters, strict: true }],
      })
      .finalResponse();
    const calls = response.output.filter((item) => item.type === "function_call");
    if (calls.length === 0) return { answer: response.output_text, asked };
    input.push(...response.output);
    for (const call of calls) {
      const output = run(JSON.parse(call.arguments));
      input.push({ type: "function_call_output", call_id: call.call_id, output });
    }
  }
}

await report({
  completion: async () => {
    const completion = await client.chat.completions.create({
      model,
      messages: ask("Hi", { say: "one two three" }),
    });
    const [{ message, finish_reason }] = completion.choices;
    return { text: message.content, finishReason: finish_reason, model: completion.model };
  },
  streamedCompletion: async () => {
    const stream = client.chat.completions.stream({
      model,
      stream_options: { include_usage: true },
      messages: ask("Hi", { say: "one two three" }),
    });
    let text = "";
    stream.on("content", (delta) => (text += delta));
    const { completion_tokens } = await stream.totalUsage();
    return { text, outputTokens: completion_tokens };
  },
  streamedResponse: async () => {
    const stream = client.responses.stream({ model, input: ask("Hi", { say: "one two three" }) });
    let text = "";
    stream.on("response.output_text.delta", ({ delta }) => (text += delta));
    const { usage, status } = await stream.finalResponse();
    return { text, outputTokens: usage.output_tokens, status };
  },
  embeddings: async () => {
    const input = ["Rome is warm.", "Oslo is cold."];
    const create = (encoding_format) =>
      client.embeddings.create({ model: "titan-embed-text-v2", input, dimensions: 256, encoding_format });
    const [asDefault, asFloat] = await Promise.all([create(), create("float")]);
    return {
      lengths: asDefault.data.map(({ embedding }) => embedding.length),
      most: Math.max(
        ...asDefault.data.flatMap(({ embedding }, row) =>
          embedding.map((value, column) => Math.abs(value - asFloat.data[row].embedding[column])),
        ),
      ),
      tokens: asDefault.usage.total_tokens,
    };
  },
  models: async () => {
    const ids = [];
    for await (const { id } of client.models.list()) ids.push(id);
    return { listed: ids.includes(model), retrieved: (await client.models.retrieve(model)).id };
  },
  refusal: async () => {
    try {
      return await client.chat.completions.create({ model: "no-such-model", messages: ask("Hi", {}) });
    } catch (error) {
      return { name: error.constructor.name, status: error.status, code: error.code };
    }
  },
  brokenResponse: async () => {
    const stream = client.responses.stream({
      model,
      input: ask("Hi", { words: 9, exception: "throttlingException", after: 3 }),
    });
    try {
      return await stream.finalResponse();
    } catch (error) {
      return { name: error.constructor.name, message: error.message };
    }
  },
  ...perModel({
    tools: (model) => runTools(model, false),
    streamedTools: (model) => runTools(model, true),
    responses: respond,
    parsedCompletion: async (model) => {
      const completion = await client.chat.completions.parse({
        model,
        messages: [{ role: "user", content: forecasts[model] }],
        response_format: zodResponseFormat(Forecast, "forecast"),
      });
      return completion.choices[0].message.parsed;
    },
    parsedResponse: async (model) => {
      const response = await client.responses.parse({
        model,
        input: forecasts[model],
        text: { format: zodTextFormat(Forecast, "forecast") },
      });
      return response.output_parsed;
    },
  }),
});
