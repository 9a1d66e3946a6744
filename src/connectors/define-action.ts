import type { z } from 'zod';
import type { ConnectorAction, BoundAction } from './connector';

/** Ties a parameter schema to the functions that take its parameters, so that no caller needs their type. */
export function defineAction<S extends z.ZodType>(action: {
  readonly parameters: S;
  readonly document: z.ZodType;
  readonly identityParameters: readonly string[];
  readonly canLookUp: boolean;
  readonly networkAuth: boolean;
  bind(parameters: z.output<S>): BoundAction;
}): ConnectorAction & { readonly parameters: S } {
  return { ...action, bind: (targetParameters) => action.bind(action.parameters.parse(targetParameters)) };
}
