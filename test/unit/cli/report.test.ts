import { describe, expect, it } from '@jest/globals';
import { NamespaceNotFoundError, ServiceError } from '@temporalio/client';
import { PushError } from '../../../src/client/errors';
import { EXIT, statusOf, worse } from '../../../src/cli/output/exit-status';
import { describe as inWords, printReport } from '../../../src/cli/output/output';
import { completed, failed, started, type PushReport } from '../../../src/cli/output/report';
import { plain } from '../../../src/cli/output/style';
import { InputError } from '../../../src/protocol/errors';
import { PayloadDecryptionError } from '../../../src/security/encryption/payload-codec';
import type { Problem } from '../../../src/protocol/delivery';
import type { Outcome } from '../../../src/protocol/names';
import { emptyEvents } from '../../../src/protocol/result';
import type { RunResult } from '../../../src/protocol/messages';
import { recordCli } from './support';

const subject = { workflowId: 'id', runId: null, profileKey: 'p1' };

function resultOf(outcome: Outcome, enriched: boolean | null = null): RunResult {
  const events = { ...emptyEvents(), read_success: 1 };
  const item = { key: 'p1', outcome, enriched, stage: 'pushApplicant', ats_id: '7', message: null } as const;
  return { status: 'success', reason: '', read_from: null, events, items: [item] };
}

function grpc(code: number, details: string): Error {
  return Object.assign(new Error(details), { code, details, metadata: {} });
}

function problem(type: Problem['type']): Problem {
  const words = { message: 'said the ATS', whoMustAct: 'operator', nextStep: 'Do this.' } as const;
  return { type, reason: 'write_failure', stage: 'pushApplicant', ...words };
}

function ended(type: Problem['type'], result: RunResult | null, state: 'failed' | 'held' = 'failed'): PushReport {
  return failed(new PushError(problem(type), result, { workflowId: 'id', runId: 'run' }, state), subject);
}

describe('the exit status of one push', () => {
  it.each(['created', 'already_there', 'enriched', 'discarded', 'not_found'] as const)('is 0 for %s', (outcome) => {
    expect(statusOf(completed({ workflowId: 'id', runId: 'run', result: resultOf(outcome) }))).toBe(0);
  });

  it.each([
    ['failed', ended('refused', resultOf('failed')), 1],
    ['created and not enriched', ended('enrich', resultOf('created', false)), 1],
    ['cancelled from outside', ended('cancelled', null), 1],
    ['refused by the client', failed(new InputError('', 'x'), subject), 2],
    ['refused by the worker', ended('input', resultOf('failed')), 2],
    ['a name that is taken', ended('workflow_id_taken', null), 2],
    ['held', ended('auth', resultOf('failed'), 'held'), 4],
    ['held, because the worker refused it', ended('input', resultOf('failed'), 'held'), 4],
    ['unknown, whatever its state', ended('unknown_outcome', resultOf('unknown')), 4],
    ['cancelled with an unknown outcome', ended('cancelled', resultOf('unknown')), 4],
    ['terminated', ended('unknown_outcome', null), 4],
    ['started', started('id', 'run'), 0],
  ])('%s: %#', (_, report, status) => {
    expect(statusOf(report)).toBe(status);
  });

  it('of many counts the worst: 3, 2, 1, 4, 0', () => {
    const order = [EXIT.unreachable, EXIT.refused, EXIT.failed, EXIT.held, EXIT.ok] as const;
    order.forEach((bad, index) => {
      for (const better of order.slice(index)) expect([worse(bad, better), worse(better, bad)]).toEqual([bad, bad]);
    });
  });
});

describe('the JSON document of a push', () => {
  it('has the members of the contract, and a line only with JSON Lines', () => {
    const cli = recordCli();
    printReport(cli, started('id', 'run'), true);
    printReport(cli, { line: 3, ...completed({ workflowId: 'id', runId: 'run', result: resultOf('created') }) }, true);
    expect(cli.stdout.map((text) => Object.keys(JSON.parse(text)))).toEqual([
      ['workflowId', 'runId', 'state', 'result', 'error'],
      ['line', 'workflowId', 'runId', 'state', 'result', 'error'],
    ]);
  });

  it('carries the error with all its members', () => {
    const report = ended('auth', resultOf('failed'));
    expect(report.error).toEqual(problem('auth'));
    expect(report).toMatchObject({ state: 'failed', runId: 'run', result: { items: [{ outcome: 'failed' }] } });
  });

  it('says of refused input that nothing was done', () => {
    const error = new InputError('bad_origin_parameters', 'originParameters.api_user: is missing');
    expect(failed(error, subject)).toEqual({
      workflowId: 'id',
      runId: null,
      state: 'failed',
      result: null,
      error: {
        type: 'input',
        reason: 'bad_origin_parameters',
        stage: 'fetchProfile',
        message: 'originParameters.api_user: is missing',
        whoMustAct: 'user',
        nextStep: 'Correct the input and start the push again.',
      },
    });
  });

  it.each([
    [
      'no permission',
      new ServiceError('x', { cause: grpc(7, 'Request unauthorized.') }),
      'auth',
      /unauthorized.*TEMPORAL_API_KEY/,
    ],
    ['no namespace', new NamespaceNotFoundError('nosuch'), 'unavailable', /"nosuch".*TEMPORAL_NAMESPACE/],
    [
      'no key',
      new PayloadDecryptionError('unknown_key', 'k2', 'there is no key "k2"'),
      'internal',
      /^there is no key "k2"$/,
    ],
    ['no answer', grpc(14, 'gone'), 'unavailable', /stopped answering/],
    ['a full server', grpc(8, 'namespace rate limit exceeded'), 'unavailable', /stopped answering/],
    ['a message that is too large', grpc(8, 'grpc: received message larger than max'), 'internal', /larger than max/],
    ['a mistake of ours', new TypeError('oops'), 'internal', /oops/],
  ])('says unknown where nothing can be told of the push: %s', (_, error, type, message) => {
    const report = failed(error, subject);
    expect(report).toMatchObject({
      state: 'failed',
      result: { status: 'fatal', items: [{ key: 'p1', outcome: 'unknown' }] },
      error: { type, message: expect.stringMatching(message), whoMustAct: 'operator' },
    });
    expect(statusOf(report)).toBe(EXIT.held);
  });

  it('has a result for runs that were ended from outside', () => {
    expect(ended('unknown_outcome', null).result).toMatchObject({
      status: 'fatal',
      items: [{ key: 'p1', outcome: 'unknown' }],
    });
    expect(ended('cancelled', null).result).toMatchObject({ items: [{ outcome: 'failed' }] });
    expect(ended('workflow_id_taken', null).result).toBeNull();
  });
});

describe('a push in words', () => {
  it('says what became of it, and where to look', () => {
    const report = {
      line: 2,
      ...completed({ workflowId: 'hrflow/p1', runId: 'run', result: resultOf('created', true) }),
    };
    expect(inWords(report, plain)).toEqual(['line 2: created hrflow/p1', '  id in the ATS: 7', '  enriched']);
  });

  it('says of a profile that was sent what was left out of it', () => {
    const result = resultOf('created');
    const items = result.items.map((item) => ({ ...item, message: 'The text was left out.' }));
    const report = completed({ workflowId: 'id', runId: 'run', result: { ...result, items } });
    expect(inWords(report, plain)).toEqual(['created id', '  id in the ATS: 7', '  The text was left out.']);
  });

  it('says who has to do what', () => {
    expect(inWords(ended('auth', resultOf('created', false), 'held'), plain)).toEqual([
      'held (created) id',
      '  id in the ATS: 7',
      '  not enriched',
      '  auth at pushApplicant: said the ATS',
      '  for the operator: Do this.',
      '  resume with: hrflow-temporal retry id',
    ]);
    expect(inWords(ended('input', null), plain)[0]).toBe('refused id');
  });
});
