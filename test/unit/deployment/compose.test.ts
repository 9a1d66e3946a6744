import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { defaultSettings, loadSettings } from '../../../src/config/settings';
import { DEFAULT_TASK_QUEUE, SEARCH_ATTRIBUTE_NAMES } from '../../../src/protocol/names';

const ROOT = join(__dirname, '..', '..', '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const composeSchema = z.looseObject({
  services: z.record(
    z.string(),
    z.looseObject({
      image: z.string(),
      build: z.string().optional(),
      command: z.array(z.string()).optional(),
      entrypoint: z.array(z.string()).optional(),
      environment: z.record(z.string(), z.string()).default({}),
      healthcheck: z.looseObject({ test: z.array(z.string()) }).optional(),
      restart: z.string().optional(),
      user: z.string().optional(),
      stop_grace_period: z.string().optional(),
      ports: z.array(z.string()).default([]),
      read_only: z.boolean().optional(),
      cap_drop: z.array(z.string()).default([]),
      secrets: z.array(z.string()).default([]),
      volumes: z.array(z.union([z.string(), z.looseObject({ source: z.string(), target: z.string() })])).default([]),
      depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
    }),
  ),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
});
const { services, secrets } = composeSchema.parse(parse(read('docker-compose.yml'), { merge: true }));
const named = Object.entries(services);

function service(name: string): (typeof services)[string] {
  const found = services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
}

/** The variables of the example, those that may be left out included. */
const example = new Map(
  [...read('deploy/example.env').matchAll(/^#?([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
);

/** Where a path of docker-compose.yml is with the values of the example. */
function placeOf(path: string): string {
  return resolve(
    ROOT,
    path.replace(/\$\{([A-Z_]+):.*\}/, (_, name: string) => example.get(name) ?? ''),
  );
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`));
}

/** What the worker mounts beside its secrets, by where it is mounted. */
const mounts = new Map(
  service('worker').volumes.flatMap((volume) =>
    typeof volume === 'string' ? [] : [[volume.target, placeOf(volume.source)] as const],
  ),
);

const FULL_VERSION = /:\d+\.\d+(\.\d+)?(-[a-z-]+)?$/;
/** A value that compose takes from its own environment and refuses to do without, or has a harmless default for. */
const FROM_ENVIRONMENT = /^\$\{[A-Z_]+(:\?.+|:-.*)\}$/;

describe('docker-compose.yml', () => {
  it('has everything that production needs', () => {
    expect(Object.keys(services).sort()).toEqual([
      'codec-server',
      'postgresql',
      'proxy',
      'temporal',
      'temporal-namespace',
      'temporal-schema',
      'temporal-ui',
      'worker',
    ]);
  });

  it.each(named)('pins the image of %s by a full version', (_name, { image }) => {
    expect(image).toMatch(FULL_VERSION);
    expect(image).not.toContain('${');
  });

  it('takes server and schema from one version', () => {
    const version = (name: string): string | undefined => service(name).image.split(':')[1];
    expect(version('temporal-schema')).toBe(version('temporal'));
    expect(version('temporal-namespace')).toBe(version('temporal'));
  });

  it.each(named)('checks the health of %s unless it runs once', (_name, { healthcheck, restart }) => {
    const runsOnce = restart?.startsWith('on-failure') ?? false;
    expect(healthcheck !== undefined).toBe(!runsOnce);
  });

  it.each(named)('starts %s only after what it needs is ready', (_name, { depends_on: needs }) => {
    for (const [needed, { condition }] of Object.entries(needs)) {
      const runsOnce = service(needed).restart?.startsWith('on-failure') ?? false;
      expect(condition).toBe(runsOnce ? 'service_completed_successfully' : 'service_healthy');
    }
  });

  it('leaves a worker the time of the longest create, and a margin', () => {
    const connectSeconds = 10;
    const responseSeconds = 60;
    const grace = /^(\d+)s$/.exec(service('worker').stop_grace_period ?? '');
    expect(Number(grace?.[1])).toBeGreaterThanOrEqual(connectSeconds + 3 * responseSeconds + 50);
  });

  it.each(named)('contains no secret of %s', (_name, { environment }) => {
    for (const [name, value] of Object.entries(environment)) {
      if (!/PASSWORD|PWD|KEYS?$|TOKEN$|SECRET/.test(name) || name === 'TEMPORAL_CODEC_PASS_ACCESS_TOKEN') continue;
      if (name.endsWith('_DIR')) continue;
      expect(value).toMatch(/^\$\{[A-Z_]+:\?.+\}$/);
    }
  });

  it('has no secret elsewhere: no long random text, no password in an address', () => {
    const text = read('docker-compose.yml');
    expect(text).not.toMatch(/[A-Za-z0-9+=]{32,}/);
    expect(text).not.toMatch(/:\/\/[^\s/]*:[^\s/]*@/);
    for (const { file } of Object.values(secrets)) expect(file).toMatch(FROM_ENVIRONMENT);
    expect(service('codec-server').secrets).toEqual(Object.keys(secrets));
    expect(service('worker').secrets).toEqual(['encryption_keys']);
  });

  it('explains every variable that must be set in the example', () => {
    const required = [...read('docker-compose.yml').matchAll(/\$\{([A-Z_]+):\?/g)].map(([, name]) => name);
    expect(required.length).toBeGreaterThan(0);
    for (const name of required) expect(read('deploy/example.env')).toMatch(new RegExp(`^${name}=`, 'm'));
  });

  it('explains every variable that may be set in the example, too, and gives no password there', () => {
    for (const [, name = ''] of read('docker-compose.yml').matchAll(/\$\{([A-Z_]+)/g))
      expect([...example.keys()]).toContain(name);
    expect(example.get('TEMPORAL_DB_PASSWORD')).toBe('');
    expect(example.has('HRFLOW_TEMPORAL_ENCRYPTION_KEYS')).toBe(false);
  });

  it('hands the worker what the operator sets about addresses and settings', () => {
    const { environment } = service('worker');
    for (const name of [
      'HRFLOW_TEMPORAL_EGRESS_ALLOW',
      'HRFLOW_TEMPORAL_PROXY',
      'NO_PROXY',
      'HRFLOW_API_URL',
      'FLATCHR_URL',
    ])
      expect(environment[name]).toBe(`\${${name}:-}`);
    const settings = mounts.get(environment['HRFLOW_TEMPORAL_SETTINGS'] ?? '');
    expect(loadSettings(settings)).toEqual(defaultSettings());
  });

  it.each(['worker', 'codec-server'])('gives the %s its keys as a file, and the namespace to bind to', (name) => {
    expect(service(name).secrets).toContain('encryption_keys');
    expect(service(name).environment).toMatchObject({
      HRFLOW_TEMPORAL_ENCRYPTION_KEYS_FILE: '/run/secrets/encryption_keys',
      HRFLOW_TEMPORAL_ENCRYPTION_NAMESPACE: '${HRFLOW_TEMPORAL_ENCRYPTION_NAMESPACE:-}',
    });
  });

  it('keeps keys and tokens out of the folder whose files a push may name', () => {
    const target = service('worker').environment['HRFLOW_TEMPORAL_SECRETS_DIR'] ?? '';
    const folder = mounts.get(target) ?? '';
    expect(example.get('HRFLOW_SECRETS_FOLDER')).toBe('./deploy/secrets');
    const others = Object.values(secrets).map(({ file }) => placeOf(file));
    expect(others).toHaveLength(2);
    for (const file of others) {
      expect(isWithin(file, folder)).toBe(false);
      expect(isWithin(folder, dirname(file))).toBe(false);
    }
    const targets = [...mounts.keys(), '/run/secrets'].filter((other) => other !== target);
    for (const other of targets) expect(isWithin(other, target) || isWithin(target, other)).toBe(false);
  });

  it('keeps secrets out of version control', () => {
    const ignored = read('.gitignore').split('\n');
    const places = [
      ...Object.values(secrets).map(({ file }) => dirname(placeOf(file))),
      placeOf('${HRFLOW_SECRETS_FOLDER:}'),
    ];
    for (const place of places) expect(ignored).toContain(`${relative(ROOT, place)}/`);
    expect(ignored).toContain('.env');
  });

  it('opens its ports to this machine only', () => {
    const ports = named.flatMap(([, { ports: published }]) => published);
    expect(ports.length).toBeGreaterThan(0);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it.each(['worker', 'codec-server'])('runs %s without unnecessary privileges', (name) => {
    expect(service(name)).toMatchObject({ user: 'node', read_only: true, cap_drop: ['ALL'] });
    expect(service(name).command?.[0]).toBe(name);
  });

  it('runs the proxy without unnecessary privileges, from an unprivileged image', () => {
    expect(service('proxy')).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
    expect(service('proxy').image).toMatch(/^nginxinc\/nginx-unprivileged:/);
  });

  it('gives the worker the task queue of the clients', () => {
    expect(service('worker').environment['HRFLOW_TEMPORAL_TASK_QUEUE']).toBe(
      `\${HRFLOW_TEMPORAL_TASK_QUEUE:-${DEFAULT_TASK_QUEUE}}`,
    );
  });

  it('serves the UI and the codec server from one origin, to which the browser sends its token', () => {
    const origin = '${HRFLOW_UI_ORIGIN:-http://localhost:8080}';
    expect(service('temporal-ui').environment).toMatchObject({
      TEMPORAL_CORS_ORIGINS: origin,
      TEMPORAL_CODEC_ENDPOINT: `${origin}/codec`,
    });
    const command = service('codec-server').command ?? [];
    expect(command[command.indexOf('--ui-origin') + 1]).toBe(origin);
    expect(service('proxy').ports).toEqual(['127.0.0.1:8080:8080']);
    expect([service('temporal-ui').ports, service('codec-server').ports]).toEqual([[], []]);
  });

  it('forwards to the ports of the UI and of the codec server, which takes bodies as large as the proxy does', () => {
    const config = read('deploy/proxy.conf');
    const forwards = [...config.matchAll(/location (\S+) \{\s+proxy_pass (\S+);/g)].map(([, ...parts]) => parts);
    const command = service('codec-server').command ?? [];
    expect(forwards).toEqual([
      // The slash at the end takes the place of /codec/.
      ['/codec/', `http://codec-server:${command[command.indexOf('--port') + 1] ?? ''}/`],
      ['/', 'http://temporal-ui:8080'],
    ]);
    expect(config).toMatch(/listen 8080;/);
    expect(config).toMatch(/client_max_body_size 8m;/);
    expect(service('proxy').volumes).toEqual(['./deploy/proxy.conf:/etc/nginx/conf.d/default.conf:ro']);
    expect(Object.keys(service('proxy').depends_on).sort()).toEqual(['codec-server', 'temporal-ui']);
  });
});

describe('the scripts of deploy/', () => {
  it('register the search attributes of the workflows', () => {
    const [, list = ''] = /^ATTRIBUTES='(.*)'$/m.exec(read('deploy/set-up-namespace.sh')) ?? [];
    expect(list.split(' ').sort()).toEqual([...SEARCH_ATTRIBUTE_NAMES].sort());
  });

  it('use the default task queue of the worker by default', () => {
    expect(read('deploy/worker-health.mjs')).toContain(`|| '${DEFAULT_TASK_QUEUE}'`);
  });

  it.each(['set-up-schema.sh', 'set-up-namespace.sh'])('%s stops at its first error', (name) => {
    expect(read(`deploy/${name}`)).toMatch(/^set -eu$/m);
    expect(named.some(([, { entrypoint }]) => entrypoint?.includes(`/${name}`))).toBe(true);
  });
});

describe('the Dockerfile', () => {
  const instructions = read('Dockerfile')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const from = instructions.filter((line) => line.startsWith('FROM '));
  const image = instructions.slice(instructions.lastIndexOf(from.at(-1) ?? ''));

  it('builds on Debian slim, pinned by a full version, in two stages', () => {
    expect(from).toHaveLength(2);
    for (const line of from) expect(line).toMatch(/^FROM node:\d+\.\d+\.\d+-bookworm-slim( AS build)?$/);
  });

  it('ends in a non-root image with the system certificates', () => {
    expect(image.findLast((line) => line.startsWith('USER '))).toBe('USER node');
    expect(image.find((line) => line.startsWith('RUN '))).toContain('ca-certificates');
    expect(image.indexOf('USER node')).toBeGreaterThan(image.findIndex((line) => line.startsWith('RUN ')));
  });

  it('installs from the lockfile without running scripts of packages', () => {
    const installs = instructions.filter((line) => /npm (ci|install|prune)/.test(line));
    expect(installs).toHaveLength(2);
    for (const line of installs) expect(line).toContain('--ignore-scripts');
    expect(installs[0]).toContain('npm ci');
  });

  it('runs the command line, by default as a worker, and forwards SIGTERM', () => {
    expect(image).toEqual(
      expect.arrayContaining(['ENTRYPOINT ["node", "dist/cli/main.js"]', 'CMD ["worker"]', 'STOPSIGNAL SIGTERM']),
    );
    expect(image.some((line) => line.startsWith('HEALTHCHECK '))).toBe(true);
  });

  it('copies what .dockerignore allows, and no folder with secrets', () => {
    const lines = read('.dockerignore').split('\n');
    const allowed = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    const copied = instructions
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from'))
      .flatMap((line) => line.split(' ').slice(1, -1))
      .map((path) => path.replace('./', ''));
    expect(lines).toEqual(expect.arrayContaining(['*', '**/.env']));
    expect([...allowed].sort()).toEqual([...copied].sort());
    expect(allowed.filter((path) => path.startsWith('deploy')).every((path) => path.endsWith('.mjs'))).toBe(true);
  });
});
