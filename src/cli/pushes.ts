import type { Command } from 'commander';
import { openContext, type ClientContext } from '../client/context';
import { checkPush, type CheckedPush } from '../client/request';
import { startPush } from '../client/start';
import { heldError, holdOf, push, type PushNotices } from '../client/wait';
import { readEnvironment } from '../config/environment';
import { keyRingFromEnvironment } from '../security/encryption/key-ring';
import type { Action } from '../protocol/names';
import { UsageError, type Cli } from './cli';
import { EXIT, statusOf, worse, type ExitStatus } from './output/exit-status';
import { nameOf } from './input/files';
import { PARAMS_FLAG, PARAMS_HELP, readInput, requestOf, type InputDocument } from './input/input';
import { parseCount } from './input/names';
import { printReport } from './output/output';
import { completed, failed, started, type PushReport, type Subject } from './output/report';

/** The flags of `push` and `enrich`. */
export interface PushOptions {
  readonly params?: string;
  readonly again?: boolean;
  readonly wait: boolean;
  readonly concurrency: number;
  readonly json?: boolean;
}

/** Adds the flags of `push` and `enrich` to a command. */
export function definePush(command: Command): Command {
  return command
    .usage('<connector> [options] [--origin.NAME VALUE] [--target.NAME VALUE] [--action.NAME VALUE]')
    .option(PARAMS_FLAG, PARAMS_HELP)
    .option('--again', 'a deliberate second application of the same profile at the same destination')
    .option('--no-wait', 'end when Temporal has accepted the run')
    .option('--concurrency <n>', 'with JSON Lines: pushes in flight', parseCount, 10)
    .option('--json', 'print one JSON document per push');
}

/** Pushes what the input holds, many at a time, and prints each push as it ends. */
export async function runPushes(
  cli: Cli,
  connector: string,
  action: Action,
  options: PushOptions,
): Promise<ExitStatus> {
  const keys = keyRingFromEnvironment(cli.env);
  readEnvironment(cli.env);
  const pushes = new Pushes(cli, options, {
    check: (request) => checkPush(connector, action, { ...request, again: options.again ?? false }, keys !== 'off'),
    connect: () => openContext({ env: cli.env, keys }),
  });
  try {
    return await pushes.run();
  } finally {
    await pushes.close();
  }
}

interface Deps {
  readonly check: (request: ReturnType<typeof requestOf>) => CheckedPush;
  readonly connect: () => Promise<ClientContext>;
}

class Pushes {
  private status: ExitStatus = EXIT.ok;
  private context: Promise<ClientContext> | null = null;
  /** Why there is no connection: nothing can be said of any push then. */
  private unconnected: { readonly error: unknown } | null = null;
  private readonly waitedFor = new Set<string>();
  private readonly said = new Set<string>();
  private troubleSaidAt = -Infinity;
  private readonly counts = new Map<string, number>();

  constructor(
    private readonly cli: Cli,
    private readonly options: PushOptions,
    private readonly deps: Deps,
  ) {}

  async run(): Promise<ExitStatus> {
    this.cli.onInterrupt(() => this.farewell());
    const inFlight = new Set<Promise<void>>();
    let lines = 0;
    for await (const document of readInput(this.cli, this.options.params)) {
      lines += 1;
      const one = this.handle(document).finally(() => inFlight.delete(one));
      inFlight.add(one);
      if (inFlight.size >= this.options.concurrency) await Promise.race(inFlight);
      if (this.unconnected) break;
    }
    await Promise.all(inFlight);
    if (this.unconnected) throw this.unconnected.error;
    if (lines === 0)
      throw new UsageError(`--params: ${nameOf(this.options.params)} is empty; expected JSON, or JSON Lines`);
    if (lines > 1) this.cli.err(this.summary(lines));
    return this.status;
  }

  async close(): Promise<void> {
    await this.context?.then((context) => context.close()).catch(() => undefined);
  }

  private async handle(document: InputDocument): Promise<void> {
    const report = await this.report(document);
    if (!report) return;
    const { line } = document;
    if (report.error && report.result === null && report.state === 'failed') this.sayRefusal(line, report);
    this.status = worse(this.status, statusOf(report));
    this.counts.set(report.state, (this.counts.get(report.state) ?? 0) + 1);
    printReport(this.cli, { line, ...report }, this.options.json ?? false);
  }

  /** Null if there is no connection to Temporal. */
  private async report(document: InputDocument): Promise<PushReport | null> {
    const subject: { -readonly [K in keyof Subject]: Subject[K] } = { workflowId: null, runId: null, profileKey: null };
    try {
      const request = requestOf(document, this.cli.overrides);
      subject.workflowId = request.workflowId ?? null;
      const checked = this.deps.check(request);
      subject.workflowId = checked.workflowId;
      subject.profileKey = checked.input.profileKey;
      const context = await this.connected();
      return context && (await this.deliver(context, checked, (runId) => (subject.runId = runId)));
    } catch (error) {
      return failed(error, subject);
    } finally {
      this.waitedFor.delete(subject.workflowId ?? '');
    }
  }

  private async connected(): Promise<ClientContext | null> {
    try {
      return await (this.context ??= this.deps.connect());
    } catch (error) {
      this.unconnected = { error };
      return null;
    }
  }

  private async deliver(
    context: ClientContext,
    checked: CheckedPush,
    accepted: (runId: string) => void,
  ): Promise<PushReport> {
    const onAccepted = ({ workflowId, runId }: { workflowId: string; runId: string }) => {
      accepted(runId);
      this.waitedFor.add(workflowId);
      if (this.cli.progress) this.cli.err(`accepted ${workflowId}`);
    };
    const notices = { ...this.notices(context), onAccepted };
    return this.options.wait ? completed(await push(context, checked, notices)) : startOnly(context, checked, notices);
  }

  private notices(context: ClientContext): PushNotices {
    return {
      onNoWorker: (taskQueue) =>
        this.sayOnce(
          `No worker has taken a run up for 10 s; it waits in the task queue "${taskQueue}". Start one: hrflow-temporal worker`,
        ),
      onTrouble: () => this.sayTrouble(context),
    };
  }

  /** Once for all pushes, and again when the server had answered in between. */
  private sayTrouble(context: ClientContext): void {
    if (context.answeredAt() <= this.troubleSaidAt) return;
    this.troubleSaidAt = performance.now();
    this.cli.err('Temporal does not answer, or has too much to do; trying again for two minutes and a half.');
  }

  private sayOnce(message: string): void {
    if (!this.said.has(message)) this.cli.err(message);
    this.said.add(message);
  }

  /** What this client refuses is said in our words, which name the field. */
  private sayRefusal(line: number, { error }: PushReport): void {
    if (!this.options.json || error?.type !== 'input') return;
    this.cli.err(`line ${line}: refused: ${error.message}`);
  }

  private summary(lines: number): string {
    const parts = [...this.counts].map(([state, count]) => `${count} ${state}`);
    return `${lines} pushes: ${parts.join(', ')}`;
  }

  private farewell(): string[] {
    const [first, ...others] = this.waitedFor;
    if (first === undefined) return ['Interrupted before Temporal had accepted a run.'];
    const more = others.length > 0 ? ` and ${others.length} more` : '';
    return [
      `The run continues without this command: ${first}${more}.`,
      `Inspect it with: hrflow-temporal show ${first}`,
      'Start the same push again to wait for its result.',
    ];
  }
}

async function startOnly(context: ClientContext, checked: CheckedPush, notices: PushNotices): Promise<PushReport> {
  const { workflowId } = checked;
  const run = await startPush(context, checked, notices);
  if (run.how === 'closed') return completed({ workflowId, runId: run.runId, result: run.result });
  notices.onAccepted?.({ workflowId, runId: run.runId });
  const hold = holdOf(await run.handle.describe());
  if (hold) throw heldError(workflowId, run.runId, hold);
  return started(workflowId, run.runId);
}
