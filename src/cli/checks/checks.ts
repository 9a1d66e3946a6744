import { openContext, type ClientContext } from '../../client/context';
import { countWorkers } from '../../client/runs/workers';
import { readSearchAttributes } from '../../client/search-attributes';
import { StepError, InputError } from '../../protocol/errors';
import type { KeyRing } from '../../security/encryption/key-ring';
import { SEARCH_ATTRIBUTE_NAMES } from '../../protocol/names';
import type { Cli } from '../cli';
import { EXIT, worse, type ExitStatus } from '../output/exit-status';
import { explained } from '../output/explain';

/** What came of one step of `check` or `doctor`. */
export interface CheckResult {
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** What was seen, or why it was skipped. */
  readonly seen: string;
  /** What to do, also if a step passed with a warning; null if nothing is to be done. */
  readonly todo: string | null;
}

/** Nothing can be tried here. The message says why. */
export class CheckSkippedError extends Error {
  override readonly name = 'CheckSkippedError';
}

/** A failed check. The message names the problem, `todo` the fix. */
export class CheckFailedError extends Error {
  override readonly name = 'CheckFailedError';

  constructor(
    message: string,
    readonly todo: string,
    readonly status: ExitStatus = EXIT.failed,
  ) {
    super(message);
  }
}

/** Runs steps one after the other, prints each, and gathers the exit status. */
export class Checklist {
  status: ExitStatus = EXIT.ok;
  private readonly failures = new Set<string>();

  constructor(
    private readonly cli: Cli,
    private readonly json: boolean,
  ) {}

  /**
   * Runs one step. Returns what it made, or undefined if it failed, was skipped, or a step that it `needs` did.
   *
   * @param run resolves with what was seen, and what the next steps may use
   */
  async step<T>(
    name: string,
    needs: readonly string[],
    run: () => Promise<CheckOutcome<T>> | CheckOutcome<T>,
  ): Promise<T | undefined> {
    const missing = needs.find((needed) => this.failures.has(needed));
    try {
      if (missing !== undefined) throw new CheckSkippedError(`not tried, because of "${missing}"`);
      const { seen, value, todo = null } = await run();
      this.print({ name, status: 'passed', seen, todo });
      return value;
    } catch (error) {
      this.failures.add(name);
      this.print(this.resultOf(name, error));
      return undefined;
    }
  }

  private resultOf(name: string, error: unknown): CheckResult {
    if (error instanceof CheckSkippedError) return { name, status: 'skipped', seen: error.message, todo: null };
    if (error instanceof CheckFailedError) {
      this.status = worse(this.status, error.status);
      return { name, status: 'failed', seen: error.message, todo: error.todo };
    }
    const { message, status } = explained(error);
    const step = error instanceof StepError && !(error instanceof InputError) ? error.facts : null;
    this.status = worse(this.status, step ? EXIT.failed : status);
    return { name, status: 'failed', seen: step?.message ?? message, todo: step?.nextStep ?? null };
  }

  private print(result: CheckResult): void {
    const { name, status, seen, todo } = result;
    if (this.json) {
      this.cli.out(JSON.stringify(result));
      return;
    }
    const look = { passed: 'green', failed: 'red', skipped: 'yellow' } as const;
    this.cli.out(`${this.cli.style(look[status], status.padEnd(7))}  ${name}: ${seen}`);
    if (todo !== null) this.cli.out(`         ${todo}`);
  }
}

/** What a step saw, in words, and what later steps may use. */
export interface CheckOutcome<T = undefined> {
  readonly seen: string;
  readonly value: T;
  /** What to do though the step passed. */
  readonly todo?: string;
}

export function seen(words: string): CheckOutcome {
  return { seen: words, value: undefined };
}

/** A step that passed, and what looks wrong all the same. */
export function seenWith(words: string, warnings: readonly string[], todo: string): CheckOutcome {
  return warnings.length === 0 ? seen(words) : { ...seen([words, ...warnings].join('; ')), todo };
}

/** How payloads are encrypted here, in words. */
export function encryptionSeen(keys: KeyRing | 'off'): string {
  if (keys === 'off') return 'off: payloads are readable in Temporal, and secrets have to be references';
  return `on, with the key "${keys.current.id}"${keys.ids.length > 1 ? `; it also reads ${keys.ids.slice(1).join(', ')}` : ''}`;
}

/** Looks whether the server knows the search attributes. Runs go on without them, so this is no failure of a push. */
async function searchAttributesSeen({ temporal }: ClientContext): Promise<CheckOutcome> {
  const { namespace } = temporal.options;
  const known = await readSearchAttributes(temporal.connection.operatorService, namespace);
  const missing = SEARCH_ATTRIBUTE_NAMES.filter((name) => !known.includes(name));
  if (missing.length === 0) return seen(SEARCH_ATTRIBUTE_NAMES.join(', '));
  const flags = missing.map((name) => `--name ${name} --type Keyword`).join(' ');
  throw new CheckFailedError(
    `${missing.join(', ')} missing (or no keywords): runs go on, but lists and filters show less`,
    `Add them: temporal operator search-attribute create --namespace ${namespace} ${flags}`,
  );
}

/** Looks whether a worker polls the task queue. */
async function workersSeen(context: ClientContext): Promise<CheckOutcome> {
  const count = await countWorkers(context, context.taskQueue);
  if (count === null) throw new CheckSkippedError('the server does not say who polls');
  if (count > 0) return seen(`${count} seen at the task queue "${context.taskQueue}" within the last minute`);
  throw new CheckFailedError(`none polls the task queue "${context.taskQueue}"`, 'Start one: hrflow-temporal worker');
}

/**
 * What can be said of Temporal: whether it answers, knows the search attributes, and has workers.
 *
 * @param encryption name of the step that found the keys
 */
export async function checkTemporal(cli: Cli, list: Checklist, encryption: string): Promise<void> {
  const context = await list.step('Temporal', [encryption], async () => {
    const value = await openContext({ env: cli.env });
    return { seen: `answers at ${value.address}, namespace "${value.temporal.options.namespace}"`, value };
  });
  if (!context) return;
  try {
    await list.step('search attributes', [], () => searchAttributesSeen(context));
    await list.step('workers', [], () => workersSeen(context));
  } finally {
    await context.close();
  }
}
