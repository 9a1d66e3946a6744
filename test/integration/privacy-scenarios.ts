import { setTimeout as delay } from 'node:timers/promises';
import { connectors, profileSource } from '../../src/connectors/registry';
import { PushError } from '../../src/client/errors';
import { checkPush, type CheckedPush, type StartRequest } from '../../src/client/request';
import { startPush } from '../../src/client/start';
import { push } from '../../src/client/wait';
import type { UserFunctions } from '../../src/push/functions';
import { collectSecrets } from '../../src/security/sensitivity';
import { WORKFLOW_TYPES, type Action } from '../../src/protocol/names';
import type { FaultGenerator, RecordedRequest } from '../simulators';
import { textMarker, type MarkedProfile } from './privacy-markers';
import type { Rig } from './privacy-rig';

/** One action of one connector; every one in the registry is a case. */
interface Case {
  readonly connector: 'talentSoft' | 'oracleORC' | 'flatchr';
  readonly action: Action;
}

export const CASES: readonly Case[] = connectors.flatMap(({ name, actions }) =>
  WORKFLOW_TYPES.filter((action) => actions[action]).map((action) => ({
    connector: name as Case['connector'],
    action,
  })),
);

const thrown = textMarker('thrownByUser');

/** Functions of a user that quote the profile where they should not. */
export const functions: UserFunctions = {
  logics: {
    throwing: (profile) => {
      throw new Error(`${thrown} ${JSON.stringify(profile)}`);
    },
  },
  formats: {
    throwing: (profile) => {
      throw new TypeError(`${thrown} ${JSON.stringify(profile)}`);
    },
  },
};

/** What a scenario says of a push, beside whose it is. */
interface Asked extends Pick<StartRequest, 'actionParameters'> {
  /** How the secrets are wrong: the values themselves, or a reference to one. */
  readonly bad?: 'literal' | 'reference';
  readonly where?: 'origin' | 'target';
}

/**
 * Runs pushes of every connector to every kind of end, while the other systems repeat in their answers all that they were
 * sent.
 *
 * @returns the errors that the client threw
 */
export async function runScenarios(rig: Rig): Promise<PushError[]> {
  const errors: PushError[] = [];
  for (const one of CASES) {
    for (const scenario of [successful, refused, unknown, badSecrets, thrownByUser, notReadable]) {
      errors.push(...(await scenario(rig, one)));
      calmDown(rig);
    }
    for (const scenario of [held, cancelled, terminatedAndStartedAgain]) {
      await scenario(rig, one);
      calmDown(rig);
    }
  }
  noteCredentials(rig);
  return errors;
}

async function successful(rig: Rig, one: Case): Promise<PushError[]> {
  const profile = rig.newProfile();
  const asked = request(rig, one, profile);
  await push(rig.context, asked);
  await rig.look(asked.workflowId);
  for (const marker of profile.markers) rig.planted.add(marker);
  return [];
}

async function refused(rig: Rig, one: Case): Promise<PushError[]> {
  const profile = rig.newProfile();
  rig.simulators[one.connector].faults.setGenerator(echo(rig, isWrite, 422, profile));
  return failing(rig, request(rig, one, profile), 'failed');
}

/** Created, but the answer says that it was not: looked up afterwards. An enrichment is repeated until it is given up. */
async function unknown(rig: Rig, one: Case): Promise<PushError[]> {
  const profile = rig.newProfile();
  let left = 1;
  const once = (candidate: RecordedRequest): boolean => isWrite(candidate) && left-- > 0;
  rig.simulators[one.connector].faults.setGenerator(echo(rig, once, 500, profile, 'before'));
  const asked = request(rig, one, profile);
  await push(rig.context, asked);
  await rig.look(asked.workflowId);
  return [];
}

async function badSecrets(rig: Rig, one: Case): Promise<PushError[]> {
  const errors: PushError[] = [];
  for (const bad of ['literal', 'reference'] as const) {
    for (const where of ['origin', 'target'] as const) {
      const profile = rig.newProfile();
      const system = where === 'origin' ? 'hrflow' : one.connector;
      rig.simulators[system].faults.setGenerator(echo(rig, () => true, 401, profile));
      errors.push(...(await failing(rig, request(rig, one, profile, { bad, where }), 'failed')));
      calmDown(rig);
    }
  }
  return errors;
}

async function thrownByUser(rig: Rig, one: Case): Promise<PushError[]> {
  const logics = request(rig, one, rig.newProfile(), { actionParameters: { logics: ['throwing'] } });
  const format = request(rig, one, rig.newProfile(), { actionParameters: { format: 'throwing' } });
  return [...(await failing(rig, logics, 'failed')), ...(await failing(rig, format, 'failed'))];
}

async function notReadable(rig: Rig, one: Case): Promise<PushError[]> {
  const errors: PushError[] = [];
  for (const status of [400, 402]) {
    const profile = rig.newProfile();
    rig.simulators.hrflow.faults.setGenerator(echo(rig, () => true, status, profile));
    errors.push(...(await failing(rig, request(rig, one, profile), 'failed')));
  }
  return errors;
}

async function held(rig: Rig, one: Case): Promise<void> {
  const profile = rig.newProfile();
  rig.simulators[one.connector].faults.setGenerator(echo(rig, isWrite, 422, profile));
  const asked = request(rig, one, profile, { actionParameters: { onFailure: 'hold' } });
  await failing(rig, asked, 'held');
  const handle = rig.context.temporal.workflow.getHandle(asked.workflowId);
  const reason = keep(rig, 'reasonOfPerson');
  await handle.executeUpdate('abandon', { args: [{ reason }] });
  await handle.result().catch(() => undefined);
  await rig.look(asked.workflowId);
}

async function cancelled(rig: Rig, one: Case): Promise<void> {
  const asked = await startWaiting(rig, one);
  const handle = rig.context.temporal.workflow.getHandle(asked.workflowId);
  await handle.cancel();
  await handle.result().catch(() => undefined);
  await rig.look(asked.workflowId);
}

async function terminatedAndStartedAgain(rig: Rig, one: Case): Promise<void> {
  const asked = await startWaiting(rig, one);
  await rig.context.temporal.workflow.getHandle(asked.workflowId).terminate('by the test');
  calmDown(rig);
  await push(rig.context, { ...asked, startId: `${asked.startId}again` });
  await rig.look(asked.workflowId);
}

/** A run whose ATS asked it to come back later, and said more than it should. */
async function startWaiting(rig: Rig, one: Case): Promise<CheckedPush> {
  const profile = rig.newProfile();
  const { faults } = rig.simulators[one.connector];
  const later = echo(rig, isWrite, 429, profile, 'never', { 'Retry-After': '2' });
  faults.setGenerator(later);
  const asked = request(rig, one, profile);
  const started = await startPush(rig.context, asked);
  if (started.how !== 'running') throw new Error('the run has ended already');
  while (!(await isWaiting(rig, asked.workflowId))) await delay(20);
  await rig.look(asked.workflowId);
  return asked;
}

async function isWaiting({ context }: Rig, workflowId: string): Promise<boolean> {
  const handle = context.temporal.workflow.getHandle(workflowId);
  const { raw, status } = await handle.describe();
  if (status.name !== 'RUNNING') throw new Error(`the run is ${status.name} instead of waiting`);
  if (raw.pendingActivities?.some(({ lastFailure }) => lastFailure)) return true;
  return (await handle.query<{ state: string }>('state')).state === 'waiting';
}

async function failing(rig: Rig, asked: CheckedPush, state: PushError['state']): Promise<PushError[]> {
  const error: unknown = await push(rig.context, asked).then(
    () => new Error('the push did not fail'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof PushError) || error.state !== state) throw error;
  await rig.look(asked.workflowId);
  return [error];
}

function request(
  rig: Rig,
  { connector, action }: Case,
  { profile, email }: MarkedProfile,
  asked: Asked = {},
): CheckedPush {
  const addresses = rig.simulators.addresses();
  const { subdomain, auth, vacancy, enrich } = addresses.flatchr;
  const enrichment = { subdomain, auth, vacancy, compagny: enrich.compagny };
  if (action === 'enrichProfile') {
    rig.simulators.flatchr.addApplicant({ email, vacancySlug: vacancy, createdAt: Date.now() });
  }
  const target = action === 'enrichProfile' ? enrichment : addresses[connector];
  const schema =
    connectors.find(({ name }) => name === connector)?.actions[action]?.parameters ?? profileSource.parameters;
  const source = { ...addresses.hrflow.originParameters, profile_key: profile.key };
  const groups = {
    originParameters: withSecrets(
      rig,
      profileSource.parameters,
      source,
      asked.where === 'origin' ? asked.bad : undefined,
    ),
    targetParameters: withSecrets(rig, schema, { ...target }, asked.where === 'target' ? asked.bad : undefined),
  };
  return checkPush(connector, action, { ...groups, actionParameters: asked.actionParameters ?? {} }, true);
}

type Schema = (typeof profileSource)['parameters'];
type Group = Readonly<Record<string, unknown>>;

/** Every secret parameter as it is, with a wrong value, or as a reference to one. */
function withSecrets(rig: Rig, schema: Schema, group: Group, instead: Asked['bad']): Group {
  const copy = structuredClone(group) as Record<string, unknown>;
  for (const { path, secret } of collectSecrets(schema, group)) {
    if (!instead && typeof secret === 'string') rig.planted.add(secret);
    if (instead) replace(copy, path, instead === 'literal' ? keep(rig, 'wrongSecret') : { secret: 'wrong/reference' });
  }
  return copy;
}

function replace(object: Record<string, unknown>, path: readonly (string | number)[], value: unknown): void {
  const [member = '', ...rest] = path;
  if (rest.length === 0) object[member] = value;
  else replace(object[member] as Record<string, unknown>, rest, value);
}

/** An answer that repeats everything it was sent, secrets first, and says something about the person of its own. */
function echo(
  rig: Rig,
  match: (request: RecordedRequest) => boolean,
  status: number,
  { email }: MarkedProfile,
  commit: 'before' | 'never' = 'never',
  headers: Record<string, string> = {},
): FaultGenerator {
  const words = textMarker('wordsOfTheOtherSystem');
  return (candidate) => {
    if (!match(candidate)) return null;
    // What is said with a 429 may be gone with the pending activity.
    if (status !== 429) rig.planted.add(words);
    const { authorization = '', 'x-api-key': key = '' } = candidate.headers;
    const form = new URLSearchParams(candidate.body.toString('utf8')).get('client_secret') ?? '';
    const message = `${words} ${email}: ${authorization} ${String(key)} ${form}`;
    return { kind: 'status', status, body: { code: status, message }, commit, headers };
  };
}

function isWrite({ operation }: RecordedRequest): boolean {
  return operation === 'create' || operation === 'enrich';
}

function keep(rig: Rig, about: string): string {
  const marker = textMarker(about);
  rig.planted.add(marker);
  return marker;
}

function calmDown({ simulators }: Rig): void {
  for (const system of ['hrflow', 'talentSoft', 'oracleORC', 'flatchr'] as const) simulators[system].faults.clear();
}

/** Tokens and headers that were made of secrets never have a reason to be written down. */
function noteCredentials({ simulators, neverWritten, env }: Rig): void {
  neverWritten.add(env['HRFLOW_SECRET_WRONG_REFERENCE'] ?? '');
  for (const system of ['talentSoft', 'oracleORC'] as const) {
    for (const { headers } of simulators[system].requests) {
      if (headers.authorization) neverWritten.add(headers.authorization.replace(/^\w+ /, ''));
    }
  }
}
