import { describe, expect, it } from '@jest/globals';
import { functionsNamed } from '../../../src/push/functions';
import { InputError } from '../../../src/protocol/errors';

const registered = { one: () => 1, two: () => 2 };

describe('functions by name', () => {
  it('are found in the order that was asked for, as often as they are named', () => {
    const { one, two } = registered;
    expect(functionsNamed('logics', registered, ['two', 'one', 'two'])).toEqual([two, one, two]);
    expect(functionsNamed('logics', undefined, [])).toEqual([]);
  });

  it.each(['three', '', 'constructor', 'toString', '__proto__', 'One'])(
    'that are not registered are refused: %j',
    (name) => {
      expect(() => functionsNamed('logics', registered, ['one', name])).toThrow(InputError);
      expect(() => functionsNamed('logics', registered, ['one', name])).toThrow(
        `actionParameters.logics: this worker has no function "${name}"; registered are: "one", "two"`,
      );
    },
  );

  it('are said to be none where the worker has none', () => {
    expect(() => functionsNamed('format', undefined, ['mine'])).toThrow(
      /actionParameters\.format.+registered are: none$/,
    );
  });
});
