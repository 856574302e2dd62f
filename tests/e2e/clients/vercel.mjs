// Vercel's AI SDK with its providers for Anthropic, for OpenAI and for servers compatible with it.
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embedMany, generateObject, generateText, Output, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";
import { forecasts, order, perModel, report, router, task, weatherTool } from "./harness.mjs";

globalThis.AI_SDK_LOG_WARNINGS = false;

const anthropic = createAnthropic(router);
const openai = createOpenAI(router);
const compatible = createOpenAICompatible({
  ...router,
  name: "router",
  includeUsage: true,
  supportsStructuredOutputs: true,
});
const apis = {
  chat: (model) => openai.chat(model),
  responses: (model) => openai.responses(model),
  compatible: (model) => compatible(model),
  messages: (model) => anthropic(model),
};
// What the provider for Anthropic does not take for a Claude it has call a tool with the answer.
const questions = {
  messages: (model) => (model.startsWith("claude-") ? forecasts[model] : "The weather in Rome? Use json."),
};
const Forecast = z.object({ city: z.string(), degrees: z.number().int() });

function solving(model) {
  const { asked, run } = weatherTool();
  const get_weather = tool({
    description: "The weather in a city",
    inputSchema: z.object({ city: z.string() }),
    execute: run,
  });
  return {
    asked,
    options: { model, tools: { get_weather }, stopWhen: stepCountIs(9), prompt: task.question, maxRetries: 0 },
  };
}

const tokens = ({ inputTokens, outputTokens }) => [inputTokens, outputTokens];

const isToldByAll = ({ type }) => type !== "custom" && !type.startsWith("reasoning");

function scenarios(modelOf, questionOf = (model) => forecasts[model]) {
  return {
    steps: async (name) => {
      const { asked, options } = solving(modelOf(name));
      const { text, steps, totalUsage } = await generateText(options);
      return { answer: text, asked, steps: steps.length, tokens: tokens(totalUsage) };
    },
    streamedSteps: async (name) => {
      const { asked, options } = solving(modelOf(name));
      const result = streamText({ ...options, onError() {} });
      const kinds = [];
      for await (const part of result.fullStream) {
        if (part.type === "error") throw part.error;
        if (isToldByAll(part) && part.type !== kinds.at(-1)) kinds.push(part.type);
      }
      return { answer: await result.text, asked, kinds, tokens: tokens(await result.totalUsage) };
    },
    object: async (name) => {
      const { object, usage } = await generateObject({
        model: modelOf(name),
        schema: Forecast,
        prompt: questionOf(name),
        maxRetries: 0,
      });
      return { ...object, tokens: tokens(usage) };
    },
    streamedObject: async (name) => {
      const result = streamText({
        model: modelOf(name),
        output: Output.object({ schema: Forecast }),
        prompt: questionOf(name),
        maxRetries: 0,
        onError() {},
      });
      return { ...(await result.output), tokens: tokens(await result.totalUsage) };
    },
  };
}

const thoughts = async (model) => {
  const { text, reasoningText, usage } = await generateText({
    model: compatible(model),
    prompt: order("Why?", { reasoning: "It rains.", say: "Because." }),
    providerOptions: { router: { reasoningEffort: "high" } },
    maxRetries: 0,
  });
  return { reasoning: reasoningText, answer: text, tokens: tokens(usage) };
};

// Claude's thinking goes round between the steps of a task, and is checked when it comes back.
async function thinking(model, thinking) {
  const { asked, options } = solving(anthropic(model));
  const result = streamText({ ...options, providerOptions: { anthropic: { thinking } }, onError() {} });
  const reasoned = (await result.steps).map(({ reasoningText }) => Boolean(reasoningText));
  return { answer: await result.text, asked, reasoned, tokens: tokens(await result.totalUsage) };
}

async function broken(model) {
  const prompt = order("Hi", { words: 9, exception: "throttlingException", after: 3 });
  const seen = { text: "" };
  for await (const part of streamText({ model, prompt, maxRetries: 0, onError() {} }).fullStream) {
    if (part.type === "text-delta") seen.text += part.text;
    if (part.type === "error") seen.error = JSON.stringify(part.error) + part.error.message;
  }
  return seen;
}

async function refusal(model) {
  try {
    return await generateText({ model, prompt: order("Hi", {}), maxRetries: 0 });
  } catch (error) {
    return { name: error.name, status: error.statusCode, message: error.message };
  }
}

const values = Array.from({ length: 100 }, (_, number) => `Document number ${number}.`);

await report({
  ...Object.assign(
    {},
    ...Object.entries(apis).map(([api, modelOf]) =>
      perModel(
        Object.fromEntries(
          Object.entries(scenarios(modelOf, questions[api])).map(([name, run]) => [`${name} ${api}`, run]),
        ),
      ),
    ),
  ),
  ...Object.fromEntries(
    ["claude-sonnet-4-6", "gpt-oss-120b"].map((model) => [`thoughts ${model}`, () => thoughts(model)]),
  ),
  ...Object.fromEntries(
    Object.entries({
      "claude-sonnet-5-5": { type: "adaptive", display: "summarized" },
      "claude-haiku-4-5": { type: "enabled", budgetTokens: 1024 },
      "gpt-oss-120b": { type: "enabled", budgetTokens: 1024 },
    }).map(([model, terms]) => [`thinking ${model}`, () => thinking(model, terms)]),
  ),
  ...Object.fromEntries(
    Object.entries(apis).map(([api, modelOf]) => [`broken ${api}`, () => broken(modelOf("nova-micro"))]),
  ),
  embeddings: async () => {
    const model = openai.embedding("titan-embed-text-v2");
    const { embeddings, usage } = await embedMany({ model, values, maxRetries: 0 });
    return { count: embeddings.length, length: embeddings[0].length, tokens: [usage.tokens, 0] };
  },
  compatibleEmbeddings: async () => {
    const model = compatible.embeddingModel("cohere-embed-v4");
    const { embeddings, usage } = await embedMany({ model, values, maxRetries: 0 });
    return { count: embeddings.length, length: embeddings[0].length, tokens: [usage.tokens, 0] };
  },
  // Behind a name that it takes for a reasoning model's, it asks for reasoning.
  reasoning: async () => {
    const { asked, options } = solving(openai.responses("gpt-5"));
    const { text, steps, totalUsage } = await generateText({
      ...options,
      providerOptions: {
        openai: {
          reasoningEffort: "high",
          reasoningSummary: "auto",
          store: false,
          include: ["reasoning.encrypted_content"],
        },
      },
    });
    return { answer: text, asked, steps: steps.length, tokens: tokens(totalUsage) };
  },
  ...Object.fromEntries(
    Object.entries(apis).map(([api, modelOf]) => [`refusal ${api}`, () => refusal(modelOf("no-such-model"))]),
  ),
});
