import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { define } from '../../../src/cli/commands/keys';
import { parseKeyRing } from '../../../src/client';
import { recordCli } from './support';

async function generate(...args: string[]) {
  const cli = recordCli();
  const command = new Command('keys').exitOverride().configureOutput({ writeErr: () => undefined });
  define(command, cli);
  for (const one of command.commands) one.exitOverride().configureOutput({ writeErr: () => undefined });
  await command.parseAsync(['generate', ...args], { from: 'user' });
  return cli;
}

describe('keys generate', () => {
  it('prints a key that the encryption takes, alone on standard output', async () => {
    const { stdout, stderr, status } = await generate();
    expect(stdout).toHaveLength(1);
    expect(parseKeyRing(stdout[0] ?? '').current.id).toMatch(/^k\d{8}$/);
    expect(stderr.join()).not.toContain(stdout[0]);
    expect(status()).toBe(0);
  });

  it('never prints the same key twice', async () => {
    const keys = await Promise.all([generate(), generate()]);
    expect(new Set(keys.map(({ stdout }) => stdout[0])).size).toBe(2);
  });

  it('takes an id, and prints JSON', async () => {
    const { stdout } = await generate('--id', 'prod-2', '--json');
    const { id, key } = JSON.parse(stdout[0] ?? '');
    expect(id).toBe('prod-2');
    expect(parseKeyRing(key).current.id).toBe('prod-2');
  });

  it('refuses an id that payloads cannot name', async () => {
    await expect(generate('--id', 'a:b')).rejects.toThrow('expected 1 to 64 letters');
  });
});
