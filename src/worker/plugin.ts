import type { DataConverter } from '@temporalio/common';
import { SimplePlugin } from '@temporalio/plugin';
import type { BundleOptions } from '@temporalio/worker';
import { createActivities } from '../activities/index';
import type { Env } from '../config/environment';
import type { UserFunctions } from '../push/functions';
import {
  encryptionNamespace,
  type KeyRing,
  keyRingFromEnvironment,
  type KeyRingProvider,
} from '../security/encryption/key-ring';
import { createDataConverter } from '../security/encryption/payload-codec';
import type { SecretProvider } from '../security/secrets/references';
import { workerDependencies } from '../push/worker-dependencies';
import { ACTIVITY_NAMES } from '../protocol/names';

export interface HrflowConnectorsPluginOptions {
  /** Functions that `logics` and `format` of the action parameters may name. */
  readonly functions?: UserFunctions;
  /** Where the variables of this package are read. Default `process.env`. */
  readonly env?: Env;
  /** Encryption keys, if they do not come from the environment (a KMS, for example); `'off'` switches encryption off. */
  readonly keys?: KeyRing | KeyRingProvider | 'off';
  /**
   * Binds what is encrypted to this namespace, see `PayloadCodecOptions.namespace`: the same for every worker and client.
   * Default `HRFLOW_TEMPORAL_ENCRYPTION_NAMESPACE`, else not bound.
   */
  readonly encryptionNamespace?: string;
  /** Asked for secret references that environment, directory and file do not have. */
  readonly secretProvider?: SecretProvider;
}

/**
 * Adds the HrFlow connectors to a worker of your own: activities and payload encryption. The workflows come with one line in your
 * workflows file, `export * from 'hrflow-temporal/workflows'`, because a worker has one bundle, and it is yours.
 *
 * Give it to `Worker.create`, and to `bundleWorkflowCode` if you bundle ahead. It adds no interceptor and leaves your
 * activities, codecs and payload converter in place. While it encrypts, the failure converter is ours: a worker has one, and
 * another would leave messages and stack traces of failures readable.
 *
 * @throws Error from `Worker.create` if you have an activity of one of our names, or a failure converter
 * @throws EncryptionKeyMissingError if no key is given and encryption is not switched off explicitly
 */
export class HrflowConnectorsPlugin extends SimplePlugin {
  constructor(options: HrflowConnectorsPluginOptions = {}) {
    const env = options.env ?? process.env;
    const keys = options.keys ?? keyRingFromEnvironment(env);
    const namespace = options.encryptionNamespace ?? encryptionNamespace(env);
    const converter = createDataConverter(keys, { namespace });
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
    const failureConverterPath = joinFailureConverters(configured.failureConverterPath, this.#failureConverterPath);
    return { ...configured, ...(failureConverterPath && { failureConverterPath }) };
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
  const failureConverterPath = joinFailureConverters(existing?.failureConverterPath, ours.failureConverterPath);
  return { ...existing, payloadCodecs: [...codecs, ...added], ...(failureConverterPath && { failureConverterPath }) };
}

/** @param ours undefined while encryption is off: then theirs may stay */
function joinFailureConverters(theirs: string | undefined, ours: string | undefined): string | undefined {
  if (!ours || !theirs || theirs === ours) return theirs ?? ours;
  throw new Error(
    `hrflow.ConnectorsPlugin: this worker has a failure converter of its own (${theirs}), so messages and stack traces of ` +
      'failures would not be encrypted. Leave failureConverterPath out. To keep yours, encrypt by yourself: give it the option ' +
      "encodeCommonAttributes, put createPayloadCodec(keys) last into payloadCodecs, and give this plugin keys: 'off'; secrets " +
      'must then be references.',
  );
}
