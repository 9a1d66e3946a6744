import { describe, expect, it } from '@jest/globals';
import {
  failureDetailsOf,
  reportedProblem,
  reportedVerdict,
  stepFailureDetails,
  type AttemptEnd,
} from '../../../src/protocol/failure-details';
import { createProblem } from '../../../src/protocol/problems';

const problem = createProblem({ type: 'refused', reason: 'write_failure', stage: 'pushApplicant', message: 'no' });
const end: AttemptEnd = { verdict: 'not_sent', sent: false, delayMs: 7, queued: false };

function verdictOf(changes: Partial<AttemptEnd>) {
  return reportedVerdict({ details: stepFailureDetails(problem, { ...end, ...changes }) });
}

describe('the details of a failed activity', () => {
  it('are one object whose members are read back by name', () => {
    const details = stepFailureDetails(problem, end);
    expect(details).toEqual([{ problem, attempt: end }]);
    expect(failureDetailsOf({ details })).toEqual({ problem, attempt: end });
    expect(reportedProblem({ details })).toEqual(problem);
  });

  it('hold no attempt if the step did not report one', () => {
    const details = stepFailureDetails(problem);
    expect(details).toEqual([{ problem }]);
    expect(reportedVerdict({ details })).toBeNull();
  });

  it('tell each verdict', () => {
    expect(verdictOf({})).toEqual({ verdict: 'not_sent', delayMs: 7, problem });
    expect(verdictOf({ delayMs: null, queued: true })).toEqual({
      verdict: 'not_sent',
      delayMs: null,
      problem,
      queued: true,
    });
    expect(verdictOf({ verdict: 'refused' })).toEqual({ verdict: 'refused', sent: false, problem });
    expect(verdictOf({ verdict: 'refused', sent: true })).toEqual({ verdict: 'refused', sent: true, problem });
    expect(verdictOf({ verdict: 'duplicate' })).toEqual({ verdict: 'duplicate', problem });
    expect(verdictOf({ verdict: 'unknown' })).toEqual({ verdict: 'unknown', problem });
  });

  it.each([
    ['no details', undefined],
    ['null', null],
    ['an empty list', []],
    ['a text', ['words']],
    ['a list', [[problem, end]]],
    ['a problem that lacks a member', [{ problem: { ...problem, nextStep: undefined }, attempt: end }]],
    ['no problem', [{ attempt: end }]],
  ])('tell nothing if they are %s', (_name, details) => {
    expect(reportedProblem({ details })).toBeNull();
    expect(reportedVerdict({ details })).toBeNull();
  });

  it.each([
    ['an unknown verdict', { ...end, verdict: 'maybe' }],
    ['"created", which is no failure', { ...end, verdict: 'created' }],
    ['no object', 'not_sent'],
  ])('tell no verdict if the attempt is %s', (_name, attempt) => {
    expect(reportedVerdict({ details: [{ problem, attempt }] })).toBeNull();
  });

  it('count a refusal as sent unless they say otherwise', () => {
    expect(reportedVerdict({ details: [{ problem, attempt: { verdict: 'refused' } }] })).toMatchObject({ sent: true });
  });
});
