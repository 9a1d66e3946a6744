import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ServiceError } from '@temporalio/client';
import { withReconnect } from '../../../src/client/reconnect';

const HOUR_MS = 3_600_000;

/** The error of a server that has gone away. */
function unavailable(): ServiceError {
  return new ServiceError('gone', { cause: grpcError(14, 'No connection established') });
}

function grpcError(code: number, details: string): Error {
  return Object.assign(new Error(details), { code, details, metadata: {} });
}

/** A day in which nothing takes time but what the test says. */
describe('a call that waits for a day', () => {
  let now = 0;
  let answeredAt = 0;

  beforeEach(() => {
    now = 1_000;
    answeredAt = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('outlives three restarts of the server, hours apart, and says each of them', async () => {
    const onTrouble = jest.fn();
    let calls = 0;
    const waits = async () => {
      calls += 1;
      if (calls > 3) return 'the result';
      now += 6 * HOUR_MS;
      answeredAt = now - 20_000;
      throw unavailable();
    };
    await expect(withReconnect(waits, { onTrouble, answeredAt: () => answeredAt })).resolves.toBe('the result');
    expect([calls, onTrouble.mock.calls.length]).toEqual([4, 3]);
  });

  it('gives up when the server has answered nothing for two minutes and a half', async () => {
    const onTrouble = jest.fn();
    let calls = 0;
    const waits = async () => {
      calls += 1;
      if (calls === 1) answeredAt = now;
      now += 100_000;
      throw unavailable();
    };
    await expect(withReconnect(waits, { onTrouble, answeredAt: () => answeredAt })).rejects.toThrow('gone');
    expect([calls, onTrouble.mock.calls.length]).toEqual([3, 1]);
  });

  it('is repeated while the server has too much to do', async () => {
    let calls = 0;
    const start = async () => {
      calls += 1;
      if (calls < 2) throw new ServiceError('busy', { cause: grpcError(8, 'namespace rate limit exceeded') });
      return 'started';
    };
    await expect(withReconnect(start)).resolves.toBe('started');
    const large = new ServiceError('large', {
      cause: grpcError(8, 'grpc: received message larger than max (5 vs. 4)'),
    });
    await expect(withReconnect(() => Promise.reject(large))).rejects.toThrow('large');
  });

  it('is not repeated for somebody who waits no longer, nor after an answer that will not change', async () => {
    const signal = AbortSignal.abort();
    await expect(withReconnect(() => Promise.reject(unavailable()), { signal })).rejects.toThrow('gone');
    const denied = new ServiceError('denied', { cause: grpcError(7, 'Request unauthorized.') });
    await expect(withReconnect(() => Promise.reject(denied))).rejects.toThrow('denied');
  });
});
