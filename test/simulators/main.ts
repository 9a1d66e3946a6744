import { startControl } from './control';
import { seedSampleData, startSimulators } from './index';

// `npm run simulators`: runs all simulators with sample data until SIGINT or SIGTERM.
async function main(): Promise<void> {
  const simulators = await startSimulators();
  seedSampleData(simulators);
  const control = await startControl(simulators, () => seedSampleData(simulators));
  const stop = () => void Promise.all([control.close(), simulators.close()]);
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const document = { environment: simulators.environment(), addresses: simulators.addresses(), control: control.url };
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}

void main();
