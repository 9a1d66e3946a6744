import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startDevServer } from '../../tools/dev-server';
import { until } from '../support/failures';
import { startHarness, type Harness } from '../support/harness';
import { uniqueRequest } from '../support/requests';
import { commandLine, type CommandLine } from './cli-support';

describe('the command line and Temporal', () => {
  let harness: Harness;
  let cli: CommandLine;

  beforeAll(async () => {
    harness = await startHarness();
    cli = commandLine(harness.env);
  });
  afterAll(async () => {
    await cli.close();
    await harness.close();
  });

  it('reports after 10 s that no worker takes the run, and on interrupt that the run continues', async () => {
    const file = cli.file('waiting.json', uniqueRequest(harness, 'flatchr'));
    const push = cli.start(['push', 'flatchr', '--params', file, '--json']);
    await until('the notice', () => push.stderr().includes('No worker'));
    expect(push.stderr()).toContain(String(harness.env['HRFLOW_TEMPORAL_TASK_QUEUE']));
    push.signal('SIGINT');
    const { status, stdout, stderr } = await push.ended;
    expect([status, stdout]).toEqual([130, '']);
    const id = /The run continues without this command: (\S+)\./.exec(stderr)?.[1] ?? '';

    const shown = await cli.run(['show', id, '--json']);
    expect(shown.documents).toMatchObject([{ workflowId: id, state: 'running', now: null, result: null }]);
    const retried = await cli.run(['retry', id]);
    expect([retried.status, retried.stderr]).toEqual([3, expect.stringContaining('no worker polls its task queue')]);

    const worker = await cli.worker();
    const joined = await cli.run(['push', 'flatchr', '--params', file, '--json']);
    expect(joined.documents).toMatchObject([{ workflowId: id, state: 'completed' }]);
    await worker.stop();
  });

  it('ends with 3 when nothing answers for 10 s', async () => {
    // Something that takes connections and says nothing is the harder case.
    const silent = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const away = cli.with({ TEMPORAL_ADDRESS: `127.0.0.1:${String(port)}` });
    const file = cli.file('away.json', uniqueRequest(harness, 'flatchr'));
    const commands = [['push', 'flatchr', '--params', file, '--json'], ['worker'], ['runs'], ['retry', 'x']];
    const ended = await Promise.all(commands.map((args) => away.run(args)));
    for (const { status, stdout, stderr } of ended) {
      expect([status, stdout]).toEqual([3, '']);
      expect(stderr).toContain(`127.0.0.1:${String(port)}`);
    }
    const refused = await away.run(['push', 'flatchr', '--params', file, '--json', '--origin.profile_key', '']);
    expect(refused.status).toBe(2);
    silent.close();
  });

  it('ends at once with 3 and the reason where the namespace does not exist', async () => {
    const there = cli.with({ TEMPORAL_NAMESPACE: 'nosuch' });
    const file = cli.file('nosuch.json', uniqueRequest(harness, 'flatchr'));
    const commands = [['push', 'flatchr', '--params', file, '--json'], ['worker'], ['runs'], ['doctor']];
    for (const { status, stdout, stderr } of await Promise.all(commands.map((args) => there.run(args)))) {
      expect(status).toBe(3);
      expect(`${stdout}${stderr}`).toContain('does not know the namespace "nosuch"');
      expect(`${stdout}${stderr}`).toContain('TEMPORAL_NAMESPACE');
    }
  });

  it('ends a worker that cannot start, also in an app of its own, and one that is stopped before it has started', async () => {
    const library = join(__dirname, '../../dist');
    const app = cli.file(
      'app.cjs',
      `require(${JSON.stringify(library)}).createConnectorsWorker().catch((e) => console.log(String(e)));`,
    );
    const env = { ...process.env, ...harness.env, TEMPORAL_NAMESPACE: 'nosuch' };
    const { stdout } = await promisify(execFile)(process.execPath, [app], { env, timeout: 60_000 });
    expect(stdout).toContain('TemporalUnreachableError: Temporal at');

    const starts = cli.file(
      'starts.cjs',
      'const { Worker } = require(process.env.WORKER_SDK); Worker.create = () => { console.error("starting"); return new Promise(() => setInterval(() => {}, 1e3)); };',
    );
    const options = { NODE_OPTIONS: `--require ${starts}`, WORKER_SDK: require.resolve('@temporalio/worker') };
    const worker = cli.with(options).start(['worker']);
    await until('the start', () => worker.stderr().includes('starting'));
    worker.signal('SIGTERM');
    expect((await worker.ended).status).toBe(143);
  });

  it('outlives a restart of the server while it waits', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hrflow-temporal-restart-'));
    const options = { dbFilename: join(folder, 'temporal.db'), ui: false };
    const first = await startDevServer(options);
    const here = cli.with({ TEMPORAL_ADDRESS: first.address });
    const file = cli.file('restart.json', uniqueRequest(harness, 'oracleORC'));
    const push = here.start(['push', 'oracleORC', '--params', file, '--json']);
    await until('the run', async () => (await here.run(['runs', '--json'])).documents.length === 1);
    await first.kill();
    const second = await startDevServer({ ...options, port: first.port });
    const worker = await here.worker();
    const { status, documents } = await push.ended;
    expect(documents).toMatchObject([{ state: 'completed', result: { items: [{ outcome: 'created' }] } }]);
    expect(status).toBe(0);
    await worker.stop();
    await second.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('gets along without search attributes', async () => {
    const bare = await startDevServer({ ui: false, searchAttributes: [] });
    const here = cli.with({ TEMPORAL_ADDRESS: bare.address });
    const worker = await here.worker();
    const request = uniqueRequest(harness, 'flatchr');
    const args = [
      'push',
      'flatchr',
      '--params',
      cli.file('bare.json', request),
      '--json',
      '--action.onFailure',
      'hold',
    ];
    const held = await here.run([...args, '--target.auth', 'wrong']);
    expect(held.status).toBe(4);
    await until('the list', async () => (await here.run(['runs', '--state', 'held', '--json'])).documents.length === 1);
    const auth = String(request.targetParameters['auth']);
    const retried = await here.run([
      'retry',
      '--all',
      '--connector',
      'flatchr',
      '--wait',
      '--json',
      '--target.auth',
      auth,
    ]);
    expect(retried.documents).toMatchObject([{ state: 'completed' }]);

    const doctor = await here.run(['doctor']);
    expect(doctor.stdout).toContain(
      'temporal operator search-attribute create --namespace default --name HrflowConnector',
    );
    expect(doctor.status).toBe(1);
    await worker.stop();
    await bare.stop();
  });

  it('refuses functions that cannot be used, and settings that cannot be read', async () => {
    const broken = await cli.run([
      'worker',
      '--functions',
      cli.file('broken.cjs', 'module.exports = { logics: { a: 1 } };'),
    ]);
    expect([broken.status, broken.stderr]).toEqual([2, expect.stringContaining('logics.a: expected a function')]);
    const egress = await cli.with({ HRFLOW_TEMPORAL_EGRESS_ALLOW: '???' }).run(['worker']);
    expect([egress.status, egress.stderr]).toEqual([2, expect.stringContaining('HRFLOW_TEMPORAL_EGRESS_ALLOW')]);
    const missing = await cli.with({ HRFLOW_TEMPORAL_SETTINGS: '/nowhere.json' }).run(['worker']);
    expect([missing.status, missing.stderr]).toEqual([2, expect.stringContaining('/nowhere.json')]);
  });

  it('decodes for the UI of one origin, with a token', async () => {
    const tokens = cli.file('tokens.json', [{ token: 'a-long-enough-token', namespaces: ['default'] }]);
    const server = cli.start([
      'codec-server',
      '--port',
      '0',
      '--ui-origin',
      'http://localhost:8080',
      '--tokens',
      tokens,
      '--json',
    ]);
    await until('the server', () => server.stdout().includes('codec server started'));
    const { address } = JSON.parse(server.stdout()) as { address: string };
    const ask = (token: string) =>
      fetch(`${address}/decode`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'x-namespace': 'default', 'content-type': 'application/json' },
        body: JSON.stringify({ payloads: [] }),
      });
    expect((await ask('a-long-enough-token')).status).toBe(200);
    expect((await ask('another-token')).status).toBe(401);
    server.signal('SIGTERM');
    const { status, stderr } = await server.ended;
    expect(status).toBe(0);
    expect(stderr).toContain('info codec server answered');
    expect((await cli.run(['codec-server'])).stderr).toContain('--tokens FILE');
  });
});
