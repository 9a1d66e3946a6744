import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import packageJson from '../../package.json';
import { EXIT } from '../../src/cli/output/exit-status';
import { readEnvironment } from '../../src/config/environment';
import { defaultSettings } from '../../src/config/settings';
import { initialState } from '../../src/protocol/delivery';
import * as names from '../../src/protocol/names';
import { resultOf } from '../../src/protocol/result';
import { recordCli } from './cli/support';

/**
 * The names and shapes that other programs rely on, written out by hand. A change here breaks runs that are open, dashboards and
 * scripts, so nothing of this file is computed from the source.
 */
describe('the commands of the repository', () => {
  it('keep their names', () => {
    expect(Object.keys(packageJson.scripts)).toEqual(
      expect.arrayContaining(['demo', 'test', 'build', 'simulators', 'bench', 'chaos']),
    );
    expect(packageJson.bin).toEqual({ 'hrflow-temporal': 'dist/cli/main.js' });
  });
});

describe('the command line', () => {
  it.each<[string, number, readonly string[]]>([
    ['push', 1, ['--params', '--action', '--again', '--no-wait', '--json', '--concurrency']],
    ['enrich', 1, ['--params', '--again', '--no-wait', '--json', '--concurrency']],
    ['worker', 0, ['--functions']],
    ['runs', 0, ['--connector', '--state', '--profile', '--limit', '--json']],
    ['show', 1, ['--json']],
    ['retry', 1, ['--wait', '--params', '--all', '--connector', '--reason', '--json']],
    ['resolve', 1, ['--delivered', '--not-delivered', '--ats-id', '--json']],
    ['abandon', 1, ['--reason', '--json']],
    ['check', 1, ['--params', '--json']],
    ['preview', 1, ['--params', '--json']],
    ['keys', 0, ['--id', '--json']],
    ['secrets', 0, ['--params', '--json']],
    ['settings', 0, ['--json']],
    ['connectors', 1, ['--json']],
    ['codec-server', 0, ['--host', '--port', '--json']],
    ['doctor', 0, ['--json']],
  ])('has %s with its number of arguments and its flags', async (name, count, flags) => {
    const command = new Command(name);
    const { define } = (await import(`../../src/cli/commands/${name}`)) as {
      define: (command: Command, cli: ReturnType<typeof recordCli>) => void;
    };
    define(command, recordCli());
    expect(command.registeredArguments).toHaveLength(count);
    const all = [command, ...command.commands].flatMap(({ options }) => options.map(({ long }) => long));
    expect(all).toEqual(expect.arrayContaining([...flags]));
  });

  it('ends with the statuses 0 to 4', () => {
    expect(EXIT).toEqual({ ok: 0, failed: 1, refused: 2, unreachable: 3, held: 4 });
  });
});

describe('the environment', () => {
  it('has these defaults', () => {
    const environment = readEnvironment({});
    expect(environment).toMatchObject({ taskQueue: 'hrflow-connectors', logLevel: 'info' });
    expect(JSON.stringify(environment)).toContain('https://api.hrflow.ai/v1');
    expect(JSON.stringify(environment)).toContain('https://{subdomain}.flatchr.io');
  });

  it.each([
    ['HRFLOW_TEMPORAL_TASK_QUEUE', 'other'],
    ['HRFLOW_API_URL', 'https://other.example'],
    ['FLATCHR_URL', 'https://{subdomain}.other.example'],
    ['HRFLOW_TEMPORAL_EGRESS_ALLOW', '127.0.0.1:80'],
    ['HRFLOW_TEMPORAL_SETTINGS', '/a/settings.json'],
    ['HRFLOW_TEMPORAL_SECRETS_DIR', '/a/secrets'],
    ['HRFLOW_TEMPORAL_SECRETS_FILE', '/a/secrets.json'],
    ['HRFLOW_TEMPORAL_LOG', 'debug'],
  ])('takes %s', (variable, value) => {
    expect(JSON.stringify(readEnvironment({ [variable]: value }))).toContain(value);
  });
});

describe('the settings file', () => {
  it('has these keys and defaults', () => {
    const all = {
      connectTimeoutMs: 10_000,
      responseTimeoutMs: 60_000,
      retry: { initialMs: 1_000, maximumMs: 300_000, giveUpAfterMs: 86_400_000 },
      settleMs: 300_000,
      ratePerSecond: 2,
      maxInFlight: 4,
      attachmentMaxBytes: 20_971_520,
    };
    const { connectors } = defaultSettings();
    expect(Object.keys(connectors).sort()).toEqual(['flatchr', 'hrflow', 'oracleORC', 'talentSoft']);
    expect(connectors['talentSoft']).toMatchObject({ ...all, splitFullName: true });
    expect(connectors['oracleORC']).toMatchObject({ ...all, splitFullName: true });
    expect(connectors['flatchr']).toMatchObject({ ...all, settleMs: 120_000, splitFullName: true, tokenInBody: true });
    expect(connectors['hrflow']).toMatchObject({ ...all, ratePerSecond: 10 });
  });
});

describe('the result of a run', () => {
  it('has the members of the Python library, and items', () => {
    const options = {
      create: true,
      enrich: false,
      lookupFirst: false,
      again: false,
      onFailure: 'fail' as const,
      holdForMs: 1,
    };
    const result = resultOf(initialState(options, true), 'key', null);
    expect(Object.keys(result)).toEqual(['status', 'reason', 'read_from', 'events', 'items']);
    expect(Object.keys(result.events)).toEqual([
      'read_success',
      'read_failure',
      'format_failure',
      'logics_discard',
      'logics_failure',
      'write_failure',
      'callback_failure',
      'callback_executed',
      'item_to_read_from_failure',
    ]);
    expect(Object.keys(result.items[0] ?? {})).toEqual(['key', 'outcome', 'enriched', 'stage', 'ats_id', 'message']);
  });
});

describe('the names in Temporal', () => {
  it('are these workflow types, activities, updates and this query', () => {
    expect(names.WORKFLOW_TYPES).toEqual(['pushProfile', 'enrichProfile']);
    expect([...names.ACTIVITY_NAMES].sort()).toEqual([
      'applyLogics',
      'authenticate',
      'enrich',
      'fetchProfile',
      'findApplicant',
      'format',
      'pushApplicant',
      'recall',
    ]);
    expect(names.UPDATE_NAMES).toEqual(['retry', 'resolve', 'abandon']);
    expect(names.STATE_QUERY).toBe('state');
    expect(names.DEFAULT_TASK_QUEUE).toBe('hrflow-connectors');
  });

  it('are these search attributes and their values', () => {
    expect(names.SEARCH_ATTRIBUTES).toEqual({
      connector: 'HrflowConnector',
      action: 'HrflowAction',
      state: 'HrflowState',
      outcome: 'HrflowOutcome',
      account: 'HrflowAccount',
    });
    expect(names.RUN_STATES).toEqual(['running', 'waiting', 'held', 'done', 'failed']);
    expect(names.OUTCOMES).toEqual([
      'created',
      'already_there',
      'enriched',
      'discarded',
      'not_found',
      'failed',
      'unknown',
    ]);
  });

  it('are these words of errors', () => {
    expect(names.FAILURE_TYPES).toEqual([
      'input',
      'auth',
      'quota',
      'refused',
      'attachment',
      'unavailable',
      'unknown_outcome',
      'logics',
      'format',
      'enrich',
      'abandoned',
      'cancelled',
      'workflow_id_taken',
      'internal',
    ]);
    expect(names.WHO_MUST_ACT).toEqual(['user', 'operator', 'vendor']);
    expect(names.REASONS).toEqual([
      '',
      'read_failure',
      'logics_failure',
      'format_failure',
      'write_failure',
      'callback_failure',
      'bad_action_parameters',
      'bad_origin_parameters',
      'bad_target_parameters',
      'origin_does_not_support_incremental',
    ]);
  });
});
