import { describe, expect, it } from '@jest/globals';
import { countJest } from '../../../tools/test-count';

interface File {
  readonly status: 'passed' | 'failed';
  readonly tests: readonly ('passed' | 'failed' | 'pending')[];
}

function results(...files: readonly File[]): () => string {
  const all = files.flatMap((file) => file.tests);
  return () =>
    JSON.stringify({
      numPassedTests: all.filter((status) => status === 'passed').length,
      numFailedTests: all.filter((status) => status === 'failed').length,
      testResults: files.map(({ status, tests }) => ({
        status,
        assertionResults: tests.map((test) => ({ status: test })),
      })),
    });
}

describe('the count of a Jest run', () => {
  it('is that of its tests', () => {
    const read = results(
      { status: 'passed', tests: ['passed', 'passed'] },
      { status: 'failed', tests: ['failed', 'passed'] },
    );
    expect(countJest(1, read)).toEqual({ passed: 3, failed: 1 });
  });

  it('has a failure for a file that could not be loaded, or whose hook failed', () => {
    const read = results({ status: 'failed', tests: [] }, { status: 'failed', tests: ['passed'] });
    expect(countJest(1, read)).toEqual({ passed: 1, failed: 2 });
  });

  it('has a failure if Jest failed although no test did', () => {
    expect(countJest(1, results({ status: 'passed', tests: ['passed'] }))).toEqual({ passed: 1, failed: 1 });
  });

  it('is a failure if Jest crashed and left no results, or invalid ones', () => {
    const missing = (): string => {
      throw new Error('ENOENT');
    };
    expect(countJest(134, missing)).toEqual({ passed: 0, failed: 1 });
    expect(countJest(0, () => '{"numPassedTests": 4')).toEqual({ passed: 0, failed: 1 });
  });

  it('is zero without tests', () => {
    expect(countJest(0, results())).toEqual({ passed: 0, failed: 0 });
  });
});
