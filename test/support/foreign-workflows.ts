import { proxyActivities } from '@temporalio/workflow';

export * from '../../src/workflows';

const { greet } = proxyActivities<{ greet(name: string): Promise<string> }>({ startToCloseTimeout: '10 seconds' });

/** A foreign workflow besides the package's. */
export async function greeting(name: string): Promise<string> {
  return greet(name);
}
