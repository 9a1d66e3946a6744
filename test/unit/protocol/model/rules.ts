/** What a mutation may change: the state machine itself, and what its surroundings are obliged to do. */
import {
  apply,
  decide,
  mayContinueAsNew,
  refuseResolve,
  isConclusive,
  type Command,
  type Delivery,
  type Event,
  type PushState,
} from '../../../../src/protocol/delivery';
import { TIMING } from './world';

/** The machine and the duties of driver, worker and client around it. */
export interface Rules {
  decide(run: PushState, now: number): Command;
  apply(run: PushState, event: Event): PushState;
  mayContinueAsNew(run: PushState, command: Command): boolean;
  refuseResolve(run: PushState, delivered: boolean, now: number): string | null;
  isConclusive(run: PushState): boolean;
  /** How long after its start an attempt may begin to send. */
  sendWindowMs: number;
  /** The moment (less the skew) from which a dated lookup counts an applicant as ours. */
  lookupFrom(delivery: Delivery): number | null;
  recallReads: 'in the run' | 'what the client read';
  serverErrorIs: 'unknown' | 'not_sent';
  /** `recall` counts an attempt without an end in the history of a run that was cut off. */
  openAttemptCounts: boolean;
}

export const PROTOCOL: Rules = {
  decide,
  apply,
  mayContinueAsNew,
  refuseResolve,
  isConclusive,
  sendWindowMs: TIMING.sendWindowMs,
  lookupFrom: (delivery) => delivery.firstAttemptAt,
  recallReads: 'in the run',
  serverErrorIs: 'unknown',
  openAttemptCounts: true,
};
