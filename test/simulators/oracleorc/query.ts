import { Refusal } from '../refusal';

/** Values of the attributes that a query compares. */
export type Row = Record<string, unknown>;

/** Whether a row is wanted. */
export type Predicate = (row: Row) => boolean;

const OPERATORS = ['<=', '>=', '!=', '<>', '=', '<', '>'] as const;
type Operator = (typeof OPERATORS)[number] | 'like';

type Token =
  | { kind: 'literal'; value: string }
  | { kind: 'operator'; value: Operator }
  | { kind: 'word' | 'bracket'; value: string };

/**
 * Reads `q` (facts 4.1): up to framework version 1 `a=x;b=y`, from version 2 on expressions such as
 * `LastName = 'O''Neil' and CandLastModifiedDate > '2024-02-01T08:00:00Z'`, with `and`, `or`, `like` and brackets.
 *
 * @param queryable - the attributes that may be named
 * @throws Refusal naming the problem
 */
export function parseQuery(q: string, version: number, queryable: readonly string[]): Predicate {
  return version < 2 ? parseLegacy(q, queryable) : new Parser(tokenize(q), queryable).parse();
}

function parseLegacy(q: string, queryable: readonly string[]): Predicate {
  const predicates = q.split(';').map((part) => {
    const [, name = '', operator = '', text = ''] = /^\s*(\w+)\s*(<=|>=|!=|<>|=|<|>)\s*(.*?)\s*$/.exec(part) ?? [];
    const known = OPERATORS.find((one) => one === operator);
    const [, quoted, bare] = /^'((?:[^']|'')*)'$|^([^'"]+)$/.exec(text) ?? [];
    const value = quoted?.replaceAll("''", "'") ?? bare;
    if (known === undefined || value === undefined) throw new Refusal(`Not understood: ${part}`);
    return comparison(name, known, value, queryable);
  });
  return (row) => predicates.every((predicate) => predicate(row));
}

function tokenize(q: string): Token[] {
  const pattern = /\s*(?:'((?:[^']|'')*)'|(<=|>=|!=|<>|=|<|>)|([()])|([\w.]+))\s*/y;
  const tokens: Token[] = [];
  while (pattern.lastIndex < q.length) {
    const start = pattern.lastIndex;
    const match = pattern.exec(q);
    if (match === null) throw new Refusal(`Not understood from character ${start + 1} on.`);
    const [, literal, operator, bracket, word = ''] = match;
    const known = OPERATORS.find((one) => one === operator);
    if (literal !== undefined) tokens.push({ kind: 'literal', value: literal.replaceAll("''", "'") });
    else if (known !== undefined) tokens.push({ kind: 'operator', value: known });
    else if (bracket !== undefined) tokens.push({ kind: 'bracket', value: bracket });
    else
      tokens.push(word.toLowerCase() === 'like' ? { kind: 'operator', value: 'like' } : { kind: 'word', value: word });
  }
  return tokens;
}

class Parser {
  private at = 0;

  constructor(
    private readonly tokens: Token[],
    private readonly queryable: readonly string[],
  ) {}

  parse(): Predicate {
    const predicate = this.alternatives();
    if (this.at < this.tokens.length) throw new Refusal(`Not expected: ${this.tokens[this.at]?.value}`);
    return predicate;
  }

  private alternatives(): Predicate {
    const parts = [this.conjunction()];
    while (this.skip('or')) parts.push(this.conjunction());
    return (row) => parts.some((part) => part(row));
  }

  private conjunction(): Predicate {
    const parts = [this.primary()];
    while (this.skip('and')) parts.push(this.primary());
    return (row) => parts.every((part) => part(row));
  }

  private primary(): Predicate {
    if (this.skip('(')) {
      const inner = this.alternatives();
      if (!this.skip(')')) throw new Refusal('A bracket is not closed.');
      return inner;
    }
    const [name, operator, value] = [this.next(), this.next(), this.next()];
    if (name?.kind !== 'word' || operator?.kind !== 'operator' || value === undefined) {
      throw new Refusal('An attribute, an operator and a value are expected.');
    }
    const isValue = value.kind === 'literal' || (value.kind === 'word' && /^\d+(\.\d+)?$/.test(value.value));
    if (!isValue) throw new Refusal(`Not a value: ${value.value}`);
    return comparison(name.value, operator.value, value.value, this.queryable);
  }

  private next(): Token | undefined {
    const token = this.tokens[this.at];
    this.at += 1;
    return token;
  }

  private skip(word: string): boolean {
    const token = this.tokens[this.at];
    const found = token !== undefined && token.kind !== 'literal' && token.value.toLowerCase() === word;
    if (found) this.at += 1;
    return found;
  }
}

function comparison(name: string, operator: Operator, value: string, queryable: readonly string[]): Predicate {
  if (!queryable.includes(name)) throw new Refusal(`The attribute ${name} cannot be queried.`);
  if (name.endsWith('Date')) {
    const moment = Date.parse(value);
    if (Number.isNaN(moment) || operator === 'like') throw new Refusal(`Not a date: ${value}`);
    return (row) => holds(Date.parse(String(row[name])) - moment, operator);
  }
  if (operator === 'like') {
    const pattern = new RegExp(`^${value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('%', '.*')}$`, 's');
    return (row) => pattern.test(textOf(row[name]));
  }
  return (row) => holds(textOf(row[name]) < value ? -1 : Number(textOf(row[name]) > value), operator);
}

function holds(difference: number, operator: Exclude<Operator, 'like'>): boolean {
  switch (operator) {
    case '=':
      return difference === 0;
    case '!=':
    case '<>':
      return difference !== 0;
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
    case '>':
      return difference > 0;
    case '>=':
      return difference >= 0;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
