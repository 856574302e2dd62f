// What the client programs share: their arguments, the simulated model's orders, and the report.

// node program.mjs BASE_URL API_KEY {"models": […], "task": {"question", "weather"}, "forecasts": {model: question}}
const [baseURL, apiKey, scenario] = process.argv.slice(2);

const LANES = 8;

export const router = { baseURL, apiKey };
export const { origin } = new URL(baseURL);
export const { models, task, forecasts } = JSON.parse(scenario);

/** A text that tells the simulated model what to do next. */
export const order = (text, directive) => `${text} <<sim ${JSON.stringify(directive)}>>`;

/** The tool of the task, and the cities that it was asked for. */
export function weatherTool() {
  const asked = [];
  const run = ({ city }) => {
    asked.push(city);
    return task.weather[city];
  };
  return { asked, run };
}

/** Runs the scenarios, a few at a time, and prints what each saw, or how it failed, as one line of JSON. */
export async function report(scenarios) {
  const waiting = Object.entries(scenarios);
  const seen = {};
  async function lane() {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [name, scenario] = next;
      try {
        seen[name] = await scenario();
      } catch (error) {
        seen[name] = { failed: `${error.stack} ${error.cause ?? ""} ${error.responseBody ?? ""}` };
      }
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane));
  console.log(JSON.stringify(seen));
}

/** Scenarios of each model, named `scenario model`. */
export function perModel(scenarios) {
  return Object.fromEntries(
    models.flatMap((model) =>
      Object.entries(scenarios).map(([name, scenario]) => [`${name} ${model}`, () => scenario(model)]),
    ),
  );
}
