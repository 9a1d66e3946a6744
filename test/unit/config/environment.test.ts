import { describe, expect, it } from '@jest/globals';
import { readEnvironment, type Env } from '../../../src/config/environment';
import { ConfigurationError } from '../../../src/config/settings';

function problemOf(env: Env): string {
  try {
    readEnvironment(env);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('the environment', () => {
  it('has the defaults of the contract', () => {
    expect(readEnvironment({})).toEqual({
      taskQueue: 'hrflow-connectors',
      baseUrls: { hrflow: 'https://api.hrflow.ai/v1', flatchr: 'https://{subdomain}.flatchr.io' },
      trustedOrigins: [],
      egressAllow: undefined,
      proxy: undefined,
      noProxy: undefined,
      settingsFile: undefined,
      secretsDir: undefined,
      secretsFile: undefined,
      logLevel: 'info',
    });
  });

  it('takes an empty value for none', () => {
    const names = ['HRFLOW_TEMPORAL_TASK_QUEUE', 'HRFLOW_API_URL', 'FLATCHR_URL', 'HRFLOW_TEMPORAL_LOG'];
    const empty = Object.fromEntries(names.map((name) => [name, '']));
    expect(readEnvironment(empty)).toEqual(readEnvironment({}));
  });

  it('takes base URLs without their trailing slash, and trusts their origins', () => {
    const env = { HRFLOW_API_URL: 'http://127.0.0.1:8080/v1/', FLATCHR_URL: 'http://127.0.0.1:8081/{subdomain}//' };
    expect(readEnvironment(env)).toMatchObject({
      baseUrls: { hrflow: 'http://127.0.0.1:8080/v1', flatchr: 'http://127.0.0.1:8081/{subdomain}' },
      trustedOrigins: ['http://127.0.0.1:8080', 'http://127.0.0.1:8081'],
    });
  });

  it('trusts no origin that was not set, and any subdomain of one that was', () => {
    expect(readEnvironment({ FLATCHR_URL: 'https://{subdomain}.flatchr.internal' }).trustedOrigins).toEqual([
      'https://*.flatchr.internal',
    ]);
    expect(readEnvironment({ FLATCHR_URL: 'https://flatchr-{subdomain}.corp.internal:8443/x' }).trustedOrigins).toEqual(
      ['https://flatchr-*.corp.internal:8443'],
    );
    expect(readEnvironment({ HRFLOW_API_URL: 'https://api.hrflow.ai/v1' }).trustedOrigins).toEqual([
      'https://api.hrflow.ai',
    ]);
  });

  it.each(['debug', 'info', 'warn', 'error'])('knows the log level %s', (logLevel) => {
    expect(readEnvironment({ HRFLOW_TEMPORAL_LOG: logLevel }).logLevel).toBe(logLevel);
  });

  it('reads the proxy and what is spared', () => {
    const { proxy, noProxy } = readEnvironment({
      HRFLOW_TEMPORAL_PROXY: 'http://user:p%40ss@proxy.corp:3128/',
      NO_PROXY: '.corp',
      no_proxy: 'other',
    });
    expect(proxy).toMatchObject({
      host: 'proxy.corp',
      port: 3_128,
      authorization: `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
    });
    expect(noProxy).toBe('.corp');
    expect([proxy?.isSpared('ats.corp', 443), proxy?.isSpared('ats.test', 443)]).toEqual([true, false]);
    expect(readEnvironment({ HRFLOW_TEMPORAL_PROXY: '', HTTPS_PROXY: 'http://p:1' }).proxy).toBeUndefined();
  });

  it.each([
    'proxy.corp:3128',
    'https://user:the-password@proxy.corp:3128',
    'socks5://user:the-password@proxy.corp:3128',
    'http://user:the-password@proxy.corp:3128/path',
    'http://user:the-password%@proxy.corp:3128',
    'http://user:the-password@proxy.corp:port',
  ])('refuses the proxy %s without repeating a password', (value) => {
    const problem = problemOf({ HRFLOW_TEMPORAL_PROXY: value });
    expect(problem).toContain('HRFLOW_TEMPORAL_PROXY');
    expect(problem).toContain('http://user:password@host:port');
    expect(problem).not.toContain('the-password');
  });

  it.each([
    ['HRFLOW_API_URL', 'api.hrflow.ai'],
    ['HRFLOW_API_URL', 'ftp://api.hrflow.ai'],
    ['HRFLOW_API_URL', 'localhost:8080'],
    ['FLATCHR_URL', '{subdomain}.flatchr.io'],
    ['FLATCHR_URL', 'https://api.flatchr.io'],
    ['FLATCHR_URL', 'https://{subdomain}'],
    ['FLATCHR_URL', 'https://{subdomain}/api'],
    ['FLATCHR_URL', 'https://api.{subdomain}:8443'],
    ['FLATCHR_URL', 'https://flatchr.{subdomain}-x/'],
    ['HRFLOW_TEMPORAL_LOG', 'verbose'],
  ])('refuses %s = %s and names it', (name, value) => {
    expect(problemOf({ [name]: value })).toContain(name);
  });
});
