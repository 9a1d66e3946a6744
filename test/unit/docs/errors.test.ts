import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { StepError } from '../../../src/protocol/errors';
import { FAILURE_TYPES } from '../../../src/protocol/names';
import { createProblem, PROBLEMS } from '../../../src/protocol/problems';
import { ERRORS, errorsPage } from '../../../tools/errors';

describe('the page of errors', () => {
  it('matches the table: run `npx tsx tools/errors.ts` after a change', () => {
    expect(readFileSync(ERRORS, 'utf8')).toBe(errorsPage());
  });

  it.each(FAILURE_TYPES)('explains %s in one row', (type) => {
    const rows = errorsPage()
      .split('\n')
      .filter((line) => line.startsWith(`| \`${type}\` |`));
    expect(rows).toHaveLength(1);
    expect(rows[0]).toContain(PROBLEMS[type].meaning);
    expect(rows[0]).toContain(PROBLEMS[type].nextStep);
  });

  it.each([
    ['input', 2],
    ['workflow_id_taken', 2],
    ['unknown_outcome', 4],
    ['refused', 1],
  ])('gives the exit status of %s', (type, status) => {
    expect(errorsPage()).toMatch(new RegExp(`\\| \`${type}\` .*\\| ${status} \\|`));
  });
});

describe('the table of problems', () => {
  const at = { reason: 'write_failure', stage: 'pushApplicant', message: 'said the ATS' } as const;

  it.each(FAILURE_TYPES)('has sentences for %s', (type) => {
    expect(PROBLEMS[type].meaning).toMatch(/^[A-Z].+\.$/);
    expect(PROBLEMS[type].nextStep).toMatch(/^[A-Z].+\.$/);
  });

  it.each(FAILURE_TYPES)('completes a problem and an error of type %s', (type) => {
    const { whoMustAct, nextStep, retryable } = PROBLEMS[type];
    expect(createProblem({ ...at, type })).toEqual({ ...at, type, whoMustAct, nextStep });
    expect(new StepError({ type, message: 'no' }).facts).toEqual({
      type,
      message: 'no',
      whoMustAct,
      nextStep,
      retryable,
    });
  });

  it('yields to the place that knows more', () => {
    const own = { whoMustAct: 'operator', nextStep: 'Do this.' } as const;
    expect(createProblem({ ...at, type: 'auth', ...own })).toEqual({ ...at, type: 'auth', ...own });
    const { facts } = new StepError({ type: 'auth', message: 'no', ...own, retryable: true });
    expect(facts).toEqual({ type: 'auth', message: 'no', ...own, retryable: true });
  });

  it('does not retry an error that is final', () => {
    expect(new StepError({ type: 'unavailable', message: 'no' }).asFinal().facts.retryable).toBe(false);
  });
});
