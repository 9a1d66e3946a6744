/**
 * `npx tsx tools/errors.ts`: writes docs/errors.md from the table of problems. With `--check` it changes nothing and fails if the page
 * is not up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { statusOf } from '../src/cli/output/exit-status';
import { FAILURE_TYPES, type FailureType } from '../src/protocol/names';
import { createProblem, PROBLEMS } from '../src/protocol/problems';

export const ERRORS = join(__dirname, '../docs/errors.md');

const INTRODUCTION = `Generated from the table of problems by \`npx tsx tools/errors.ts\`.

The \`error\` of a failed or held push has \`type\`, \`reason\`, \`stage\`, \`message\`, \`whoMustAct\` and \`nextStep\`. \`type\` is also the type of the
\`ApplicationFailure\` in Temporal, and the argument of \`hrflow-temporal retry --all --reason\`. The table shows the defaults of each type. A more specific
\`whoMustAct\` or \`nextStep\` of an error replaces them.

- *Retried*: yes means until \`retry.giveUpAfterMs\` of the settings has passed, or five attempts if the error is probably permanent. Then, or if no, the push
  fails or is held. A step that may succeed later, such as an enrichment before the candidate is visible, is retried whatever its type. A refused token is
  replaced once.
- *Exit status* is that of a failed push on the command line. It is 4 if the push is held, or if its outcome is unknown.`;

/** The page, from the table as it is. */
export function errorsPage(): string {
  return [
    '# Errors',
    INTRODUCTION,
    [
      '| Type | Meaning | Who must act | What to do | Retried | Exit status |',
      '|---|---|---|---|---|---|',
      ...FAILURE_TYPES.map(rowOf),
    ].join('\n'),
    '',
  ]
    .join('\n\n')
    .replace(/\n\n$/, '\n');
}

function rowOf(type: FailureType): string {
  const { meaning, whoMustAct, nextStep, retryable } = PROBLEMS[type];
  return `| \`${type}\` | ${meaning} | ${whoMustAct} | ${nextStep} | ${retryable ? 'yes' : 'no'} | ${exitStatusOf(type)} |`;
}

/** A push whose outcome is unknown ends as a held one does. */
function exitStatusOf(type: FailureType): number {
  const error = createProblem({ type, reason: 'write_failure', stage: 'pushApplicant', message: '' });
  return type === 'unknown_outcome'
    ? statusOf({ state: 'held', result: null, error })
    : statusOf({ state: 'failed', result: null, error });
}

if (require.main === module) {
  const page = errorsPage();
  const current = process.argv.includes('--check') ? readFileSync(ERRORS, 'utf8') : page;
  if (current !== page) throw new Error('docs/errors.md is not up to date: npx tsx tools/errors.ts');
  writeFileSync(ERRORS, page);
}
