import { proxyActivities } from '@temporalio/workflow';

export * from '../../src/workflows';

const { greet } = proxyActivities<{ greet(name: string): Promise<string> }>({ startToCloseTimeout: '10 seconds' });

/** A workflow of somebody else's, beside ours. */
export async function greeting(name: string): Promise<string> {
  return greet(name);
}
