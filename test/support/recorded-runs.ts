import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, OperatorService, WorkflowService, type ConnectionLike } from '@temporalio/client';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { temporal } from '@temporalio/proto';
import type { RPCImpl } from 'protobufjs';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

export type PendingActivity = temporal.api.workflow.v1.IPendingActivityInfo;

/** What the server shows of one run: its entry in the list, and its history. */
export interface RecordedRun {
  info: temporal.api.workflow.v1.IWorkflowExecutionInfo;
  history: temporal.api.history.v1.IHistory;
  /** What the description of an open run lists. Nothing is recorded. */
  pendingActivities?: PendingActivity[];
}

/** The closed runs of one workflow id, in start order. */
export interface Recording {
  readonly name: string;
  readonly workflowId: string;
  /** Hash of what makes the push of the first run the same push. */
  readonly identity: string;
  readonly runs: readonly RecordedRun[];
}

const { v1 } = temporal.api.workflowservice;
const CLOSE_EVENT = temporal.api.enums.v1.HistoryEventFilterType.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT;

const FOLDER = join(__dirname, '..', 'fixtures', 'recall');

export const RECORDINGS: readonly string[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace(/\.json$/, ''));

/** A recording as stored in its file. */
export interface RecordingFile {
  workflowId: string;
  identity: string;
  runs: { info: Record<string, unknown>; history: { events: Record<string, unknown>[] } }[];
}

export function recordingFile(name: string): RecordingFile {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as RecordingFile;
}

/** Reads a recording from its file, so that a test may change it. */
export function recording(name: string, file: RecordingFile = recordingFile(name)): Recording {
  const { workflowId, identity, runs } = file;
  const read = ({ info, history }: RecordingFile['runs'][number]): RecordedRun => ({
    info: temporal.api.workflow.v1.WorkflowExecutionInfo.fromObject(info),
    history: historyFromJSON(history),
  });
  return { name, workflowId, identity, runs: runs.map(read) };
}

/** The run that calls `recall`. */
export const OWN_RUN_ID = 'the-run-that-asks';

/** An error response of the server, as gRPC carries it. */
export class GrpcFailure extends Error {
  readonly metadata = { get: () => [] };

  constructor(
    readonly code: number,
    readonly details: string,
  ) {
    super(details);
  }
}

/** Replaces the server: responds from a recording in the wire format of gRPC. The client is the SDK's. */
export class RecordedServer {
  /** The entries of the list, newest first. The first one is the run that calls `recall`. */
  listed: temporal.api.workflow.v1.IWorkflowExecutionInfo[];
  /** The source of descriptions and histories by run id. A missing run was deleted. */
  readonly runs: Map<string, RecordedRun>;
  /** Called before every response. If it throws, the error is the response. */
  before: (call: Call) => void = () => undefined;
  readonly calls: Call[] = [];
  /** How many entries or events a page holds. */
  pageSize = 100;
  readonly client: Client;

  constructor({ workflowId, runs }: Pick<Recording, 'workflowId' | 'runs'>) {
    const own = temporal.api.workflow.v1.WorkflowExecutionInfo.fromObject({
      execution: { workflowId, runId: OWN_RUN_ID },
      firstRunId: OWN_RUN_ID,
      startTime: { seconds: Math.floor(Date.now() / 1_000) },
      status: 'WORKFLOW_EXECUTION_STATUS_RUNNING',
    });
    this.listed = [own, ...runs.map(({ info }) => info).reverse()];
    this.runs = new Map(runs.map((run) => [runIdOf(run), run]));
    this.client = new Client({ connection: connectionTo((call, request) => this.answer(call, request)) });
  }

  private answer(name: string, request: Uint8Array): Uint8Array {
    switch (name) {
      case 'ListWorkflowExecutions': {
        const { nextPageToken } = v1.ListWorkflowExecutionsRequest.decode(request);
        this.called({ name, runId: null });
        const [executions, next] = this.page(this.listed, nextPageToken);
        return v1.ListWorkflowExecutionsResponse.encode({ executions, nextPageToken: next }).finish();
      }
      case 'DescribeWorkflowExecution': {
        const { execution } = v1.DescribeWorkflowExecutionRequest.decode(request);
        const { info, pendingActivities = [] } = this.run(name, execution?.runId);
        return v1.DescribeWorkflowExecutionResponse.encode({ workflowExecutionInfo: info, pendingActivities }).finish();
      }
      case 'GetWorkflowExecutionHistory': {
        const { execution, nextPageToken, historyEventFilterType } =
          v1.GetWorkflowExecutionHistoryRequest.decode(request);
        const { history } = this.run(name, execution?.runId);
        const all = history.events ?? [];
        const [events, next] = this.page(historyEventFilterType === CLOSE_EVENT ? all.slice(-1) : all, nextPageToken);
        return v1.GetWorkflowExecutionHistoryResponse.encode({ history: { events }, nextPageToken: next }).finish();
      }
      default:
        throw new Error(`the stand-in does not know ${name}`);
    }
  }

  private run(name: string, runId: string | null | undefined): RecordedRun {
    this.called({ name, runId: runId ?? null });
    const run = this.runs.get(runId ?? '');
    if (run) return run;
    throw new GrpcFailure(5, `workflow execution not found for run ID: ${String(runId)}`);
  }

  private called(call: Call): void {
    this.calls.push(call);
    this.before(call);
  }

  private page<T>(all: readonly T[], token: Uint8Array): [T[], Uint8Array] {
    const from = Number(Buffer.from(token).toString());
    const to = from + this.pageSize;
    return [all.slice(from, to), Buffer.from(to < all.length ? String(to) : '')];
  }
}

interface Call {
  readonly name: string;
  readonly runId: string | null;
}

export function runIdOf({ info }: RecordedRun): string {
  return info.execution?.runId ?? '';
}

function connectionTo(answer: (name: string, request: Uint8Array) => Uint8Array): ConnectionLike {
  const rpc: RPCImpl = (method, request, callback) => {
    setImmediate(() => {
      try {
        callback(null, answer(method.name, request));
      } catch (error) {
        callback(error instanceof Error ? error : new Error(String(error)));
      }
    });
  };
  const direct = <R>(_limit: unknown, call: () => Promise<R>): Promise<R> => call();
  return {
    workflowService: WorkflowService.create(rpc, false, false),
    operatorService: OperatorService.create(rpc, false, false),
    plugins: [],
    close: () => Promise.resolve(),
    ensureConnected: () => Promise.resolve(),
    withDeadline: direct,
    withMetadata: direct,
    withAbortSignal: direct,
  };
}

/** Returns one of the recorded runs, counted from the first. -1 is the newest. */
export function runOf({ runs }: Recording, index: number): RecordedRun {
  const run = runs.at(index);
  if (!run) throw new Error(`there is no run ${index}`);
  return run;
}

export function eventsOf(run: RecordedRun): HistoryEvent[] {
  return run.history.events ?? [];
}

/** Returns the last event of a kind, by the name of its attributes. */
export function eventOf(run: RecordedRun, attributes: keyof HistoryEvent): HistoryEvent {
  const event = eventsOf(run).findLast((each) => each[attributes]);
  if (!event) throw new Error(`the run has no ${attributes}`);
  return event;
}

/** Returns the time of an event in epoch milliseconds. */
export function atOf({ eventTime }: HistoryEvent): number {
  return Number(eventTime?.seconds) * 1_000 + (eventTime?.nanos ?? 0) / 1_000_000;
}

export function endOf(run: RecordedRun): number {
  const last = eventsOf(run).at(-1);
  return last ? atOf(last) : NaN;
}

/** Makes a payload undecodable. */
export function makeUnreadable(payload: temporal.api.common.v1.IPayload | null | undefined): void {
  if (!payload) throw new Error('there is no such payload');
  payload.metadata = { encoding: Buffer.from('binary/of-somebody-else') };
}
