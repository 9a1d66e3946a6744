import { describe, expect, it } from '@jest/globals';
import { UsageError } from '../../../src/cli/cli';
import { applyOverrides, takeOverrides } from '../../../src/cli/input/overrides';

const request = (...args: string[]) => applyOverrides({}, takeOverrides(args).overrides);

describe('flags that override parameters', () => {
  it('go into their groups, nested by dots, and leave the other arguments alone', () => {
    const { rest, overrides } = takeOverrides([
      'push',
      'oracleORC',
      '--origin.profile_key',
      'p1',
      '--json',
      '--target.authData.username=me',
      '--target.hostAndPort.port',
      '443',
    ]);
    expect(rest).toEqual(['push', 'oracleORC', '--json']);
    expect(applyOverrides({}, overrides)).toEqual({
      originParameters: { profile_key: 'p1' },
      targetParameters: { authData: { username: 'me' }, hostAndPort: { port: '443' } },
    });
  });

  it('change single members of what the file holds', () => {
    const { overrides } = takeOverrides(['--target.enrich.compagny', 'K', '--target.auth.secret', 'flatchr/new']);
    const file = { targetParameters: { auth: 'old', vacancy: 'v', enrich: { subdomain: 'api', compagny: 'J' } } };
    expect(applyOverrides(file, overrides)).toEqual({
      targetParameters: { auth: { secret: 'flatchr/new' }, vacancy: 'v', enrich: { subdomain: 'api', compagny: 'K' } },
    });
    expect(file.targetParameters.enrich.compagny).toBe('J');
  });

  it('take lists and switches where the parameters are such', () => {
    expect(request('--action.logics', 'a,b', '--action.lookupFirst', '--action.format', 'mine')).toEqual({
      actionParameters: { logics: ['a', 'b'], lookupFirst: true, format: 'mine' },
    });
    expect(request('--action.lookupFirst', 'false')).toEqual({ actionParameters: { lookupFirst: false } });
    expect(request('--action.lookupFirst=maybe')).toEqual({ actionParameters: { lookupFirst: 'maybe' } });
    expect(request('--action.logics=')).toEqual({ actionParameters: { logics: [] } });
  });

  it('keep values that look like other things: an equals sign, a single dash, several lines', () => {
    expect(request('--target.auth=a=b', '--target.vacancy', '-x', '--target.job_reference=a\nb')).toEqual({
      targetParameters: { auth: 'a=b', vacancy: '-x', job_reference: 'a\nb' },
    });
  });

  it.each([[['--target.auth']], [['--target.auth', '--json']]])('are refused without a value: %j', (args) => {
    expect(() => takeOverrides(args)).toThrow(new UsageError('--target.auth needs a value, as in --target.auth VALUE'));
  });

  it('cannot reach the prototype of anything', () => {
    const made = request('--target.__proto__.polluted', 'yes');
    expect(Object.hasOwn(Object(made['targetParameters']), '__proto__')).toBe(true);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});
