/** A breadth-first search over every state that a system can reach, so that the trace of a violation is a shortest one. */
import { createHash } from 'node:crypto';

/** One thing that can happen next, and the state after it. */
export interface Step<State> {
  label: string;
  next: State;
}

/** A system to be searched. States are values: a step makes a new one. */
export interface Space<State> {
  initial: State;
  /** Two states with the same key have the same future. */
  key(state: State): string;
  steps(state: State): Step<State>[];
  /** Returns what is wrong with a state, or null. */
  complaint(state: State): string | null;
}

/** What a search saw. `depth` is the number of steps of the longest shortest path. */
export interface Found {
  states: number;
  steps: number;
  depth: number;
  violation: { complaint: string; trace: string[] } | null;
}

interface Graph {
  parents: number[];
  labels: string[];
  from: number[];
  to: number[];
}

/** 96 bits of each key are kept instead of the key: with a million states two of them meet once in 10^17 searches. */
function digest(key: string): string {
  return createHash('sha1').update(key).digest('base64').slice(0, 16);
}

function traceTo({ parents, labels }: Graph, index: number): string[] {
  const trace: string[] = [];
  for (let at = index; at > 0; at = parents[at] ?? 0) trace.unshift(labels[at] ?? '');
  return trace;
}

/** A state from which the system can come back to itself: it would never have to end. */
function onCycle({ parents, from, to }: Graph): number | null {
  const starts = new Int32Array(parents.length + 1);
  const incoming = new Int32Array(parents.length);
  for (const source of from) starts[source + 1] = (starts[source + 1] ?? 0) + 1;
  for (let index = 0; index < parents.length; index += 1) starts[index + 1]! += starts[index]!;
  const fill = starts.slice();
  const targets = new Int32Array(to.length);
  from.forEach((source, edge) => {
    targets[fill[source]!++] = to[edge]!;
    incoming[to[edge]!]! += 1;
  });
  const free = [...incoming.keys()].filter((index) => incoming[index] === 0);
  for (let index = free.pop(); index !== undefined; index = free.pop()) {
    for (const target of targets.subarray(starts[index], starts[index + 1])) {
      incoming[target]! -= 1;
      if (incoming[target] === 0) free.push(target);
    }
  }
  const left = incoming.findIndex((count) => count > 0);
  return left === -1 ? null : left;
}

/** Walks every state once and stops at the first violation; a cycle counts as one, since every run has to end or wait. */
export function search<State>(space: Space<State>): Found {
  const graph: Graph = { parents: [0], labels: [''], from: [], to: [] };
  const known = new Map([[digest(space.key(space.initial)), 0]]);
  let level: [number, State][] = [[0, space.initial]];
  const seen = (depth: number) => ({ states: known.size, steps: graph.from.length, depth });
  for (let depth = 0; level.length > 0; depth += 1) {
    const next: typeof level = [];
    for (const [index, state] of level) {
      const complaint = space.complaint(state);
      if (complaint) return { ...seen(depth), violation: { complaint, trace: traceTo(graph, index) } };
      for (const step of space.steps(state)) visit(index, step, next);
    }
    level = next;
    if (level.length === 0) {
      const cycle = onCycle(graph);
      const violation = cycle === null ? null : { complaint: 'it may never end', trace: traceTo(graph, cycle) };
      return { ...seen(depth), violation };
    }
  }
  throw new Error('a search ends with its last level');

  function visit(from: number, step: Step<State>, next: typeof level): void {
    const key = digest(space.key(step.next));
    let to = known.get(key);
    if (to === undefined) {
      to = known.size;
      known.set(key, to);
      graph.parents.push(from);
      graph.labels.push(step.label);
      next.push([to, step.next]);
    }
    graph.from.push(from);
    graph.to.push(to);
  }
}

/** Follows a trace by its labels; throws if a label is not among the next steps. */
export function follow<State>(space: Space<State>, trace: readonly string[]): State {
  return trace.reduce((state, label) => {
    const steps = space.steps(state);
    const step = steps.find((candidate) => candidate.label === label);
    if (!step) throw new Error(`"${label}" cannot happen here, only: ${steps.map((other) => other.label).join(', ')}`);
    return step.next;
  }, space.initial);
}
