import type { DataConverter } from '@temporalio/common';
import { SimplePlugin } from '@temporalio/plugin';
import type { BundleOptions } from '@temporalio/worker';
import { createActivities } from './activities';
import type { Env } from './environment';
import type { UserFunctions } from './functions';
import { type KeyRing, keyRingFromEnvironment, type KeyRingProvider } from './security/key-ring';
import { createDataConverter } from './security/payload-codec';
import type { SecretProvider } from './security/secrets';
import { workerDependencies } from './worker-dependencies';
import { ACTIVITY_NAMES } from './workflows/names';

export interface HrflowConnectorsPluginOptions {
  /** Functions that `logics` and `format` of the action parameters may name. */
  readonly functions?: UserFunctions;
  /** Where the variables of this package are read. Default `process.env`. */
  readonly env?: Env;
  /** Encryption keys, where they do not come from the environment (a KMS, for example); `'off'` switches encryption off. */
  readonly keys?: KeyRing | KeyRingProvider | 'off';
  /** Asked for secret references that environment, directory and file do not have. */
  readonly secretProvider?: SecretProvider;
}

/**
 * Adds the HrFlow connectors to a worker of your own: activities and payload encryption. The workflows come with one line in your
 * workflows file, `export * from 'hrflow-temporal/workflows'`, because a worker has one bundle, and it is yours.
 *
 * Give it to `Worker.create`, and to `bundleWorkflowCode` where you bundle ahead. It adds no interceptor and leaves your
 * activities, codecs and converters in place.
 *
 * @throws Error from `Worker.create` where you have an activity of one of our names
 * @throws EncryptionKeyMissing where no key is given and encryption is not switched off in so many words
 */
export class HrflowConnectorsPlugin extends SimplePlugin {
  constructor(options: HrflowConnectorsPluginOptions = {}) {
    const env = options.env ?? process.env;
    const keys = options.keys ?? keyRingFromEnvironment(env);
    const converter = createDataConverter(keys);
    const { functions, secretProvider } = options;
    const activities = createActivities(
      workerDependencies(env, { functions, secretProvider, encrypted: keys !== 'off' }),
    );
    super({
      name: 'hrflow.ConnectorsPlugin',
      activities: (existing) => joinActivities(existing, activities),
      dataConverter: (existing) => joinConverters(existing, converter),
    });
    this.#failureConverterPath = converter.failureConverterPath;
  }

  readonly #failureConverterPath: string | undefined;

  /** The bundle has to hold the failure converter, which runs in the workflow sandbox. */
  override configureBundler(options: BundleOptions): BundleOptions {
    const configured = super.configureBundler(options);
    return this.#failureConverterPath && !configured.failureConverterPath
      ? { ...configured, failureConverterPath: this.#failureConverterPath }
      : configured;
  }
}

/** Called once per worker and bundler; calling it on its own result changes nothing. */
function joinActivities(existing: object | undefined, ours: object): object {
  const theirs = new Map<string, unknown>(Object.entries(existing ?? {}));
  const own = new Map<string, unknown>(Object.entries(ours));
  const clashes = ACTIVITY_NAMES.filter((name) => theirs.has(name) && theirs.get(name) !== own.get(name));
  if (clashes.length === 0) return { ...existing, ...ours };
  throw new Error(
    `hrflow.ConnectorsPlugin: this worker registers activities of the same name: ${clashes.join(', ')}. Rename yours: ` +
      'the names of the connectors are fixed.',
  );
}

/** Our codec comes last, so that it encrypts what other codecs made. */
function joinConverters(existing: DataConverter | undefined, ours: DataConverter): DataConverter {
  const codecs = existing?.payloadCodecs ?? [];
  const added = (ours.payloadCodecs ?? []).filter((codec) => !codecs.includes(codec));
  const failureConverterPath = existing?.failureConverterPath ?? ours.failureConverterPath;
  return { ...existing, payloadCodecs: [...codecs, ...added], ...(failureConverterPath && { failureConverterPath }) };
}
