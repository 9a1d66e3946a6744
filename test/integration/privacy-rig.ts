import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { DefaultLogger, NativeConnection, Runtime, Worker, type LogEntry } from '@temporalio/worker';
import { createActivities } from '../../src/activities';
import { openContext, type ClientContext } from '../../src/client/context';
import type { Env } from '../../src/config/environment';
import type { UserFunctions } from '../../src/push/functions';
import { createLogger } from '../../src/worker/logging';
import { HrflowConnectorsPlugin } from '../../src/worker/plugin';
import { createCodecServer } from '../../src/security/encryption/codec-server';
import { generateEncryptionKey, parseKeyRing } from '../../src/security/encryption/key-ring';
import { createPayloadCodec, ENCRYPTED_ENCODING } from '../../src/security/encryption/payload-codec';
import { workerDependencies } from '../../src/push/worker-dependencies';
import { freePort, startDevServer } from '../../tools/dev-server';
import { startSimulators, HRFLOW_ACCOUNT, samplePdf, type Simulators } from '../simulators';
import { quickSettings } from '../support/settings';
import { markedProfile, textMarker, type MarkedProfile } from './privacy-markers';

const { History } = temporal.api.history.v1;
const { DescribeWorkflowExecutionResponse, ListWorkflowExecutionsResponse } = temporal.api.workflowservice.v1;
const NAMESPACE = 'default';

/** A Temporal server with a database file, simulators, a worker and a client, and everything that they write down. */
export interface Rig {
  readonly simulators: Simulators;
  readonly context: ClientContext;
  readonly env: Env;
  /** What stands in encrypted payloads for certain, and so has to be found where nothing is encrypted. */
  readonly planted: Set<string>;
  /** What must not stand anywhere, encrypted or not. */
  readonly neverWritten: Set<string>;
  /** The encodings of all stored payloads, search attributes left out; complete after `finish`. */
  readonly encodings: Set<string>;
  /** Puts a marked profile with a marked CV into HrFlow. */
  newProfile(): MarkedProfile;
  /** Keeps what the server shows of a run at this moment. */
  look(workflowId: string): Promise<void>;
  /** Stops everything and hands over what was written, by place. */
  finish(): Promise<Readonly<Record<Place, Buffer[]>>>;
}

export const PLACES = [
  'histories',
  'visibility records',
  'details and summaries, decoded',
  'log of the worker',
  'log of the codec server',
  'log of the Temporal server',
  'metrics of the worker',
  'database',
] as const;
export type Place = (typeof PLACES)[number];

let logged: string[] = [];
let loggedWhole: string[] = [];
let metricsPort = 0;

/** What the SDK handed to the logger, errors with their messages: shows that there was something to leave out. */
export function wholeLog(): readonly Buffer[] {
  return [Buffer.from(loggedWhole.join('\n'))];
}

/** The runtime of a worker as we ship it, with every word that it and the SDK's core have to say. */
export async function installRuntime(): Promise<void> {
  metricsPort = await freePort();
  const own = createLogger('debug', (line) => logged.push(line));
  const record = ({ level, message, meta }: LogEntry): void => {
    loggedWhole.push(inspect({ message, meta }, { depth: 20 }));
    own.log(level, message, meta);
  };
  Runtime.install({
    logger: new DefaultLogger('TRACE', record),
    telemetryOptions: {
      logging: { filter: { core: 'DEBUG', other: 'INFO' }, forward: {} },
      metrics: { prometheus: { bindAddress: `127.0.0.1:${metricsPort}` } },
    },
  });
}

/**
 * @param encrypted false: the same without the codec, so that everything that is usually encrypted lies open
 * @param functions what the user's module holds
 */
export async function startRig(encrypted: boolean, functions: UserFunctions): Promise<Rig> {
  logged = [];
  loggedWhole = [];
  const folder = mkdtempSync(join(tmpdir(), 'hrflow-temporal-privacy-'));
  const file = (name: string): string => join(folder, name);
  const server = await startDevServer({ dbFilename: file('runs.db'), logFile: file('server.log'), ui: false });
  const simulators = await startSimulators();
  writeFileSync(file('settings.json'), JSON.stringify(quickSettings()));
  const env = environment(simulators, server.address, file('settings.json'));
  const context = await openContext({ env, ...(!encrypted && { keys: 'off' }) });
  const connection = await NativeConnection.connect({ address: server.address });
  const worker = await Worker.create({
    connection,
    taskQueue: context.taskQueue,
    workflowBundle: { codePath: process.env['TEST_WORKFLOW_BUNDLE'] ?? '' },
    ...(encrypted
      ? { plugins: [new HrflowConnectorsPlugin({ env, functions })] }
      : { activities: createActivities(workerDependencies(env, { functions, encrypted: true })) }),
  });
  const running = worker.run();
  const planted = new Set<string>();
  const neverWritten = new Set<string>();
  const encodings = new Set<string>();
  const shown: Buffer[] = [];
  const decoded: Buffer[] = [];

  const finish = async (): Promise<Readonly<Record<Place, Buffer[]>>> => {
    const histories = await readHistories(context, encodings);
    const records = [...shown, await readList(context, encodings)];
    const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    const codecLog = encrypted ? await useCodecServer(env, planted) : [];
    worker.shutdown();
    await running;
    await Promise.all([context.close(), connection.close(), simulators.close()]);
    await server.stop();
    const files = ['runs.db', 'runs.db-wal', 'runs.db-shm'].map(file).filter((path) => existsSync(path));
    const evidence = {
      histories,
      'visibility records': records,
      'details and summaries, decoded': decoded,
      'log of the worker': [Buffer.from(logged.join('\n'))],
      'log of the codec server': codecLog,
      'log of the Temporal server': [readFileSync(file('server.log'))],
      'metrics of the worker': [Buffer.from(metrics)],
      database: files.map((path) => readFileSync(path)),
    };
    rmSync(folder, { recursive: true, force: true });
    return evidence;
  };

  return {
    simulators,
    context,
    env,
    planted,
    neverWritten,
    encodings,
    newProfile: () => addProfile(simulators, neverWritten),
    look: async (workflowId) => {
      shown.push(await describeRaw(context, workflowId));
      decoded.push(await metadataOf(context, workflowId), await summariesOf(context, workflowId));
    },
    finish,
  };
}

function environment(simulators: Simulators, address: string, settings: string): Env {
  return {
    ...simulators.environment(),
    TEMPORAL_ADDRESS: address,
    HRFLOW_TEMPORAL_TASK_QUEUE: `privacy-${randomUUID()}`,
    HRFLOW_TEMPORAL_SETTINGS: settings,
    HRFLOW_TEMPORAL_ENCRYPTION_KEYS: generateEncryptionKey(),
    HRFLOW_SECRET_WRONG_REFERENCE: textMarker('valueOfReference'),
  };
}

let profiles = 0;

function addProfile(simulators: Simulators, neverWritten: Set<string>): MarkedProfile {
  profiles += 1;
  const content = textMarker('contentOfCv');
  neverWritten.add(content);
  const url = simulators.files.put(`cv/${textMarker('link')}.pdf`, samplePdf(content), 'application/pdf');
  const key = createHash('sha1').update(`marked ${profiles}`).digest('hex');
  const marked = markedProfile(key, profiles, url);
  simulators.hrflow.putProfile(HRFLOW_ACCOUNT.source_key, marked.profile);
  return marked;
}

/** Every history as the server stores it, without any codec. */
async function readHistories({ temporal: client }: ClientContext, encodings: Set<string>): Promise<Buffer[]> {
  const histories: Buffer[] = [];
  for await (const { workflowId, runId } of client.workflow.list()) {
    let nextPageToken: Uint8Array = new Uint8Array();
    do {
      const page = await client.workflowService.getWorkflowExecutionHistory({
        namespace: NAMESPACE,
        execution: { workflowId, runId },
        nextPageToken,
      });
      noteEncodings(page.history, encodings);
      histories.push(Buffer.from(History.encode(page.history ?? {}).finish()));
      nextPageToken = page.nextPageToken;
    } while (nextPageToken.length > 0);
  }
  return histories;
}

async function readList({ temporal: client }: ClientContext, encodings: Set<string>): Promise<Buffer> {
  const list = await client.workflowService.listWorkflowExecutions({ namespace: NAMESPACE, pageSize: 1_000 });
  noteEncodings(list, encodings);
  return Buffer.from(ListWorkflowExecutionsResponse.encode(list).finish());
}

/** Walks an answer of the server and notes the encoding of whatever is a payload; of one that is not ours also where it stands. */
function noteEncodings(value: unknown, encodings: Set<string>, path: readonly string[] = []): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  const metadata = new Map(Object.entries(value)).get('metadata') as Record<string, unknown> | undefined;
  const encoding = metadata?.['encoding'];
  if (encoding instanceof Uint8Array) {
    const name = Buffer.from(encoding).toString();
    encodings.add(
      name === ENCRYPTED_ENCODING ? name : `${name} at ${path.filter((part) => !/^\d+$/.test(part)).join('.')}`,
    );
    return;
  }
  for (const [name, member] of Object.entries(value)) {
    if (name !== 'searchAttributes') noteEncodings(member, encodings, [...path, name]);
  }
}

async function describeRaw({ temporal: client }: ClientContext, workflowId: string): Promise<Buffer> {
  const answer = await client.workflowService.describeWorkflowExecution({
    namespace: NAMESPACE,
    execution: { workflowId },
  });
  return Buffer.from(DescribeWorkflowExecutionResponse.encode(answer).finish());
}

/** What the UI shows as current details: readable for everyone who has the codec server. */
async function metadataOf({ temporal: client }: ClientContext, workflowId: string): Promise<Buffer> {
  const answer = await client.workflow.getHandle(workflowId).query<unknown>('__temporal_workflow_metadata');
  return Buffer.from(JSON.stringify(answer));
}

/** The summaries of activities, timers and the run. */
async function summariesOf({ temporal: client }: ClientContext, workflowId: string): Promise<Buffer> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const summaries = (events ?? []).flatMap(({ userMetadata }) => userMetadata?.summary ?? []);
  const codecs = client.options.loadedDataConverter.payloadCodecs;
  let payloads: Payload[] = summaries;
  for (const codec of [...codecs].reverse()) payloads = await codec.decode(payloads);
  return Buffer.from(payloads.map((payload) => defaultPayloadConverter.fromPayload<string>(payload)).join('\n'));
}

/** Decodes something secret the way the UI does, badly and well, and hands over what was logged about it. */
async function useCodecServer(env: Env, planted: ReadonlySet<string>): Promise<Buffer[]> {
  const lines: string[] = [];
  const log = (...parts: unknown[]): void => void lines.push(inspect(parts, { depth: 20 }));
  const codec = createPayloadCodec(parseKeyRing(env['HRFLOW_TEMPORAL_ENCRYPTION_KEYS'] ?? ''));
  const tokens = [{ token: 'token-of-the-test', namespaces: [NAMESPACE] }];
  const server = createCodecServer({ codec, tokens, uiOrigins: ['http://ui.test'], logger: { info: log, warn: log } });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  const [payload] = await codec.encode([defaultPayloadConverter.toPayload([...planted])]);
  const toBase64 = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString('base64');
  const metadata = Object.entries(payload?.metadata ?? {}).map(([name, value]) => [name, toBase64(value)]);
  const encoded = { metadata: Object.fromEntries(metadata) as unknown, data: toBase64(payload?.data) };
  const open = JSON.stringify([...planted]);
  for (const body of [JSON.stringify({ payloads: [encoded] }), open, `{"payloads":[${open}`]) {
    await fetch(`${url}/decode`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-namespace': NAMESPACE,
        authorization: 'Bearer token-of-the-test',
      },
      body,
    });
  }
  await server.close();
  if (lines.length < 3) throw new Error('the codec server did not log each request');
  return [Buffer.from(lines.join('\n'))];
}
