import { StepFailure, type FailureFacts } from '../failure';
import type { Classification } from './classify';
import type { HttpCall } from './client';
import { isHtml, wordsOf, type HttpOutcome, type NetworkCode } from './outcome';

const WHAT_HAPPENED: Readonly<Record<NetworkCode, string>> = {
  blocked: 'the egress guard does not let the worker reach that address',
  dns: 'the host name could not be resolved',
  refused: 'the connection was refused',
  tls: 'the TLS handshake failed',
  connect_timeout: 'no connection came about in time',
  aborted: 'the call was stopped before anything was sent',
  too_late: 'too much time had passed since the attempt began, so nothing was sent',
  timeout: 'no answer came in time',
  reset: 'the connection broke before the answer',
};

const NEXT_STEP: Readonly<Partial<Record<FailureFacts['type'], string>>> = {
  auth: 'Renew the credentials or their rights, then retry.',
  quota: 'Raise the quota or wait for the next period, then retry.',
  refused: 'Mend what the answer names, then retry.',
  unavailable: 'Find out why the system does not answer, then retry.',
};

/** Puts into words what came of a call: method, path template, status, request id and the other system's own words. No URL, no header. */
export function factsOf(system: string, call: HttpCall, outcome: HttpOutcome, found: Classification): FailureFacts {
  const target = `${call.method} ${call.pathTemplate}`;
  const facts = {
    type: found.type,
    whoMustAct: found.whoMustAct,
    retryable: found.verdict === 'repeat' || found.verdict === 'not_sent' || found.verdict === 'unauthorised',
    benign: found.benign,
    nothingHappened: ['not_sent', 'unauthorised', 'refused'].includes(found.verdict),
    delayMs: found.delayMs,
  };
  if (outcome.arrived === 'answer') {
    const message = `${system} answered ${outcome.status} to ${target}${requestId(outcome.headers)}${said(outcome)}.`;
    const nextStep = NEXT_STEP[found.type] ?? 'Look at the message, then retry.';
    return { ...facts, message, nextStep, status: outcome.status };
  }
  const nextStep =
    outcome.code === 'blocked'
      ? 'Allow the address in HRFLOW_TEMPORAL_EGRESS_ALLOW if it is meant to be reached, then retry.'
      : (NEXT_STEP[found.type] ?? 'Look at the message, then retry.');
  return { ...facts, message: `${system} (${target}): ${WHAT_HAPPENED[outcome.code]}.`, nextStep };
}

export function stepFailure(system: string, call: HttpCall, outcome: HttpOutcome, found: Classification): StepFailure {
  return new StepFailure(factsOf(system, call, outcome, found));
}

function requestId(headers: Readonly<Record<string, string>>): string {
  const id = headers['x-request-id'] ?? headers['x-correlation-id'];
  return id && /^[\w.:-]{1,100}$/.test(id) ? ` (request ${id})` : '';
}

function said(outcome: Extract<HttpOutcome, { arrived: 'answer' }>): string {
  if (isHtml(outcome)) return ' with an HTML page';
  if (outcome.status < 300) return unusable(outcome);
  const words = wordsOf(outcome).replace(/\.$/, '');
  return words === '' ? '' : `: ${words}`;
}

/** Why a success is none. It is not quoted: it may be a token or a profile. */
function unusable({ complete, withinLimit }: Extract<HttpOutcome, { arrived: 'answer' }>): string {
  if (!withinLimit) return ' with more than is read';
  return complete ? ', which is not what its documentation says' : ' with an answer that broke off';
}
