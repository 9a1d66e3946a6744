import { StepError, type ErrorFacts } from '../protocol/errors';
import { PROBLEMS } from '../protocol/problems';
import type { Classification } from './classify';
import { DEFAULT_MAX_BYTES, type HttpCall } from './client';
import { isHtml, wordsOf, type Scrub, type HttpAnswer, type HttpOutcome, type NetworkCode } from './outcome';

const WHAT_HAPPENED: Readonly<Record<NetworkCode, string>> = {
  blocked: 'the egress guard does not allow that address',
  dns: 'the host name could not be resolved',
  unknown_host: 'the host does not exist',
  refused: 'the connection was refused',
  tls: 'the TLS handshake failed',
  proxy_refused: 'the proxy refused the connection',
  bad_tls: 'no trusted TLS connection could be established',
  connect_timeout: 'no connection was established in time',
  aborted: 'the call was stopped before anything was sent',
  too_late: 'the attempt began too long ago, so nothing was sent',
  timeout: 'no response came in time',
  reset: 'the connection broke before the response',
  garbled: 'the response is not HTTP',
};

/** Next steps of rules of the classifier that know more than the type. `where` names the variable or parameter of the address. */
const NEXT_STEP_OF_RULE: Readonly<Record<string, (where: string) => string>> = {
  'address blocked': () =>
    'If the address is meant to be reached, allow it in HRFLOW_TEMPORAL_EGRESS_ALLOW, then retry.',
  'create, no such host': (where) => `Correct the host in ${where}, then retry.`,
  'no such host': (where) => `Correct the host in ${where}, then retry.`,
  'no secure connection': (where) =>
    `Fix the certificate, or correct the address in ${where}, then retry. Set NODE_EXTRA_CA_CERTS on the worker to trust a private certificate authority.`,
  'refused by the proxy': () =>
    'Correct HRFLOW_TEMPORAL_PROXY on the worker or the rules of the proxy, or list the host in NO_PROXY, then retry.',
  'no HTTP': (where) => `Check the scheme and port in ${where}: another service seems to respond.`,
  'no answer for machines': (where) => `Check ${where}: a login page or another service seems to respond.`,
  'redirected elsewhere': (where) => `Set ${where} to the address of the redirect, then retry.`,
  'too large': () => 'Shorten what is read (for a profile, its text), then retry.',
  'not encoded as it says': () => 'Ask the vendor, or the operator of any proxy in between.',
  'undocumented success': () => 'Ask the vendor, or the operator of any proxy in between.',
  'not offered': (where) => `Check ${where}, and ask the vendor.`,
};

/** Rules about the address: whoever set it must act. */
const ABOUT_THE_ADDRESS = ['create, no such host', 'no such host', 'no HTTP', 'no answer for machines'];

/**
 * Describes the outcome of a call: method, path template, status, request id, and what the other system said. For a connection that
 * failed, also scheme, host and port. No path, no query, no header.
 */
export function factsOf(
  system: string,
  call: HttpCall,
  outcome: HttpOutcome,
  found: Classification,
  scrub: Scrub,
): ErrorFacts {
  const target = `${call.method} ${call.pathTemplate}`;
  const isOperators = call.trusted === true && (ABOUT_THE_ADDRESS.includes(found.rule) || isNowhere(outcome));
  const facts = {
    type: found.type,
    whoMustAct: isOperators ? 'operator' : found.whoMustAct,
    retryable: found.verdict === 'repeat' || found.verdict === 'not_sent' || found.verdict === 'unauthorised',
    doubtful: found.doubtful,
    benign: found.benign,
    nothingHappened: ['not_sent', 'unauthorised', 'refused'].includes(found.verdict),
    delayMs: found.delayMs,
    nextStep: nextStep(call, outcome, found),
  } as const;
  if (outcome.arrived === 'answer') {
    const message = `${system} answered ${outcome.status} to ${target}${requestId(outcome.headers)}${said(call, outcome, scrub)}.`;
    return { ...facts, message, status: outcome.status };
  }
  return { ...facts, message: `${system} (${target}): ${outcome.reason ?? WHAT_HAPPENED[outcome.code]}.` };
}

function nextStep({ urlFrom = 'the address' }: HttpCall, outcome: HttpOutcome, found: Classification): string {
  if (isNowhere(outcome)) return `Check ${urlFrom}: nothing exists under this path, so the address may be wrong.`;
  const ofRule = NEXT_STEP_OF_RULE[found.rule];
  return ofRule?.(urlFrom) ?? PROBLEMS[found.type].nextStep;
}

/** Whether a 404 comes from a server without the API: the system itself says what it did not find. */
function isNowhere(outcome: HttpOutcome): boolean {
  return outcome.arrived === 'answer' && outcome.status === 404 && wordsOf(outcome, (text) => text) === '';
}

/** The error of a call that did not succeed. */
export function callError(
  system: string,
  call: HttpCall,
  outcome: HttpOutcome,
  found: Classification,
  scrub: Scrub,
): StepError {
  return new StepError(factsOf(system, call, outcome, found, scrub));
}

function requestId(headers: Readonly<Record<string, string>>): string {
  const id = headers['x-request-id'] ?? headers['x-correlation-id'];
  return id && /^[\w.:-]{1,100}$/.test(id) ? ` (request ${id})` : '';
}

function said(call: HttpCall, outcome: HttpAnswer, scrub: Scrub): string {
  if (isHtml(outcome)) return ' with an HTML page';
  if (outcome.status < 300) return unusable(call, outcome);
  const words = wordsOf(outcome, scrub).replace(/\.$/, '');
  return words === '' ? '' : `: ${words}`;
}

/** Returns why a success cannot be used. Quotes nothing of it: it may be a token or a profile. */
function unusable({ maxBytes = DEFAULT_MAX_BYTES }: HttpCall, answer: HttpAnswer): string {
  const { complete, withinLimit, undecodable } = answer;
  if (!withinLimit) return ` with more than ${maxBytes} bytes, the limit of a response`;
  if (undecodable) return ', which is not encoded as its Content-Encoding says';
  return complete ? ', which is not what its documentation says' : ' with a response that broke off';
}
