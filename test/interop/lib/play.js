// Plays scenarios one after the other and reports them.

import { strays } from './strays.js';
import { within } from './wait.js';

const perScenario = 60_000; // milliseconds

// play runs each scenario of areas, { area: { name: async (world) => … } }, whose name holds one of the filters, and
// returns how many failed. None at all counts as a failure.
export async function play(areas, world, filters) {
  const began = Date.now();
  const failures = [];
  let passed = 0;
  for (const [area, scenarios] of Object.entries(areas)) {
    for (const [name, scenario] of Object.entries(scenarios)) {
      const title = `${area}: ${name}`;
      if (filters.length > 0 && !filters.some((f) => title.includes(f))) {
        continue;
      }
      const error = await attempt(scenario, world);
      if (error) {
        failures.push({ title, error });
        console.log(`FAIL  ${title}`);
      } else {
        passed++;
        console.log(`ok    ${title}`);
      }
    }
  }
  report(failures, passed, Date.now() - began);
  return failures.length + (passed + failures.length === 0 ? 1 : 0);
}

// attempt returns the error that the scenario failed with, if it did.
async function attempt(scenario, world) {
  try {
    await within(scenario(world), 'the scenario', perScenario);
    await world.leave();
    strays.check();
    return undefined;
  } catch (error) {
    await world.leave().catch(() => {});
    strays.forget();
    return error;
  }
}

function report(failures, passed, milliseconds) {
  for (const { title, error } of failures) {
    console.log(`\n--- ${title}\n${describe(error)}`);
  }
  console.log(`\n${passed} passed, ${failures.length} failed, ${(milliseconds / 1000).toFixed(1)} s`);
}

// The client rejects with the protocol's error objects, which are no Errors.
function describe(error) {
  return error instanceof Error ? error.stack : `rejected with ${JSON.stringify(error)}`;
}
