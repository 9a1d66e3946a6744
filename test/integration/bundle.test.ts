import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

/** zod and axios would take half a mebibyte of heap per cached workflow, and axios finds no transport in the sandbox. */
describe('the real workflow bundle', () => {
  const code = readFileSync(String(process.env['TEST_WORKFLOW_BUNDLE']), 'utf8');
  const modules = [...code.matchAll(/^\/\*{3}\/ "([^"]+)"/gm)].map(([, name]) => name ?? '');

  it('lists its modules', () => {
    expect(modules.length).toBeGreaterThan(20);
    expect(modules.some((name) => name.endsWith('src/workflows/run-action.ts'))).toBe(true);
  });

  it('contains no packages except the SDK and its dependencies', () => {
    const foreign = modules
      .filter((name) => name.includes('node_modules/'))
      .map((name) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(name)?.[1])
      .filter((name) => !name?.startsWith('@temporalio/'));
    expect([...new Set(foreign)].sort()).toEqual(['long', 'ms', 'nexus-rpc'].filter((name) => foreign.includes(name)));
  });

  it('contains only workflows, protocol and the failure converter of this package', () => {
    const ours = modules.filter((name) => /(?:^|\/)src\//.test(name) && !name.includes('node_modules/'));
    expect(
      ours.filter((name) => !/src\/(?:workflows\/|protocol\/|security\/encryption\/failure-converter)/.test(name)),
    ).toEqual([]);
  });
});
