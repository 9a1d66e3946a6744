import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

/** What zod and axios would cost: half a mebibyte of heap per cached workflow, and a transport that is not there. */
describe('the real workflow bundle', () => {
  const code = readFileSync(String(process.env['TEST_WORKFLOW_BUNDLE']), 'utf8');
  const modules = [...code.matchAll(/^\/\*{3}\/ "([^"]+)"/gm)].map(([, name]) => name ?? '');

  it('lists its modules', () => {
    expect(modules.length).toBeGreaterThan(20);
    expect(modules.some((name) => name.endsWith('src/workflows/run-action.ts'))).toBe(true);
  });

  it('holds no zod, no axios and no other package than the SDK and what that brings', () => {
    const foreign = modules
      .filter((name) => name.includes('node_modules/'))
      .map((name) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(name)?.[1])
      .filter((name) => !name?.startsWith('@temporalio/'));
    expect([...new Set(foreign)].sort()).toEqual(['long', 'ms', 'nexus-rpc'].filter((name) => foreign.includes(name)));
  });

  it('holds nothing of this package but workflows, protocol and the failure converter', () => {
    const ours = modules.filter((name) => /(?:^|\/)src\//.test(name) && !name.includes('node_modules/'));
    expect(
      ours.filter((name) => !/src\/(?:workflows\/|protocol\/|security\/encryption\/failure-converter)/.test(name)),
    ).toEqual([]);
  });
});
