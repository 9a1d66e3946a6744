import { expect, it } from '@jest/globals';
import { parseUrl } from '../../../src/util/urls';

it('reads a URL with letters beyond ASCII however often it is asked', () => {
  for (let times = 0; times < 20_000; times += 1) {
    if (parseUrl('https://münchen.example/É.pdf') === undefined) throw new Error(`refused at the ${times}th time`);
  }
  expect(parseUrl('https://münchen.example/É.pdf')?.href).toBe('https://xn--mnchen-3ya.example/%C3%89.pdf');
});

it('takes a URL against a base, and tells what is none', () => {
  expect(parseUrl('/b', 'https://a.example/x')?.href).toBe('https://a.example/b');
  expect(parseUrl('/b')).toBeUndefined();
  expect(parseUrl('https://')).toBeUndefined();
});
