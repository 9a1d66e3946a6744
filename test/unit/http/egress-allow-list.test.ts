import { describe, expect, it } from '@jest/globals';
import { EgressAllowListInvalidError, hostnameOf, parseEgressAllowList } from '../../../src/http/egress/allow-list';

describe('the allow list', () => {
  it('allows nothing when it is empty', () => {
    for (const text of ['', ' ', ' , ,']) {
      const list = parseEgressAllowList(text);
      expect(list.allowsHost('localhost', 80)).toBe(false);
      expect(list.allowsAddress('127.0.0.1', 80)).toBe(false);
      expect(list.listsAddresses).toBe(false);
    }
  });

  it.each([
    ['localhost:8080', 'localhost', 8080, true],
    ['localhost:8080', 'localhost', 8081, false],
    ['localhost', 'localhost', 1234, true],
    ['LocalHost.', 'localhost', 1, true],
    ['localhost', 'evil-localhost', 1, false],
    ['localhost', 'sub.localhost', 1, false],
    ['a.example, b.example:1', 'b.example', 1, true],
    ['münchen.example', 'xn--mnchen-3ya.example', 443, true],
    ['my_host.internal', 'my_host.internal', 443, true],
  ])('"%s" and the host %s on port %d: %s', (text, host, port, expected) => {
    expect(parseEgressAllowList(text).allowsHost(host, port)).toBe(expected);
  });

  it.each([
    ['127.0.0.1:8080', '127.0.0.1', 8080, true],
    ['127.0.0.1:8080', '127.0.0.1', 80, false],
    ['127.0.0.1', '127.0.0.1', 80, true],
    ['127.0.0.1', '127.0.0.2', 80, false],
    ['127.0.0.1', '::ffff:127.0.0.1', 80, true],
    ['127.0.0.1', '::1', 80, false],
    ['10.0.0.0/8', '10.200.3.4', 1, true],
    ['10.0.0.0/8', '11.0.0.1', 1, false],
    ['10.1.2.3/8', '10.200.3.4', 1, true],
    ['[::1]', '::1', 1, true],
    ['::1', '::1', 8080, true],
    ['::1', '::2', 8080, false],
    ['fd00::1, 10.0.0.1', 'fd00::1', 1, true],
    ['2001:db8:1:2:3:4:5:8080', '2001:db8:1:2:3:4:5:8080', 1, true],
    ['[::1]:8080', '::1', 8080, true],
    ['[::1]:8080', '::1', 80, false],
    ['fd00::/8', 'fd12::1', 1, true],
    ['[fd00::]/8', 'fd12::1', 1, true],
    ['[fd00::/8]', 'fd12::1', 1, true],
    ['fd00::/8', 'fe80::1', 1, false],
    ['10.0.0.0/8', 'localhost', 1, false],
  ])('"%s" and the address %s on port %d: %s', (text, address, port, expected) => {
    const list = parseEgressAllowList(text);
    expect(list.listsAddresses).toBe(true);
    expect(list.allowsAddress(address, port)).toBe(expected);
  });

  it.each([
    'fd00::1:8080',
    '::1%eth0',
    '::1:x',
    'localhost:0',
    'localhost:65536',
    'localhost:',
    'localhost:http',
    'localhost:+80',
    ':80',
    'http://localhost',
    'http://localhost:80/',
    'localhost/path',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/0',
    '::/0',
    '10.0/8',
    '10.0.0.0/8:80',
    '0x7f000001',
    '2130706433',
    '127.1',
    '0177.0.0.1',
    '999.0.0.1',
    '*',
    '*.internal',
    'a b',
    'user@host',
    'host?x',
    '[::1',
    '[::1]x',
    '[::1]:',
    '[127.0.0.1]',
    '[fe80::1%eth0]',
    '[]',
    '[fd00::/129]',
  ])('refuses the entry "%s" and quotes it', (entry) => {
    expect(() => parseEgressAllowList(`ok.example,${entry}`)).toThrow(EgressAllowListInvalidError);
    expect(() => parseEgressAllowList(entry)).toThrow(`HRFLOW_TEMPORAL_EGRESS_ALLOW: "${entry}"`);
  });
});

describe('hostnameOf', () => {
  it.each([
    ['EXAMPLE.org.', 'example.org'],
    ['2130706433', '127.0.0.1'],
    ['0x7f.1', '127.0.0.1'],
    ['::1', '::1'],
    ['[::1]', '::1'],
    ['::ffff:127.0.0.1', '::ffff:7f00:1'],
    ['１２７.0.0.1', '127.0.0.1'],
    ['fe80::1%eth0', undefined],
    ['host:80', undefined],
    ['[::1]:80', undefined],
    ['user@host', undefined],
    ['host/path', undefined],
    ['ho\nst', undefined],
    ['.', undefined],
    ['', undefined],
  ])('spells %j as %j', (host, expected) => {
    expect(hostnameOf(host)).toBe(expected);
  });
});
