import { describe, expect, it } from '@jest/globals';
import { knownSearchAttributes } from '../../../src/client/search-attributes';

const PERMISSION_DENIED = 7;
const UNAVAILABLE = 14;
const TEXT = 1;
const KEYWORD = 2;

/** Temporal's operator service, as far as it is asked here: each call gives the next answer, a number being a gRPC status. */
function operatorService(...answers: (number | Record<string, number>)[]) {
  const left = [...answers];
  return {
    listSearchAttributes: (() => {
      const answer = left.shift();
      if (answer === undefined) return Promise.reject(new Error('asked too often'));
      if (typeof answer === 'object') return Promise.resolve({ customAttributes: answer });
      return Promise.reject(Object.assign(new Error('refused'), { code: answer, details: 'refused', metadata: {} }));
    }) as never,
  };
}

const BEFORE_THE_END = ['HrflowConnector', 'HrflowAction', 'HrflowState', 'HrflowAccount'];

describe('the search attributes that a server knows', () => {
  it('are asked for once, also when two ask at the same time', async () => {
    const known = knownSearchAttributes(operatorService({ HrflowState: KEYWORD, Other: KEYWORD }), 'default');
    expect(await Promise.all([known(), known()])).toEqual([['HrflowState'], ['HrflowState']]);
    expect(await known()).toEqual(['HrflowState']);
  });

  it('are those that are keywords', async () => {
    const known = knownSearchAttributes(operatorService({ HrflowState: KEYWORD, HrflowOutcome: TEXT }), 'default');
    expect(await known()).toEqual(['HrflowState']);
  });

  it('are supposed to be those that a start sends, for good, where the client may not ask', async () => {
    const known = knownSearchAttributes(operatorService(PERMISSION_DENIED), 'default');
    expect(await known()).toEqual(BEFORE_THE_END);
    expect(await known()).toEqual(BEFORE_THE_END);
  });

  it('are asked for again after a server that did not answer', async () => {
    const known = knownSearchAttributes(operatorService(UNAVAILABLE, { HrflowOutcome: KEYWORD }), 'default');
    expect(await known()).toEqual(BEFORE_THE_END);
    expect(await known()).toEqual(['HrflowOutcome']);
  });
});
