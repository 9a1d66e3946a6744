import type { z } from 'zod';

/** As much as a person reads, and a message can hold: a document may be wrong in thousands of places. */
const MAX_ISSUES = 20;
const MAX_KEYS = 10;
const MAX_NAME_LENGTH = 200;

/** The issues of a zod error as `path: reason`, without any value of the input; of many the first twenty. */
export function describeIssues(error: z.ZodError, prefix: readonly PropertyKey[] = []): string {
  const shown = error.issues.slice(0, MAX_ISSUES).map((issue) => describeIssue(issue, prefix));
  return [...shown, ...andMore(error.issues.length - MAX_ISSUES)].join('; ');
}

function andMore(count: number): string[] {
  return count > 0 ? [`and ${count} more`] : [];
}

function unknownFields(keys: readonly string[]): string {
  const shown = keys.slice(0, MAX_KEYS).map((key) => `"${key.slice(0, MAX_NAME_LENGTH)}"`);
  return [...shown, ...andMore(keys.length - MAX_KEYS)].join(', ');
}

function describeIssue(issue: z.core.$ZodIssue, prefix: readonly PropertyKey[]): string {
  const path =
    [...prefix, ...issue.path].map((part) => String(part).slice(0, MAX_NAME_LENGTH)).join('.') || '(the whole)';
  if (issue.code === 'unrecognized_keys') return `${path}: unknown field ${unknownFields(issue.keys)}`;
  if (isMissing(issue)) return `${path}: is missing`;
  if (issue.code === 'invalid_union' && issue.message.startsWith('Invalid input'))
    return `${path}: no accepted form fits`;
  return `${path}: ${issue.message}`;
}

/** Whether nothing was given at all, in none of the forms that are accepted. */
function isMissing(issue: z.core.$ZodIssue): boolean {
  if (issue.code !== 'invalid_union') return issue.message.endsWith('received undefined');
  const forms = issue.errors.map(([first]) => first);
  return forms.length > 0 && forms.every((form) => form?.path.length === 0 && isMissing(form));
}
