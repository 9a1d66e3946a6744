import type { z } from 'zod';
import type { ConnectorAction, OpenAction } from './connector';

/** Ties a parameter schema to the functions that take its parameters, so that no caller needs their type. */
export function defineAction<S extends z.ZodType>(action: {
  readonly parameters: S;
  readonly document: z.ZodType;
  readonly placeMembers: readonly string[];
  readonly canLookUp: boolean;
  readonly networkAuth: boolean;
  open(parameters: z.output<S>): OpenAction;
}): ConnectorAction & { readonly parameters: S } {
  return { ...action, open: (targetParameters) => action.open(action.parameters.parse(targetParameters)) };
}
