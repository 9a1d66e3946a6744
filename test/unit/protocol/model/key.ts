/** The part of a world that decides its future, with times relative to now, so that the search visits each situation once. */
import { type Delivery, type PushState } from '../../../../src/protocol/delivery';
import { ATS_SKEW_MS, CLOCK_SKEW_MS } from '../../../../src/protocol/timing';
import { type Rules } from './rules';
import { type Live, TIMING, type World } from './world';

/** An applicant of this age or older cannot count as the result of an attempt that begins later. */
const OLD_MS = ATS_SKEW_MS + CLOCK_SKEW_MS + 1;

/** Returns a text that two worlds share only if the same things can still happen in both. */
export function keyOf(world: World, rules: Rules): string {
  const { live, kept, readers, attempts, applicants, now } = world;
  const snapshots = rules.recallReads === 'what the client read';
  const said = (delivery: Delivery | null) => deliveryKey(world, delivery, rules);
  return JSON.stringify([
    live && [runKey(world, live, said), live.long, snapshots && said(live.snapshot)],
    said(kept),
    snapshots ? readers.map(said) : readers.length,
    attempts.map(({ live: known, tag, sendBy, endBy }) => [known, tag, endBy === null, ahead(now, endBy ?? sendBy)]),
    applicants.map((one) => [one.mine, one.tag, ahead(now, one.visibleAt), ageOf(world, one.createdAt)]),
    [world.answered, world.tags, world.wrong],
    Object.values(world.budget),
  ]);
}

function ahead(now: number, at: number | null): number | null {
  return at === null ? null : Math.max(at - now, 0);
}

/** Only an `again` run has applicants of this push before its own first attempt; otherwise `firstAttemptAt` is enough. */
function ageOf({ scenario, now }: World, createdAt: number): number {
  return scenario.budget.agains > 0 ? Math.min(now - createdAt, OLD_MS) : 0;
}

function deliveryKey(world: World, delivery: Delivery | null, rules: Rules): unknown {
  if (!delivery) return null;
  const {
    applicant,
    deliveredAs,
    enriched,
    sent,
    everUnknown,
    unknownSince,
    lookupKeys,
    attemptedAt,
    secondApplication,
  } = delivery;
  const settling = (since: number | null) => ahead(world.now, since === null ? null : since + TIMING.settleMs);
  const from = rules.lookupFrom(delivery);
  const dated = from === null ? null : world.applicants.map(({ createdAt }) => createdAt >= from - ATS_SKEW_MS);
  const plain = [applicant, deliveredAs, enriched, sent, everUnknown, lookupKeys, settling(unknownSince), dated];
  if (world.scenario.budget.agains === 0) return plain;
  return [
    plain,
    settling(attemptedAt),
    secondApplication && [secondApplication.matchesBefore, deliveryKey(world, secondApplication.earlier, rules)],
  ];
}

function runKey({ now }: World, { run, folded, tag }: Live, said: (delivery: Delivery) => unknown): unknown {
  const {
    options,
    recalled,
    preparedAt,
    preflightDone,
    nothingToDeliver,
    cancelRequested,
    isAbandoned,
    blockedBy,
    pendingRefusal,
    wait,
    hold,
  } = run;
  return [
    // The age of documents only decides whether they are prepared again, which changes nothing here.
    [
      tag,
      options.onFailure,
      recalled,
      preparedAt !== null,
      preflightDone,
      nothingToDeliver,
      cancelRequested,
      isAbandoned,
    ],
    [
      blockedBy?.type,
      pendingRefusal !== null,
      run.timing !== null,
      ahead(now, wait?.until ?? null),
      ahead(now, hold.until),
    ],
    wait && lookupsOf(run),
    said(run.delivery),
    [folded.recalled, folded.pendingRefusal !== null, said(folded.delivery)],
  ];
}

/** The pauses between lookups grow with `lookupCount`. */
function lookupsOf({ delivery, lookupCount }: PushState): number {
  return delivery.applicant === 'unknown' ? lookupCount : 0;
}
