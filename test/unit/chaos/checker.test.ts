import { describe, expect, it } from '@jest/globals';
import {
  check,
  checkCost,
  isLeftToPerson,
  type ApplicantRecord,
  type AtsRecords,
  type Claim,
  type PushRecord,
  type RunEnd,
} from '../../../tools/chaos/checker';

const CREATED: Claim = { outcome: 'created', enriched: null, atsId: null };
const FAILED: Claim = { outcome: 'failed', enriched: null, atsId: null };
const UNKNOWN: Claim = { outcome: 'unknown', enriched: null, atsId: null };

/** A successful push: started at 100, applicant at 150, closed at 200. */
const push = (changes: Partial<PushRecord> = {}): PushRecord => ({
  name: '0001 Oracle',
  creates: true,
  enriches: false,
  canLookUp: true,
  place: 'oracleORC',
  email: 'camille@example.test',
  runs: [run()],
  answers: [],
  ...changes,
});

function run(changes: Partial<RunEnd> = {}): RunEnd {
  return { runId: 'run-1', status: 'completed', startedAt: 100, closedAt: 200, claim: CREATED, ...changes };
}

const applicant = (changes: Partial<ApplicantRecord> = {}): ApplicantRecord => ({
  place: 'oracleORC',
  email: 'camille@example.test',
  ids: ['100001'],
  person: 'P1',
  at: 150,
  ...changes,
});

const ats = (changes: Partial<AtsRecords> = {}): AtsRecords => ({
  applicants: [applicant()],
  enrichments: [],
  ...changes,
});

const enriching = (claim: Claim): Partial<PushRecord> => ({ enriches: true, runs: [run({ claim })] });
const ENRICHED: Claim = { ...CREATED, enriched: true };
const enrichment = { email: 'camille@example.test', persons: ['P1'], at: 180 };

const kinds = (pushes: PushRecord[], records: AtsRecords): string[] => check(pushes, records).map(({ kind }) => kind);

describe('the checker of the fault run', () => {
  it('finds nothing wrong with a candidate who arrived once', () => {
    expect(check([push()], ats())).toEqual([]);
  });

  describe('duplicates and losses', () => {
    it('catches a planted duplicate, and names both', () => {
      const twice = ats({ applicants: [applicant(), applicant({ ids: ['100002'], at: 170 })] });
      const [violation, ...others] = check([push()], twice);
      expect(violation).toMatchObject({ kind: 'doubled', push: '0001 Oracle' });
      expect(violation?.what).toContain('100001');
      expect(violation?.what).toContain('100002');
      expect(others).toEqual([]);
    });

    it('counts the same person at two places as two applicants', () => {
      const elsewhere = push({ name: '0002 TalentSoft', place: 'talentSoft/2024-17' });
      const both = ats({ applicants: [applicant(), applicant({ place: 'talentSoft/2024-17' })] });
      expect(check([push(), elsewhere], both)).toEqual([]);
    });

    it('catches a planted loss', () => {
      expect(check([push()], ats({ applicants: [] }))).toEqual([
        { kind: 'lost', push: '0001 Oracle', what: expect.stringContaining('run-1 says created') },
      ]);
    });

    it('catches a loss that an earlier run announced, even if a later one delivered', () => {
      const made = push({ runs: [run(), run({ runId: 'run-2', startedAt: 300, closedAt: 400 })] });
      expect(kinds([made], ats({ applicants: [applicant({ at: 350 })] }))).toEqual(['lost']);
    });

    it('catches an answer to a client that came true only later', () => {
      const answered = push({ answers: [{ at: 140, claim: CREATED, brokenBy: null }] });
      expect(kinds([answered], ats())).toEqual(['lost']);
    });

    it('catches an applicant that nobody pushed', () => {
      const odd = applicant({ email: 'nobody@example.test', ids: ['100009'] });
      expect(kinds([push()], ats({ applicants: [applicant(), odd] }))).toEqual(['stranger']);
    });
  });

  describe('enrichments', () => {
    it('accepts one that is attached to the candidate, and one that was repeated', () => {
      expect(check([push(enriching(ENRICHED))], ats({ enrichments: [enrichment, enrichment] }))).toEqual([]);
    });

    it('catches one that is lost', () => {
      expect(kinds([push(enriching(ENRICHED))], ats())).toEqual(['enrichment_lost']);
    });

    it('catches one that went to somebody else', () => {
      const wrong = ats({ enrichments: [{ ...enrichment, persons: ['P7'] }] });
      expect(kinds([push(enriching(ENRICHED))], wrong)).toEqual(['enrichment_lost']);
    });

    it('catches one that is attached to nobody', () => {
      const loose = ats({ enrichments: [enrichment, { ...enrichment, persons: [] }] });
      expect(kinds([push(enriching(ENRICHED))], loose)).toEqual(['enrichment_lost']);
    });

    it('catches one that nobody asked for', () => {
      expect(kinds([push()], ats({ enrichments: [enrichment] }))).toEqual(['enrichment_lost']);
    });

    it('checks an enrichment alone against the candidate who was there before', () => {
      const alone = push({
        ...{ creates: false, enriches: true, canLookUp: false },
        runs: [run({ claim: { outcome: 'enriched', enriched: true, atsId: null } })],
      });
      expect(check([alone], ats({ applicants: [applicant({ at: 1 })], enrichments: [enrichment] }))).toEqual([]);
      expect(kinds([alone], ats({ applicants: [applicant({ at: 1 })] }))).toEqual(['enrichment_lost']);
    });
  });

  describe('contradictions', () => {
    const failedRun = run({ status: 'failed', claim: FAILED });
    const second = run({ runId: 'run-2', startedAt: 300, closedAt: 400 });

    it('catches a run that failed as absent while the applicant was there', () => {
      const found = check([push({ runs: [failedRun, second] })], ats());
      expect(found).toEqual([
        { kind: 'contradiction', push: '0001 Oracle', what: expect.stringContaining('run-1 ended failed as absent') },
      ]);
    });

    it('catches an applicant who appears after a run failed as absent, before the push was started again', () => {
      expect(kinds([push({ runs: [failedRun, second] })], ats({ applicants: [applicant({ at: 250 })] }))).toEqual([
        'contradiction',
      ]);
    });

    it('accepts an applicant that a further run created', () => {
      expect(check([push({ runs: [failedRun, second] })], ats({ applicants: [applicant({ at: 350 })] }))).toEqual([]);
    });

    it('accepts an applicant behind an unknown outcome', () => {
      const unknown = run({ status: 'failed', claim: UNKNOWN });
      expect(check([push({ runs: [unknown, second] })], ats())).toEqual([]);
    });

    it('catches a cancellation that had sent something', () => {
      const cancelled = run({ status: 'cancelled', claim: null });
      expect(kinds([push({ runs: [cancelled, second] })], ats())).toEqual(['contradiction']);
    });

    it('catches an id that does not exist, and one of another applicant', () => {
      const named = push({ runs: [run({ claim: { ...CREATED, atsId: '999' } })] });
      expect(kinds([named], ats())).toEqual(['contradiction']);
      const right = push({ runs: [run({ claim: { ...CREATED, atsId: '100001' } })] });
      expect(check([right], ats())).toEqual([]);
    });
  });

  describe('runs that do not settle', () => {
    it.each([
      ['still open', run({ status: 'open', closedAt: null, claim: null })],
      ['held although the system has a lookup', run({ status: 'held', closedAt: null, claim: UNKNOWN })],
      ['stopped from outside and not started again', run({ status: 'stopped', claim: null })],
      ['given up', run({ status: 'failed', claim: FAILED })],
    ])('catches one that is %s', (_how, latest) => {
      expect(kinds([push({ runs: [latest] })], ats({ applicants: [] }))).toEqual(['stuck']);
    });

    it('catches a push that was never started', () => {
      expect(kinds([push({ runs: [] })], ats({ applicants: [] }))).toEqual(['stuck']);
    });

    it('catches a candidate who is there and was to be enriched', () => {
      const waiting = push(enriching({ ...CREATED, enriched: false }));
      expect(kinds([waiting], ats())).toEqual(['stuck']);
    });

    it.each(['held', 'failed'] as const)('leaves a %s unknown to an operator if there is no lookup', (status) => {
      const left = push({ canLookUp: false, runs: [run({ status, claim: UNKNOWN })] });
      expect(check([left], ats())).toEqual([]);
      expect(check([left], ats({ applicants: [] }))).toEqual([]);
      expect(isLeftToPerson(left)).toBe(true);
    });

    it('does not leave to an operator what failed for a known reason', () => {
      const failed = push({ canLookUp: false, runs: [run({ status: 'failed', claim: FAILED })] });
      expect(kinds([failed], ats({ applicants: [] }))).toEqual(['stuck']);
      expect(isLeftToPerson(failed)).toBe(false);
    });
  });

  it('reports a client that ended with an error that is not about the push', () => {
    const broken = push({ answers: [{ at: 120, claim: null, brokenBy: 'read ECONNRESET' }] });
    expect(check([broken], ats())).toEqual([
      { kind: 'client_error', push: '0001 Oracle', what: expect.stringContaining('ECONNRESET') },
    ]);
  });
});

describe('what pushes cost', () => {
  const cost = { attempts: 20, creates: 10, downloads: 10, failedDownloads: 0, stopped: 0 };

  it('is acceptable with two attempts and one download for each create, failed download and stopped run', () => {
    expect(checkCost(cost)).toEqual([]);
    expect(checkCost({ ...cost, attempts: 26, downloads: 14, failedDownloads: 2, stopped: 1 })).toEqual([]);
  });

  it('is wasteful with more', () => {
    expect(checkCost({ ...cost, attempts: 54 })).toMatchObject([{ kind: 'wasteful', push: null }]);
    expect(checkCost({ ...cost, downloads: 53 })).toMatchObject([{ kind: 'wasteful', push: null }]);
  });
});
