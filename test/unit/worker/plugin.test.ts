import { describe, expect, it } from '@jest/globals';
import { defaultPayloadConverter, type DataConverter } from '@temporalio/common';
import { HrflowConnectorsPlugin, type HrflowConnectorsPluginOptions } from '../../../src/worker/plugin';
import { generateEncryptionKey, parseKeyRing } from '../../../src/security/encryption/key-ring';
import { createPayloadCodec } from '../../../src/security/encryption/payload-codec';

const key = generateEncryptionKey('k1');
const HRFLOW_TEMPORAL_ENCRYPTION_KEYS = key;

/** What the plugin makes of a worker's converter. */
function joined(theirs: DataConverter | undefined, options: HrflowConnectorsPluginOptions = {}): DataConverter {
  const plugin = new HrflowConnectorsPlugin({ env: { HRFLOW_TEMPORAL_ENCRYPTION_KEYS }, ...options });
  return plugin.configureWorker({ taskQueue: 'q', ...(theirs && { dataConverter: theirs }) }).dataConverter ?? {};
}

function bundled(failureConverterPath: string | undefined, options: HrflowConnectorsPluginOptions = {}) {
  const plugin = new HrflowConnectorsPlugin({ env: { HRFLOW_TEMPORAL_ENCRYPTION_KEYS }, ...options });
  return plugin.configureBundler({ workflowsPath: 'w', ...(failureConverterPath && { failureConverterPath }) })
    .failureConverterPath;
}

describe('the plugin, in a worker that has a failure converter of its own,', () => {
  const theirs = '/app/failures.js';
  const ours = joined(undefined).failureConverterPath;

  it('refuses to leave failures readable, and says how the two go together', () => {
    for (const join of [() => joined({ failureConverterPath: theirs }), () => bundled(theirs)]) {
      expect(join).toThrow(/own \(\/app\/failures\.js\).*would not be encrypted/);
      expect(join).toThrow(/encodeCommonAttributes.*createPayloadCodec/);
    }
  });

  it('takes its own for no other', () => {
    expect(ours).toMatch(/failure-converter/);
    expect(joined(joined(undefined)).failureConverterPath).toBe(ours);
    expect(bundled(ours)).toBe(ours);
    expect(bundled(undefined)).toBe(ours);
  });

  it('leaves theirs alone while encryption is off', () => {
    expect(joined({ failureConverterPath: theirs }, { keys: 'off' }).failureConverterPath).toBe(theirs);
    expect(bundled(theirs, { keys: 'off' })).toBe(theirs);
    expect(bundled(undefined, { keys: 'off' })).toBeUndefined();
  });
});

describe('what the plugin encrypts', () => {
  const bound = createPayloadCodec(parseKeyRing(key), { namespace: 'prod' });
  const unbound = createPayloadCodec(parseKeyRing(key));

  it.each<[string, HrflowConnectorsPluginOptions, readonly boolean[]]>([
    ['nothing', {}, [false, true]],
    [
      'the environment',
      { env: { HRFLOW_TEMPORAL_ENCRYPTION_KEYS, HRFLOW_TEMPORAL_ENCRYPTION_NAMESPACE: 'prod' } },
      [true, false],
    ],
    ['an option', { encryptionNamespace: 'prod' }, [true, false]],
    [
      'an option over the environment',
      {
        env: { HRFLOW_TEMPORAL_ENCRYPTION_KEYS, HRFLOW_TEMPORAL_ENCRYPTION_NAMESPACE: 'test' },
        encryptionNamespace: 'prod',
      },
      [true, false],
    ],
  ])('is bound to the namespace that %s names', async (_, options, readable) => {
    const [codec] = joined(undefined, options).payloadCodecs ?? [];
    const payloads = await codec!.encode([defaultPayloadConverter.toPayload('x')]);
    const read = await Promise.allSettled([bound.decode(payloads), unbound.decode(payloads)]);
    expect(read.map(({ status }) => status === 'fulfilled')).toEqual(readable);
  });
});
