import type { FormatAnswer, FormatInput } from '../protocol/messages';
import type { Dependencies } from '../push/dependencies';
import { makeDocuments } from '../push/format';
import { LABELS, runStep } from './step';

/** The activity `format`. */
export function format(dependencies: Dependencies, input: FormatInput): Promise<FormatAnswer> {
  return runStep(LABELS.format, ({ now }) => makeDocuments(dependencies, input, now()));
}
