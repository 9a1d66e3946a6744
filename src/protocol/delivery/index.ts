/**
 * The state machine that makes "one candidate, once" true: pure, one serializable object, no clock of its own.
 *
 * A driver calls {@link decide}, carries the command out, and hands the event to {@link apply}. The workflow is one driver. `recall`
 * replays the history of an earlier run through the same functions, continue-as-new carries the object over, and the tests walk every
 * sequence of events. `docs/delivery.md` explains the protocol in words.
 *
 * - `state.ts`: the types, and the invariants that hold in every state
 * - `decide.ts`: what to do next, as a table of rules in order of priority
 * - `transitions.ts`: the events, and the state after each
 * - `lookups.ts`: what the answer of a lookup means
 * - `queries.ts`: what others ask of a state
 */
export * from './state';
export * from './decide';
export * from './transitions';
export * from './lookups';
export * from './queries';
