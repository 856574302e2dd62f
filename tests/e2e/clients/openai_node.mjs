// Talks to the router with OpenAI's Node SDK and prints what it saw as one line of JSON.
import OpenAI from "openai";

const [baseURL, apiKey] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const model = "claude-sonnet-5-5";
const seen = {};

const whole = await client.chat.completions.create({
  model,
  messages: [{ role: "user", content: 'Hi <<sim {"say": "one two three"}>>' }],
});
seen.text = whole.choices[0].message.content;
seen.finishReason = whole.choices[0].finish_reason;

const stream = await client.chat.completions.create({
  model,
  stream: true,
  stream_options: { include_usage: true },
  messages: [{ role: "user", content: 'Hi <<sim {"say": "one two three"}>>' }],
});
seen.streamed = "";
for await (const chunk of stream) {
  seen.streamed += chunk.choices[0]?.delta?.content ?? "";
  if (chunk.usage) seen.totalTokens = chunk.usage.total_tokens;
}

const runner = client.chat.completions.runTools({
  model,
  messages: [
    {
      role: "user",
      content: 'Weather? <<sim {"tool": {"name": "get_weather", "input": {"city": "Rome"}}}>>',
    },
  ],
  tools: [
    {
      type: "function",
      function: {
        name: "get_weather",
        parameters: { type: "object", properties: { city: { type: "string" } } },
        parse: JSON.parse,
        function: ({ city }) => {
          seen.toolCity = city;
          return "sunny";
        },
      },
    },
  ],
  tool_choice: "auto",
});
seen.afterTool = typeof (await runner.finalContent());

try {
  await client.chat.completions.create({ model: "no-such-model", messages: whole.choices.map(() => ({ role: "user", content: "Hi" })) });
} catch (error) {
  seen.error = { name: error.constructor.name, status: error.status, code: error.code };
}

console.log(JSON.stringify(seen));
