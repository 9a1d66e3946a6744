import { StepError, type ErrorFacts } from '../protocol/errors';
import type { Classification } from './classify';
import { DEFAULT_MAX_BYTES, type HttpCall } from './client';
import { isHtml, wordsOf, type Scrub, type HttpAnswer, type HttpOutcome, type NetworkCode } from './outcome';

const WHAT_HAPPENED: Readonly<Record<NetworkCode, string>> = {
  blocked: 'the egress guard does not let the worker reach that address',
  dns: 'the host name could not be resolved',
  unknown_host: 'there is no such host',
  refused: 'the connection was refused',
  tls: 'the TLS handshake failed',
  proxy_refused: 'the proxy does not let the worker through',
  bad_tls: 'no TLS connection that can be trusted came about',
  connect_timeout: 'no connection came about in time',
  aborted: 'the call was stopped before anything was sent',
  too_late: 'too much time had passed since the attempt began, so nothing was sent',
  timeout: 'no answer came in time',
  reset: 'the connection broke before the answer',
  garbled: 'what came is no HTTP answer',
};

const NEXT_STEP: Readonly<Partial<Record<ErrorFacts['type'], string>>> = {
  auth: 'Renew the credentials or their rights, then retry.',
  quota: 'Raise the quota or wait for the next period, then retry.',
  refused: 'Correct what the answer names, then retry.',
  unavailable: 'Find out why the system does not answer, then retry.',
};

/** What to do where the rule of the classifier says more than the type. `where` is the variable or parameter of the address. */
const NEXT_STEP_OF_RULE: Readonly<Record<string, (where: string) => string>> = {
  'address blocked': () =>
    'Allow the address in HRFLOW_TEMPORAL_EGRESS_ALLOW if it is meant to be reached, then retry.',
  'create, no such host': (where) => `Correct the host in ${where}, then retry.`,
  'no such host': (where) => `Correct the host in ${where}, then retry.`,
  'no secure connection': (where) =>
    `Have the certificate corrected, or the address in ${where}. The authority of a company is made known to the worker with NODE_EXTRA_CA_CERTS. Then retry.`,
  'refused by the proxy': () =>
    'Correct HRFLOW_TEMPORAL_PROXY of the worker or the rules of the proxy, or list the host in NO_PROXY, then retry.',
  'no HTTP': (where) => `Look at scheme and port in ${where}: another service seems to answer there.`,
  'no answer for machines': (where) => `Look at ${where}: a log-in page or another service seems to answer there.`,
  'redirected elsewhere': (where) => `Set ${where} to the address that it redirects to, then retry.`,
  'too large': () => 'Shorten what is read there (of a profile, its text), then retry: asking again gives the same.',
  'not encoded as it says': () => 'Ask the vendor, or whoever runs a proxy in between: asking again gives the same.',
  'undocumented success': () => 'Ask the vendor, or whoever runs a proxy in between: asking again gives the same.',
  'not offered': (where) => `Look at ${where}, and ask the vendor: asking again gives the same.`,
};

/** Rules that are about the address: whoever set that must act. */
const ABOUT_THE_ADDRESS = ['create, no such host', 'no such host', 'no HTTP', 'no answer for machines'];

/**
 * Puts into words what came of a call: method, path template, status, request id, the other system's own words, and of a connection
 * that did not come about scheme, host and port. No path, no query, no header.
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
  if (isNowhere(outcome)) return `Look at ${urlFrom}: there is nothing under this path, so the address may be wrong.`;
  const ofRule = NEXT_STEP_OF_RULE[found.rule];
  return ofRule?.(urlFrom) ?? NEXT_STEP[found.type] ?? 'Look at the message, then retry.';
}

/** A 404 of the system itself says what it does not find. One without a word comes from a server that knows nothing of the API. */
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

/** Why a success is none. It is not quoted: it may be a token or a profile. */
function unusable({ maxBytes = DEFAULT_MAX_BYTES }: HttpCall, answer: HttpAnswer): string {
  const { complete, withinLimit, undecodable } = answer;
  if (!withinLimit) return ` with more than ${maxBytes} bytes, the largest answer that is read`;
  if (undecodable) return ', which is not encoded as its Content-Encoding says';
  return complete ? ', which is not what its documentation says' : ' with an answer that broke off';
}
