import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { createLogger } from '../../../src/worker/logging';
import { PayloadDecryptionError } from '../../../src/security/encryption/payload-codec';

const marker = 'what-an-ATS-said-of-zoe@example.test';

function logged(meta: Record<string, unknown>): string {
  const lines: string[] = [];
  createLogger('debug', (line) => lines.push(line)).warn('Activity failed', meta);
  expect(lines).toHaveLength(1);
  return lines.join('');
}

describe('the log of the worker', () => {
  it('says of an error what kind it is and nothing that it quotes', () => {
    const cause = ApplicationFailure.create({ message: marker, type: 'refused', details: [{ marker }] });
    const line = logged({ error: cause, activityType: 'pushApplicant', workflowId: 'hrflow/k/flatchr.pushProfile/0' });
    expect(line).toContain('"error":"ApplicationFailure: refused"');
    expect(line).toContain('"activityType":"pushApplicant"');
    expect(line).not.toContain(marker);
  });

  it('names the key that a payload needs, because nothing continues without it', () => {
    const error = new PayloadDecryptionError('unknown_key', 'k7', 'A payload was encrypted with the key "k7".');
    expect(logged({ error })).toContain('k7');
  });

  it('leaves out members that it does not know', () => {
    expect(logged({ failure: marker, input: { marker }, stage: 'format' })).not.toContain(marker);
  });

  it('says of an error of another realm, which is no instance of Error here, what kind it is', () => {
    const error: unknown = runInNewContext(
      `Object.assign(new TypeError(${JSON.stringify(marker)}), { type: 'refused' })`,
    );
    expect(error instanceof Error).toBe(false);
    const line = logged({ error });
    expect(line).toContain('"error":"TypeError: refused"');
    expect(line).not.toContain(marker);
  });

  it.each([
    ['an object', { name: marker, message: marker }, '[object Object]'],
    ['a list', [marker], '[object Array]'],
    ['a number too long for JSON', 7n, '[object BigInt]'],
    ['bytes', Buffer.from(marker), '[object Uint8Array]'],
  ])('names of %s its kind alone', (_, error, kind) => {
    const line = logged({ error, attempt: 2, type: null });
    expect(line).toContain(JSON.stringify({ error: kind, attempt: 2, type: null }));
    expect(line).not.toContain(marker);
  });

  it.each(['debug', 'info', 'warn', 'error'] as const)('carries the name of its level: %s', (level) => {
    const lines: string[] = [];
    createLogger('debug', (line) => lines.push(line))[level]('something');
    expect(lines).toEqual([expect.stringMatching(new RegExp(`^\\S+Z ${level} something$`))]);
  });

  it('is silent below its level', () => {
    const lines: string[] = [];
    createLogger('warn', (line) => lines.push(line)).info('nothing');
    expect(lines).toEqual([]);
  });
});
