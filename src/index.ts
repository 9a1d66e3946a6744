/**
 * The worker side of hrflow-temporal: the plugin for your own worker, and a ready-made worker. Apps that only start pushes
 * import `hrflow-temporal/client`, which does not load the native part of the SDK.
 */
export { HrflowConnectorsPlugin, type HrflowConnectorsPluginOptions } from './worker/plugin';
export { createLogger } from './worker/logging';
export { createConnectorsWorker, type ConnectorsWorker, type ConnectorsWorkerOptions } from './worker';
export type { Format, FormatContext, Logic, UserFunctions } from './push/functions';
export { KeyRing, parseKeyRing, type KeyRingProvider } from './security/encryption/key-ring';
export { createPayloadCodec, type PayloadCodecOptions } from './security/encryption/payload-codec';
export { createCodecServer, type CodecServerOptions, type CodecServerToken } from './security/encryption/codec-server';
export type { SecretProvider } from './security/secrets/references';
export type { Profile } from './profile/schema';
