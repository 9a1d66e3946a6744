import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { InvalidArgumentError, type Command } from 'commander';
import { z } from 'zod';
import { readEnvironment } from '../../config/environment';
import { describeIssues } from '../../util/zod-issues';
import {
  createCodecServer,
  type CodecServerOptions,
  type CodecServerToken,
} from '../../security/encryption/codec-server';
import { encryptionNamespace, keyRingFromEnvironment, type KeyRing } from '../../security/encryption/key-ring';
import { createPayloadCodec } from '../../security/encryption/payload-codec';
import { assertOthersMayNot } from '../../security/private-file';
import { odditiesOf, withoutLineBreak } from '../../security/secrets/secret-text';
import { ConfigurationError } from '../../config/settings';
import { codeOf } from '../../util/objects';
import { jsonOf, textOf, whyUnusable } from '../../util/text-file';
import { UsageError, type Cli } from '../cli';
import { EXIT } from '../output/exit-status';
import { createLog } from '../output/log';

interface Options {
  readonly host: string;
  readonly port: number;
  readonly uiOrigin: readonly string[];
  readonly tokens?: string;
  readonly dev?: boolean;
  readonly json?: boolean;
}

const EXAMPLES = `
The keys come from HRFLOW_TEMPORAL_ENCRYPTION_KEYS. Whoever may call this server can decrypt: put TLS before it, beyond this
machine.
Where HRFLOW_TEMPORAL_ENCRYPTION_NAMESPACE is set, payloads of each namespace decode for requests about that namespace alone.

--tokens is a JSON file that nobody but its owner may change:
  [{ "token": "a long random text", "namespaces": ["default"] }]        "*" stands for every namespace
A token comes as bearer token, or as the password of Basic authentication with any user name. Where the UI and /decode have one origin,
behind one proxy, the browser asks its user for it; the UI itself sends the token of its own log-in, and to an https address only.

Examples:
  $ hrflow-temporal codec-server --ui-origin https://temporal.example.com --tokens tokens.json
  $ hrflow-temporal codec-server --dev --ui-origin http://localhost:8233`;

/** `codec-server`: decodes payloads for the Temporal UI and CLI. */
export function define(command: Command, cli: Cli): void {
  command
    .description('Decode payloads for the Temporal UI and the Temporal CLI, until SIGINT or SIGTERM.')
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on; 0 for a free one', parsePort, 8081)
    .option(
      '--ui-origin <origin>',
      'exact origin of a Temporal UI; may be given several times',
      (one, all: string[]) => [...all, one],
      [],
    )
    .option('--tokens <file>', 'JSON file with the tokens that are accepted')
    .option('--dev', 'development: pages of a --ui-origin need no token over loopback')
    .option('--json', 'print the line that says where it listens as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (options: Options) => {
      await serve(cli, options);
      cli.end(EXIT.ok);
    });
}

async function serve(cli: Cli, options: Options): Promise<void> {
  const keys = keyRingFromEnvironment(cli.env);
  if (keys === 'off') throw new ConfigurationError('HRFLOW_TEMPORAL_ENCRYPTION is off: there is nothing to decode.');
  if (options.tokens === undefined && !options.dev)
    throw new UsageError('give --tokens FILE, or --dev on your own machine');
  const server = createServer({
    codec: codecsOf(keys, encryptionNamespace(cli.env) !== undefined),
    uiOrigins: options.uiOrigin,
    tokens: options.tokens === undefined ? [] : readTokens(options.tokens),
    allowWithoutToken: options.dev ?? false,
    logger: createLog(cli, readEnvironment(cli.env).logLevel),
  });
  const address = await server.listen({ host: options.host, port: options.port }).catch(cannotListen(options));
  cli.out(
    options.json ? JSON.stringify({ event: 'codec server started', address }) : `codec server started at ${address}`,
  );
  const stop = new AbortController();
  const signals = ['SIGINT', 'SIGTERM'].map((signal) =>
    once(process, signal, { signal: stop.signal }).catch(() => undefined),
  );
  await Promise.race(signals);
  stop.abort();
  await server.close();
}

function cannotListen({ host, port }: Options): (error: unknown) => never {
  return (error) => {
    const code = codeOf(error);
    if (code === '') throw error;
    const remedy = code === 'EADDRINUSE' ? 'the port is taken: give another --port' : 'give another --host or --port';
    throw new UsageError(`cannot listen at ${host}, port ${port} (${code}): ${remedy}`);
  };
}

/** Bound codecs are those of the namespace requested: a token for one opens nothing of another. */
function codecsOf(keys: KeyRing, bound: boolean): CodecServerOptions['codec'] {
  return bound ? (namespace) => createPayloadCodec(keys, { namespace }) : createPayloadCodec(keys);
}

function createServer(options: CodecServerOptions) {
  try {
    return createCodecServer(options);
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error;
  }
}

const tokensSchema = z
  .array(
    z.strictObject({
      token: z
        .string()
        .transform(withoutLineBreak)
        .pipe(z.string().min(16, 'must have at least 16 characters').superRefine(refuseOddities)),
      namespaces: z.array(z.string().min(1)).min(1),
    }),
  )
  .min(1, 'expected at least one token');

/** No request can carry such a token, or nobody means to. */
function refuseOddities(token: string, { addIssue }: { addIssue: (message: string) => void }): void {
  for (const oddity of odditiesOf(token)) addIssue(`${oddity}: remove it`);
}

function readTokens(path: string): CodecServerToken[] {
  const checked = tokensSchema.safeParse(readJson(path));
  if (checked.success) return checked.data;
  throw new UsageError(`--tokens: ${path}: ${describeIssues(checked.error)}`);
}

function readJson(path: string): unknown {
  try {
    assertOthersMayNot('write', path);
    return jsonOf(textOf(readFileSync(path)));
  } catch (error) {
    throw new UsageError(`--tokens: ${path} cannot be used: ${whyUnusable(error)}`);
  }
}

function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('expected a port between 0 and 65535');
}
